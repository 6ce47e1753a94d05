#include "rtp/outgoing_stream.hpp"

#include <algorithm>

namespace mediaswitch {

OutgoingStream::OutgoingStream(Random& random)
    : ssrc_{random.next32()}, sequence_offset_(random.next16()), timestamp_offset_(random.next32()) {}

Result<OutgoingStream::Stamp, Drop> OutgoingStream::place(const Incoming& packet, Time now, ClockRate clock) {
  if (source_ != packet.source) take_up(packet, now, clock);
  if (oldest_allowed_ && packet.sequence < *oldest_allowed_) return Drop::BeforeSource;

  const auto number = static_cast<std::uint16_t>(truncate(packet.sequence).value + sequence_offset_);
  const Stamp stamp{.sequence = {number}, .timestamp = {packet.timestamp.value + timestamp_offset_}};
  if (!newest_ || packet.sequence > newest_->sequence) {
    newest_ = Newest{.sequence = packet.sequence, .out = stamp.sequence};
    note_clock({.timestamp = stamp.timestamp, .length = packet.length, .at = now});
  }
  return stamp;
}

std::optional<RtpTimestamp> OutgoingStream::clock_at(Time now, ClockRate clock) const {
  if (!clock_) return std::nullopt;
  return clock_->timestamp + ticks_in(now - clock_->at, clock);
}

/// Packets of one telephone-event all have the timestamp of its start (RFC 4733 §2.5.1.2), so only the first
/// of them tells what the clock shows.
void OutgoingStream::note_clock(const Tick& tick) {
  const bool is_audio = tick.length.value > 0;
  if (!clock_ || is_audio || ticks_between(clock_->timestamp, tick.timestamp) > 0) clock_ = tick;
}

void OutgoingStream::take_up(const Incoming& packet, Time now, ClockRate clock) {
  source_ = packet.source;
  if (!newest_ || !clock_) return;
  const RtpTicks passed = std::max(ticks_in(now - clock_->at, clock), clock_->length);
  const Stamp following{.sequence = next(newest_->out), .timestamp = clock_->timestamp + passed};
  sequence_offset_ = static_cast<std::uint16_t>(following.sequence.value - truncate(packet.sequence).value);
  timestamp_offset_ = following.timestamp.value - packet.timestamp.value;
  oldest_allowed_ = packet.sequence;
  newest_.reset();
}

}  // namespace mediaswitch
