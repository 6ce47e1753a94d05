#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/drop.hpp"
#include "core/random.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "rtp/reception.hpp"
#include "rtp/rtcp_packet.hpp"
#include "rtp/statistics.hpp"

namespace mediaswitch {

/// What one channel tells and is told by RTCP (RFC 3550 §6): sender and receiver reports, its name, its
/// goodbye. Sans-IO: `Channel` asks when a report is due and sends what it writes. Allocates nothing.
class RtcpSession {
 public:
  /// `random`: for its canonical name and for when it reports.
  ///
  /// DEPARTURE RFC 7022 §4.2: the name is drawn from `Random`, which nobody can guess without its seed but
  /// which is no cryptographic generator. The name keeps no secret; it only has to be nobody else's.
  explicit RtcpSession(Random random);

  /// Octets of the longest compound packet it writes.
  static constexpr std::size_t longest = 256;

  /// What a report tells of.
  struct Standing {
    Ssrc own;
    const Traffic& sent;
    /// What our outgoing stream's RTP clock shows now; nullopt: nothing was sent yet.
    std::optional<RtpTimestamp> media_clock;
    /// Of what we receive; a report ends its interval (RFC 3550 A.3).
    Reception& reception;
    /// Of the stream received.
    ClockRate clock;
    Time now;
    /// Wall clock as NTP has it: seconds since 1900 and their fraction (RFC 3550 §4).
    std::uint64_t ntp = 0;
  };

  /// A compound packet that came from the far end. `own`: SSRC of what we send; `heard`: of what we receive,
  /// nullopt where nothing came yet. nullopt: read. Else BadRtcp.
  ///
  /// DEPARTURE RFC 3550 §8.2: reports that bear our own SSRC are passed over and we keep it. Among two it is
  /// hardly ever chance, but our own stream sent back.
  std::optional<Drop> receive(std::span<const std::uint8_t> packet,
                              Ssrc own,
                              Time now,
                              std::optional<Ssrc> heard = std::nullopt);

  /// Whether it is time for a report: 5 s on average, randomised and reconsidered when it is over (§6.2,
  /// §6.3.1, §6.3.6), half of it for the first. The first call starts the time.
  [[nodiscard]] bool is_due(Time now);
  /// SR + SDES CNAME, RR where nothing was sent since the report before the last (§6.4). Octets written.
  std::size_t write_report(const Standing& standing, std::span<std::uint8_t, longest> out);
  /// The same with BYE at its end (§6.6); 0 when neither media nor a report was ever sent (§6.3.7).
  std::size_t write_goodbye(const Standing& standing, std::span<std::uint8_t, longest> out);

  /// How the far end receives what we send, by its reports (§6.4.1); nullopt while there was none.
  struct Heard {
    std::int32_t lost = 0;
    /// Of the last interval, 0–1.
    double fraction_lost = 0;
    std::uint32_t jitter_ticks = 0;
  };
  [[nodiscard]] const std::optional<Heard>& far_end() const { return heard_; }
  /// From LSR and DLSR (§6.4.1); nullopt: no report told of one of ours.
  [[nodiscard]] const std::optional<Time::duration>& round_trip() const { return round_trip_; }
  /// The far end said goodbye (BYE) for the stream we hear; until it reports again or another one is heard.
  [[nodiscard]] bool has_left() const { return left_.has_value(); }

 private:
  struct SenderReport {
    Ssrc from;
    /// Middle 32 bits of its NTP time.
    std::uint32_t ntp = 0;
    Time heard;
  };

  /// 96 random bits in base64 (RFC 7022 §4.2).
  static constexpr std::size_t cname_size = 16;

  [[nodiscard]] Time::duration interval();
  void note_part(const RtcpReader::Part& part, Ssrc own, Time now, std::optional<Ssrc> heard);
  void note_report(const ReportBlock& block, Time now);
  void note_round_trip(const ReportBlock& block, Time now);
  std::optional<SenderInfo> tell_sent(const Standing& standing);
  [[nodiscard]] std::optional<ReportBlock> tell_received(const Standing& standing) const;
  RtcpWriter write(const Standing& standing, std::span<std::uint8_t, longest> out);

  Random random_;
  std::array<char, cname_size> cname_{};
  /// When the last report was sent, or the time started.
  std::optional<Time> begin_;
  Time due_;
  bool has_reported_ = false;
  /// Packets sent until the last report and until the one before it.
  std::array<std::uint64_t, 2> sent_until_{};
  /// Of our last reports: when they were sent, by the middle 32 bits of their NTP time.
  struct Own {
    std::uint32_t ntp = 0;
    Time sent;
  };
  std::array<Own, 4> own_{};
  std::size_t next_own_ = 0;
  std::optional<SenderReport> last_heard_;

  std::optional<Heard> heard_;
  std::optional<Time::duration> round_trip_;
  /// Who said goodbye.
  std::optional<Ssrc> left_;
};

}  // namespace mediaswitch
