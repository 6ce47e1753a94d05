#include "audio/recorder.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace mediaswitch {
namespace {

/// Ticks kept of the time before the gate opens: twice what the average takes to notice, at most 2 s.
std::size_t ticks_before(std::uint32_t average_packets) {
  const std::size_t most = 100;
  return std::min(2 * std::size_t{average_packets}, most);
}

std::int16_t sum_of(std::int16_t one, std::int16_t other) {
  using Limits = std::numeric_limits<std::int16_t>;
  const int sum = one + other;
  return static_cast<std::int16_t>(std::clamp<int>(sum, Limits::min(), Limits::max()));
}

}  // namespace

Recorder::Recorder(const Recording& recording, const Options& options, OpenSink open)
    : recording_(recording),
      options_(options),
      open_(std::move(open)),
      state_(options.begin == Begin::Held ? State::Held : State::Gated),
      meter_(recording.average_packets, options.heard_before),
      in_converter_(options.sampling, options.sampling),
      out_converter_(options.sampling, options.sampling) {}

Recorder::News Recorder::start() { return state_ == State::Held ? News{} : begin(); }

Recorder::News Recorder::begin() {
  state_ = State::Gated;
  if (is_gated()) return {};
  if (const auto refused = open()) return finish(*refused);
  state_ = State::Writing;
  return {.change = Change::Recording, .finish = {}};
}

Recorder::News Recorder::take(const Frame* in, const Frame* out) {
  // How loud a pause is has no say in what goes on after it.
  if (state_ == State::Finished || is_paused_) return {};
  hear(in);
  switch (state_) {
    case State::Held:
      if (in != nullptr) hold(*in);
      return {};
    case State::Gated: lay_out(in, out); return wait_for_power();
    case State::Writing: lay_out(in, out); return write_tick();
    case State::Finished: return {};
  }
  return {};
}

Recorder::News Recorder::release() {
  if (state_ != State::Held) return {};
  if (held_.empty()) return begin();
  if (const auto refused = open()) return finish(*refused);
  state_ = is_gated() ? State::Gated : State::Writing;
  News news;
  if (!is_gated()) news.change = Change::Recording;

  const bool is_right_silent = recording_.direction == RecordDirection::Both;
  tick_.clear();
  for (const std::int16_t sample : held_) {
    tick_.push_back(sample);
    if (recording_.channels == 2) tick_.push_back(is_right_silent ? std::int16_t{0} : sample);
  }
  held_ = {};
  if (const auto ended = file_->write(tick_)) news.finish = finish(*ended).finish;
  return news;
}

Recorder::News Recorder::pause() {
  if (state_ == State::Finished || is_paused_) return {};
  is_paused_ = true;
  before_.clear();
  News news{.change = Change::Paused, .finish = {}};
  const auto refused = file_ ? file_->flush() : std::nullopt;
  if (refused) news.finish = finish(*refused).finish;
  return news;
}

Recorder::News Recorder::resume() {
  if (state_ == State::Finished || !is_paused_) return {};
  is_paused_ = false;
  return {.change = Change::Resumed, .finish = {}};
}

Recorder::News Recorder::finish(RecordEnd reason) {
  if (state_ == State::Finished) return {};
  state_ = State::Finished;
  held_ = {};
  before_ = {};
  Finish finish{.reason = reason, .octets = 0, .duration = {}};
  if (file_) {
    if (const auto refused = file_->flush()) finish.reason = *refused;
    finish.octets = file_->octets();
    finish.duration = file_->duration();
    file_.reset();
  }
  return {.change = {}, .finish = finish};
}

std::optional<RecordEnd> Recorder::open() {
  if (file_) return std::nullopt;
  auto sink = open_();
  if (!sink) return RecordEnd::OpenFailed;
  file_.emplace(std::move(sink), recording_.channels, options_.sampling);
  return file_->begin();
}

void Recorder::hear(const Frame* in) {
  if (!is_gated() && recording_.finish_below_power <= 0) return;
  if (in != nullptr) {
    meter_.hear(in->pcm());
  } else {
    meter_.miss();
  }
}

void Recorder::hold(const Frame& in) {
  if (recording_.direction == RecordDirection::Out) return;
  const auto pcm = converted(in, in_converter_, in_);
  held_.insert(held_.end(), pcm.begin(), pcm.end());
  if (held_.size() > most_held) {
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(held_.size() - most_held));
  }
}

