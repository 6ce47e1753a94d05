#include "io/recorder_feed.hpp"

#include <utility>

namespace mediaswitch {
namespace {

/// Ticks written in one turn: half a second.
constexpr int most_in_turn = 25;

/// `HeardTick::note`.
constexpr std::uint8_t paused_bit = 1;
constexpr std::uint8_t released_bit = 2;
/// No time has passed, there is only something to tell.
constexpr std::uint8_t wishes_only_bit = 4;

std::uint8_t note_of(RecorderLine::Wishes wishes) {
  return static_cast<std::uint8_t>((wishes.is_paused ? paused_bit : 0) |
                                   (wishes.is_released ? released_bit : 0));
}

RecorderLine::Wishes wishes_of(std::uint8_t note) {
  return {.is_paused = (note & paused_bit) != 0, .is_released = (note & released_bit) != 0};
}

bool heeds_power(const Recording& recording) {
  return recording.start_above_power > 0 || recording.finish_below_power > 0;
}

std::size_t voices_of(const Recording& recording) {
  const bool is_one = recording.direction == RecordDirection::In ||
                      (recording.direction == RecordDirection::Out && !heeds_power(recording));
  return is_one ? 1 : 2;
}

RecordState state_of(Recorder::Change change) {
  switch (change) {
    case Recorder::Change::Recording: return RecordState::Recording;
    case Recorder::Change::AbovePower: return RecordState::AbovePower;
    case Recorder::Change::Paused: return RecordState::Paused;
    case Recorder::Change::Resumed: return RecordState::Resumed;
  }
  return RecordState::Recording;
}

}  // namespace

RecorderLine::RecorderLine(const RecorderSpec& its_spec, Events& events, Waker& waker)
    : spec(its_spec), ring(most_ticks, voices_of(spec.recording)), slow(events, waker) {
  slow.arm();
}

bool RecorderLine::wants_in() const {
  return spec.recording.direction != RecordDirection::Out || heeds_power(spec.recording);
}

bool RecorderLine::wants_out() const { return spec.recording.direction != RecordDirection::In; }

RecorderFeed::RecorderFeed(std::shared_ptr<RecorderLine> line, std::shared_ptr<Bell> bell)
    : line_(std::move(line)), bell_(std::move(bell)) {}

RecorderFeed::~RecorderFeed() { finish(RecordEnd::ChannelClosed); }

void RecorderFeed::begin(std::uint32_t heard_before) {
  line_->heard_before.store(heard_before, std::memory_order_release);
  bell_->ring();
}

void RecorderFeed::take(const Frame* in, const Frame* out) {
  if (is_over() || line_->has_ending.load(std::memory_order_relaxed)) return;
  const Frame* const left = line_->wants_in() ? in : nullptr;
  const Frame* const right = line_->wants_out() ? out : nullptr;
  if (line_->ring.push(left, right, note_of(wishes_))) return;
  line_->lost.fetch_add(1, std::memory_order_relaxed);
  line_->slow.sound(RecordChanged{
      .channel = line_->spec.channel, .recorder = line_->spec.recorder, .state = RecordState::SlowDisk});
}

void RecorderFeed::pause() {
  wishes_.is_paused = true;
  tell_wishes();
}

void RecorderFeed::resume() {
  wishes_.is_paused = false;
  tell_wishes();
}

void RecorderFeed::release() {
  wishes_.is_released = true;
  tell_wishes();
}

void RecorderFeed::tell_wishes() {
  line_->ring.push(nullptr, nullptr, static_cast<std::uint8_t>(note_of(wishes_) | wishes_only_bit));
  bell_->ring();
}

void RecorderFeed::finish(RecordEnd reason) {
  if (line_->has_ending.load(std::memory_order_relaxed)) return;
  line_->ending = {.reason = reason, .wishes = wishes_};
  line_->has_ending.store(true, std::memory_order_release);
  bell_->ring();
}

RecorderJob::RecorderJob(std::shared_ptr<RecorderLine> line, OpenSink open, Outlets outlets)
    : line_(std::move(line)), open_(std::move(open)), outlets_(std::move(outlets)) {}

FileJob::Progress RecorderJob::work() {
  // Read before the ring: after the end was seen, all that came before it is seen too.
  const bool has_ending = line_->has_ending.load(std::memory_order_acquire);
  if (has_begun()) {
    for (int turn = 0; turn < most_in_turn; ++turn) {
      if (recorder_->has_finished()) return Progress::Done;
      if (!line_->ring.pop(tick_)) break;
      heed(wishes_of(tick_.note));
      if ((tick_.note & wishes_only_bit) != 0) continue;
      tell(recorder_->take(tick_.has_in ? &tick_.in : nullptr, tick_.has_out ? &tick_.out : nullptr));
    }
    if (line_->ring.size() > 0) return Progress::More;
    line_->slow.arm();
    if (has_ending) heed(line_->ending.wishes);
    if (recorder_->has_finished()) return Progress::Done;
  }
  if (!has_ending) return Progress::Idle;
  finish(line_->ending.reason);
  return Progress::Done;
}

void RecorderJob::wrap_up() {
  Progress progress = Progress::More;
  while (progress == Progress::More) progress = work();
  if (progress == Progress::Idle) finish(RecordEnd::ChannelClosed);
}

bool RecorderJob::has_begun() {
  if (recorder_) return true;
  const std::int64_t heard_before = line_->heard_before.load(std::memory_order_acquire);
  if (heard_before < 0) return false;
  recorder_.emplace(line_->spec.recording,
                    Recorder::Options{.sampling = line_->spec.sampling,
                                      .begin = line_->spec.begin,
                                      .heard_before = static_cast<std::uint32_t>(heard_before)},
                    std::move(open_));
  tell(recorder_->start());
  return true;
}

void RecorderJob::heed(RecorderLine::Wishes wishes) {
  if (wishes.is_released && !heeded_.is_released) tell(recorder_->release());
  if (wishes.is_paused != heeded_.is_paused) {
    tell(wishes.is_paused ? recorder_->pause() : recorder_->resume());
  }
  heeded_ = wishes;
}

void RecorderJob::finish(RecordEnd reason) {
  if (recorder_) {
    tell(recorder_->finish(reason));
  } else {
    conclude({.reason = reason, .octets = 0, .duration = {}});
  }
}

void RecorderJob::tell(const Recorder::News& news) {
  if (news.change) {
    outlets_.events.offer(RecordChanged{
        .channel = line_->spec.channel, .recorder = line_->spec.recorder, .state = state_of(*news.change)});
  }
  if (news.finish) conclude(*news.finish);
}

void RecorderJob::conclude(const Recorder::Finish& finish) {
  line_->is_over.store(true, std::memory_order_release);
  outlets_.events.deliver(std::move(finished_),
                          RecordFinished{.channel = line_->spec.channel,
                                         .recorder = line_->spec.recorder,
                                         .reason = finish.reason,
                                         .octets = finish.octets,
                                         .duration = finish.duration});
  if (outlets_.on_done) outlets_.on_done();
}

}  // namespace mediaswitch
