#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "codecs/codec.hpp"
#include "codecs/registry.hpp"
#include "codecs/resampled_decoder.hpp"
#include "core/drop.hpp"
#include "core/sequence.hpp"
#include "core/time.hpp"
#include "core/units.hpp"

namespace mediaswitch {

/// Packets of one length and format to packets of another: decoded, collected by their RTP timestamps,
/// encoded when there is enough for a packet, and handed out when it is that packet's time. A gap in what
/// comes is a gap in what goes. Allocates only when it is made.
class Repacketizer {
 public:
  /// `ptime` is rounded up to what the format can have.
  Repacketizer(AudioFormat from, AudioFormat to, Millis ptime);

  struct Packet {
    ExtendedSequence sequence;
    /// On the RTP clock of the format it is to become.
    RtpTimestamp timestamp;
    std::span<const std::uint8_t> payload;
    /// It begins a source: what was collected of the one before is given up.
    bool is_first = false;
  };
  /// BadPayload, DuplicatePacket, LateForDecoder, or JitterBufferFull where far more comes than time passes.
  std::optional<Drop> take(const Packet& packet);

  struct Piece {
    ExtendedSequence sequence;
    RtpTimestamp timestamp;
    RtpTicks length;
    std::size_t octets = 0;
  };
  /// The next packet, if there is one and it is due; its payload is written to `payload`, which has the room.
  std::optional<Piece> next(Time now, std::span<std::uint8_t> payload);

  /// Whether packets wait for their time.
  [[nodiscard]] bool has_pieces() const { return piece_count_ > 0; }

  /// The least length from `wanted` up that the format can have: a whole number of its units.
  [[nodiscard]] static Millis possible_ptime(AudioFormat format, Millis wanted);

 private:
  /// 240 ms of packets of 10 ms.
  static constexpr std::size_t most_pieces = 24;

  [[nodiscard]] RtpTicks ticks_of(std::size_t samples) const;
  [[nodiscard]] std::size_t samples_of(std::int32_t ticks) const;
  void cross_gap(RtpTimestamp to, std::int64_t packets_lost);
  void cut();

  ResampledDecoder decoder_;
  Encoder encoder_;
  std::size_t packet_samples_;
  std::size_t packet_octets_;
  Millis ptime_;

  /// What is not yet a packet, at the sampling rate of the format it becomes: less than a packet, and what
  /// the newest one brought.
  std::array<std::int16_t, 2 * most_samples> collected_{};
  std::size_t collected_size_ = 0;
  /// Of the first sample collected.
  RtpTimestamp collected_from_;
  std::optional<ExtendedSequence> newest_;

  /// Packets ready, the oldest first, their payloads one after the other in `octets_`.
  std::array<Piece, most_pieces> pieces_{};
  std::size_t piece_count_ = 0;
  std::array<std::uint8_t, 2 * most_octets> octets_{};
  std::size_t octets_size_ = 0;
  ExtendedSequence next_sequence_;
  std::optional<Time> sent_at_;
};

}  // namespace mediaswitch
