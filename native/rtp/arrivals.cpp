#include "rtp/arrivals.hpp"

namespace mediaswitch {

Result<Arrivals::Place, Drop> Arrivals::place(const Key& packet) {
  const Stream stream{.ssrc = packet.ssrc, .clock = packet.clock};
  const bool is_new_stream = stream_ != stream;
  if (is_new_stream) {
    if (is_straggler(stream, packet.sequence)) return Drop::LateForPlayout;
    if (stream_) before_ = {.stream = *stream_, .newest = seen_.newest()};
    stream_ = stream;
    seen_.clear();
    timestamp_ = packet.timestamp;
    begin_ = MediaSpan::zero();
  }

  const SequenceWindow::Place order = seen_.note(packet.sequence);
  switch (order) {
    case SequenceWindow::Place::Newest:
    case SequenceWindow::Place::Between: break;
    case SequenceWindow::Place::Seen: return Drop::DuplicatePacket;
    case SequenceWindow::Place::Before: return Drop::LateForPlayout;
  }

  const bool is_newest = order == SequenceWindow::Place::Newest;
  const MediaSpan begin = begin_ + span_of(ticks_between(timestamp_, packet.timestamp), packet.clock);
  if (is_newest) {
    timestamp_ = packet.timestamp;
    begin_ = begin;
  }
  return Place{.begin = begin, .is_newest = is_newest, .is_new_stream = is_new_stream};
}

bool Arrivals::is_straggler(const Stream& stream, ExtendedSequence sequence) const {
  return before_ && before_->stream == stream && !is_after(truncate(sequence), truncate(before_->newest));
}

}  // namespace mediaswitch