Recorder::News Recorder::wait_for_power() {
  if (meter_.average() <= recording_.start_above_power) {
    before_.insert(before_.end(), tick_.begin(), tick_.end());
    const std::size_t tick =
        std::size_t{recording_.channels} * samples_in(frame_length, options_.sampling).value;
    const std::size_t most = ticks_before(recording_.average_packets) * tick;
    if (before_.size() > most) {
      before_.erase(before_.begin(), before_.begin() + static_cast<std::ptrdiff_t>(before_.size() - most));
    }
    return {};
  }
  if (const auto refused = open()) return finish(*refused);
  state_ = State::Writing;
  tick_.insert(tick_.begin(), before_.begin(), before_.end());
  before_ = {};
  // Of more than there is room for, the end: there somebody speaks.
  const std::uint64_t room = samples_left() * recording_.channels;
  if (tick_.size() > room) {
    tick_.erase(tick_.begin(), tick_.end() - static_cast<std::ptrdiff_t>(room));
  }
  return {.change = Change::AbovePower, .finish = write_tick().finish};
}

Recorder::News Recorder::write_tick() {
  const std::uint64_t room = samples_left() * recording_.channels;
  const auto written =
      std::span(tick_).first(static_cast<std::size_t>(std::min<std::uint64_t>(tick_.size(), room)));
  counted_ += written.size() / recording_.channels;
  peak_ = std::max(peak_, meter_.average());
  if (const auto ended = file_->write(written)) return finish(*ended);
  if (const auto reached = limit_reached()) return finish(*reached);
  return {};
}

std::optional<RecordEnd> Recorder::limit_reached() const {
  if (counted_ < samples_of(recording_.least)) return std::nullopt;
  const double floor = recording_.finish_below_power;
  if (floor > 0 && peak_ > floor && meter_.average() < floor) return RecordEnd::BelowPower;
  if (recording_.longest > Millis(0) && samples_left() == 0) return RecordEnd::Timeout;
  return std::nullopt;
}

std::uint64_t Recorder::samples_left() const {
  // More than any file holds, and few enough to be multiplied.
  if (recording_.longest <= Millis(0)) return std::numeric_limits<std::uint32_t>::max();
  return samples_of(std::max(recording_.longest, recording_.least)) - counted_;
}

std::uint64_t Recorder::samples_of(Millis length) const {
  const Millis most = std::chrono::hours(24 * 365);
  const Millis within = std::clamp(length, Millis(0), most);
  return static_cast<std::uint64_t>(within.count()) * options_.sampling.value / 1000;
}

void Recorder::lay_out(const Frame* in, const Frame* out) {
  tick_.clear();
  if (recording_.direction == RecordDirection::Out) in = nullptr;
  if (recording_.direction == RecordDirection::In) out = nullptr;
  if (in == nullptr && out == nullptr) return;

  const std::size_t length = samples_in(frame_length, options_.sampling).value;
  static constexpr std::array<std::int16_t, wide_frame> silence{};
  const auto nobody = std::span(silence).first(length);
  auto left = in != nullptr ? converted(*in, in_converter_, in_) : nobody;
  auto right = out != nullptr ? converted(*out, out_converter_, out_) : nobody;
  if (recording_.direction == RecordDirection::In) right = left;
  if (recording_.direction == RecordDirection::Out) left = right;

  const bool is_sum = recording_.direction == RecordDirection::Both;
  for (std::size_t i = 0; i < length; ++i) {
    if (recording_.channels == 2) {
      tick_.push_back(left[i]);
      tick_.push_back(right[i]);
    } else {
      tick_.push_back(is_sum ? sum_of(left[i], right[i]) : left[i]);
    }
  }
}

std::span<const std::int16_t> Recorder::converted(const Frame& frame,
                                                  RateConverter& converter,
                                                  std::vector<std::int16_t>& to) const {
  if (frame.sampling != converter.from()) converter = RateConverter(frame.sampling, options_.sampling);
  to.clear();
  converter.convert(frame.pcm(), to);
  to.resize(samples_in(frame_length, options_.sampling).value);
  return to;
}

}  // namespace mediaswitch
