#pragma once

#include <cstdint>
#include <optional>

#include "core/drop.hpp"
#include "core/random.hpp"
#include "core/result.hpp"
#include "core/sequence.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "rtp/address.hpp"

namespace mediaswitch {

/// How packets came to be.
enum class Origin : std::uint8_t {
  /// One for one what another leg sent.
  Relayed,
  /// What another leg sent, cut anew.
  Repacketized,
  /// Audio of ours: mixed or played.
  Spoken,
  /// Key presses of ours.
  Digits,
};

/// Whose packets a leg hears. Another one of these is another source, with numbers of its own.
struct SourceKey {
  ChannelId channel;
  Ssrc ssrc;
  Address from;
  Origin origin = Origin::Relayed;
  /// That its timestamps count by, where that may change.
  ClockRate clock{};
  friend constexpr bool operator==(const SourceKey&, const SourceKey&) = default;
};

/// The one RTP stream a channel sends, whoever is heard in it.
///
/// Sequence and timestamp are the source's plus a constant, so gaps, reordering and clock drift pass through
/// and the receiver sees the network as it is. The constants are set anew only when the source changes: the
/// sequence goes on by one, the timestamp by the time that passed, at least the last packet's length.
class OutgoingStream {
 public:
  /// SSRC and both starting points are random (RFC 3550 §5.1).
  explicit OutgoingStream(Random& random);

  struct Incoming {
    SourceKey source;
    ExtendedSequence sequence;
    RtpTimestamp timestamp;
    /// What the packet's audio lasts; 0 for a telephone-event.
    RtpTicks length;
  };
  struct Stamp {
    SequenceNumber sequence;
    RtpTimestamp timestamp;
  };

  /// BeforeSource: older than the packet at which this source was taken up; its number was given to the
  /// source before it.
  Result<Stamp, Drop> place(const Incoming& packet, Time now, ClockRate clock);

  /// What its RTP clock shows at an instant; nullopt: nothing was sent yet.
  [[nodiscard]] std::optional<RtpTimestamp> clock_at(Time now, ClockRate clock) const;

  [[nodiscard]] Ssrc ssrc() const { return ssrc_; }

 private:
  /// The newest packet placed: as it came, and as it went out.
  struct Newest {
    ExtendedSequence sequence;
    SequenceNumber out;
  };
  /// What the RTP clock showed at an instant, and the length of the audio that began there.
  struct Tick {
    RtpTimestamp timestamp;
    RtpTicks length;
    Time at;
  };

  void take_up(const Incoming& packet, Time now, ClockRate clock);
  void note_clock(const Tick& tick);

  Ssrc ssrc_;
  std::uint16_t sequence_offset_;
  std::uint32_t timestamp_offset_;
  std::optional<SourceKey> source_;
  std::optional<ExtendedSequence> oldest_allowed_;
  std::optional<Newest> newest_;
  std::optional<Tick> clock_;
};

}  // namespace mediaswitch
