#include "rtp/repacketizer.hpp"

#include <algorithm>

namespace mediaswitch {

Repacketizer::Repacketizer(AudioFormat from, AudioFormat to, Millis ptime)
    : decoder_(from, traits(to).clocks.sampling, Decoder::OnLoss::Conceal),
      encoder_(to),
      packet_samples_(samples_in(possible_ptime(to, ptime), traits(to).clocks.sampling).value),
      packet_octets_(packet_samples_ / traits(to).unit.samples.value * traits(to).unit.octets),
      ptime_(possible_ptime(to, ptime)) {}

Millis Repacketizer::possible_ptime(AudioFormat format, Millis wanted) {
  const FormatTraits& own = traits(format);
  const std::uint32_t unit = own.unit.samples.value;
  const std::uint32_t samples = samples_in(wanted, own.clocks.sampling).value;
  const std::uint32_t rounded = std::max(unit, (samples + unit - 1) / unit * unit);
  return Millis{rounded * 1000 / own.clocks.sampling.value};
}

RtpTicks Repacketizer::ticks_of(std::size_t samples) const {
  const CodecClocks& clocks = traits(encoder_.format()).clocks;
  return {static_cast<std::uint32_t>(samples * clocks.rtp.value / clocks.sampling.value)};
}

std::size_t Repacketizer::samples_of(std::int32_t ticks) const {
  const CodecClocks& clocks = traits(encoder_.format()).clocks;
  return static_cast<std::size_t>(ticks) * clocks.sampling.value / clocks.rtp.value;
}

std::optional<Drop> Repacketizer::take(const Packet& packet) {
  if (packet.is_first) newest_.reset();
  if (newest_ && packet.sequence == *newest_) return Drop::DuplicatePacket;
  if (newest_ && packet.sequence < *newest_) return Drop::LateForDecoder;
  const std::size_t samples = decoder_.samples_of(packet.payload.size());
  if (samples == 0 || samples > most_samples) return Drop::BadPayload;
  // One more for what was collected before, one for a gap that is filled up.
  const std::size_t pieces = samples / packet_samples_ + 2;
  if (piece_count_ + pieces > most_pieces || octets_size_ + pieces * packet_octets_ > octets_.size()) {
    return Drop::JitterBufferFull;
  }

  if (!newest_) {
    collected_size_ = 0;
    collected_from_ = packet.timestamp;
  } else if (collected_from_ + ticks_of(collected_size_) != packet.timestamp) {
    cross_gap(packet.timestamp, packet.sequence.value - newest_->value - 1);
  }
  const std::size_t decoded = decoder_.decode(packet.payload, std::span(collected_).subspan(collected_size_));
  if (decoded == 0) return Drop::BadPayload;
  newest_ = packet.sequence;
  collected_size_ += decoded;
  while (collected_size_ >= packet_samples_) cut();
  return std::nullopt;
}

/// What was begun is filled up with concealment, so that its start is heard, and goes; then a packet begins
/// where the newest one does. Packets lost on the way here are lost on the way out too; a pause of the sender
/// is not.
void Repacketizer::cross_gap(RtpTimestamp to, std::int64_t packets_lost) {
  const std::int32_t ticks = ticks_between(collected_from_ + ticks_of(collected_size_), to);
  if (ticks > 0 && collected_size_ > 0) {
    const std::size_t missing = std::min(packet_samples_ - collected_size_, samples_of(ticks));
    decoder_.conceal(std::span(collected_).subspan(collected_size_, missing));
    collected_size_ += missing;
    if (collected_size_ < packet_samples_) return;  // the gap ends within the packet
    cut();
  }
  const std::int32_t silent = ticks_between(collected_from_, to);
  if (packets_lost > 0 && silent > 0) {
    next_sequence_.value += silent / static_cast<std::int32_t>(ticks_of(packet_samples_).value);
  }
  collected_size_ = 0;
  collected_from_ = to;
}

/// The oldest collected samples become a packet.
void Repacketizer::cut() {
  Piece& piece = pieces_[piece_count_];
  const auto pcm = std::span<const std::int16_t>(collected_).first(packet_samples_);
  const RtpTicks length = ticks_of(packet_samples_);
  piece = {.sequence = next_sequence_,
           .timestamp = collected_from_,
           .length = length,
           .octets = encoder_.encode(pcm, std::span(octets_).subspan(octets_size_))};
  ++piece_count_;
  octets_size_ += piece.octets;
  ++next_sequence_.value;
  collected_from_ = collected_from_ + length;
  std::copy(collected_.begin() + static_cast<std::ptrdiff_t>(packet_samples_),
            collected_.begin() + static_cast<std::ptrdiff_t>(collected_size_),
            collected_.begin());
  collected_size_ -= packet_samples_;
}

std::optional<Repacketizer::Piece> Repacketizer::next(Time now, std::span<std::uint8_t> payload) {
  if (piece_count_ == 0) return std::nullopt;
  // Ticks and arrivals are not in step: half a packet early is in time.
  if (sent_at_ && now - *sent_at_ < ptime_ / 2) return std::nullopt;
  sent_at_ = now;
  const Piece piece = pieces_.front();
  std::copy_n(octets_.begin(), piece.octets, payload.begin());
  std::copy(
      pieces_.begin() + 1, pieces_.begin() + static_cast<std::ptrdiff_t>(piece_count_), pieces_.begin());
  std::copy(octets_.begin() + static_cast<std::ptrdiff_t>(piece.octets),
            octets_.begin() + static_cast<std::ptrdiff_t>(octets_size_),
            octets_.begin());
  --piece_count_;
  octets_size_ -= piece.octets;
  return piece;
}

}  // namespace mediaswitch
