#include "io/writer_feed.hpp"

#include <algorithm>
#include <array>

namespace mediaswitch {

WriterFeed::~WriterFeed() { line_->ended.sound(WriterEnded{.writer = line_->spec.id}); }

FrameSource::Yield WriterFeed::next(Frame& out) {
  // Read before the ring: after the end was seen, all that was written is seen too.
  const WriterLine::Progress progress = line_->progress.load(std::memory_order_acquire);
  if (progress == WriterLine::Progress::Discarded) return Yield::End;
  std::array<std::int16_t, wide_frame> written{};
  const std::span frame = std::span(written).first(samples_in(frame_length, line_->spec.sampling).value);
  const bool is_last = line_->ring.size() < frame.size();
  if (is_last && progress == WriterLine::Progress::Open) {
    line_->writable.sound(Writable{.writer = line_->spec.id});
    return Yield::Late;
  }
  if (line_->ring.pop(frame) == 0) return Yield::End;
  match_.process(frame, line_->spec.sampling, out.pcm(), out.sampling);
  if (line_->ring.size() <= line_->ring.capacity() / 2) {
    line_->writable.sound(Writable{.writer = line_->spec.id});
  }
  return Yield::Audio;
}

PlayEnd WriterFeed::reason() const {
  return line_->progress.load(std::memory_order_acquire) == WriterLine::Progress::Discarded
             ? PlayEnd::Stopped
             : PlayEnd::Completed;
}

std::size_t WriterFill::write(std::span<const std::int16_t> samples) {
  if (line_->progress.load(std::memory_order_relaxed) != WriterLine::Progress::Open) return 0;
  const std::size_t taken = line_->ring.push(samples);
  if (taken < samples.size()) line_->writable.arm();
  return taken;
}

void WriterFill::end() {
  auto open = WriterLine::Progress::Open;
  line_->progress.compare_exchange_strong(open, WriterLine::Progress::Ended, std::memory_order_release);
}

void WriterFill::close() {
  line_->progress.store(WriterLine::Progress::Discarded, std::memory_order_release);
}

OpenedWriter open_writer(const WriterSpec& spec, Events& events, Waker& waker) {
  auto line = std::make_shared<WriterLine>(spec, events, waker);
  return {.feed = std::make_unique<WriterFeed>(line), .fill = std::make_unique<WriterFill>(line)};
}

}  // namespace mediaswitch
