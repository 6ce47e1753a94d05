#pragma once

#include <cstdint>
#include <optional>

#include "core/drop.hpp"
#include "core/result.hpp"
#include "core/sequence.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "rtp/loss_pattern.hpp"

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
  /// Packets that their senders sent, as far as their numbers tell, over all sources so far (A.3).
  [[nodiscard]] std::uint64_t expected() const;
  /// Whether losses came one by one or in rows: `LossPattern::burst_ratio`.
  [[nodiscard]] std::optional<double> burst_ratio() const { return pattern_.burst_ratio(); }

  /// What a reception report tells of the source now heard, and begins its next interval (A.3).
  struct Report {
    Ssrc ssrc;
    /// Of the interval that ends, in 256ths.
    std::uint8_t fraction_lost = 0;
    /// Of this source; negative where duplicates came.
    std::int64_t cumulative_lost = 0;
    /// With the count of wraps above the sequence number.
    std::uint32_t highest_sequence = 0;
    RtpTicks jitter;
  };
  /// nullopt: nothing was heard since the last one; the interval goes on then (§6.4).
  std::optional<Report> take_report();

  /// The source now heard; nullopt: nothing was heard yet.
  [[nodiscard]] std::optional<Ssrc> source() const { return ssrc_; }

  /// Interarrival jitter of the source now heard.
  [[nodiscard]] RtpTicks jitter() const { return {static_cast<std::uint32_t>(jitter_sixteenths_ / 16)}; }

 private:
  void begin(std::int64_t extended);
  [[nodiscard]] std::int64_t expected_of_this() const { return received_ == 0 ? 0 : highest_ - base_ + 1; }
  [[nodiscard]] std::uint64_t lost_of_this() const;

  std::optional<Ssrc> ssrc_;
  std::int64_t base_ = 0;
  std::int64_t highest_ = 0;
  std::int64_t received_ = 0;
  /// At the last report.
  std::int64_t expected_prior_ = 0;
  std::int64_t received_prior_ = 0;
  std::optional<SequenceNumber> after_jump_;
  std::uint64_t lost_before_ = 0;
  std::uint64_t expected_before_ = 0;
  LossPattern pattern_;

  std::optional<std::uint32_t> transit_;
  std::uint64_t jitter_sixteenths_ = 0;
};

}  // namespace mediaswitch
