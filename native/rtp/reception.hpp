#pragma once

#include <cstdint>
#include <optional>

#include "core/drop.hpp"
#include "core/result.hpp"
#include "core/sequence.hpp"
#include "core/time.hpp"
#include "core/units.hpp"

namespace mediaswitch {

/// What a receiver knows of one stream: order, loss and jitter by the algorithms of RFC 3550 appendix A.
///
/// DEPARTURE RFC 3550 A.1: no probation of two packets for a new SSRC. What gets here came from an address
/// that signalling named or that `SourceLatch` confirmed with three packets, and the first syllable counts.
class Reception {
 public:
  /// A packet's place among all of its source, or SequenceJump for the first one after a jump of more than
  /// 3,000 forward or 100 back; a second one in sequence with it is taken as a restart (A.1).
  Result<ExtendedSequence, Drop> note(Ssrc ssrc, SequenceNumber sequence);

  /// Jitter (A.8). For packets whose timestamp is their sampling instant; not for telephone-events.
  void note_transit(RtpTimestamp timestamp, Time arrived, ClockRate clock);

  /// Packets that never came, over all sources so far (A.3). Duplicates of one source hide losses of the
  /// same source only.
  [[nodiscard]] std::uint64_t lost() const;

  /// Interarrival jitter of the source now heard.
  [[nodiscard]] RtpTicks jitter() const { return {jitter_sixteenths_ / 16}; }

 private:
  void begin(std::int64_t extended);
  [[nodiscard]] std::uint64_t lost_of_this() const;

  std::optional<Ssrc> ssrc_;
  std::int64_t base_ = 0;
  std::int64_t highest_ = 0;
  std::int64_t received_ = 0;
  std::optional<SequenceNumber> after_jump_;
  std::uint64_t lost_before_ = 0;

  std::optional<std::uint32_t> transit_;
  std::uint32_t jitter_sixteenths_ = 0;
};

}  // namespace mediaswitch
