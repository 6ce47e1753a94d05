#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/units.hpp"

namespace mediaswitch {

/// How one stream is received (RFC 3550 §6.4.1, report block).
struct ReportBlock {
  /// Of whom it tells.
  Ssrc ssrc;
  /// Of the packets since the last report, in 256ths.
  std::uint8_t fraction_lost = 0;
  /// Since the start; negative where duplicates came. 24 bits on the wire.
  std::int32_t cumulative_lost = 0;
  std::uint32_t highest_sequence = 0;
  RtpTicks jitter{};
  /// Middle 32 bits of the NTP time of the last sender report heard, and how long ago it was, in 65,536ths of
  /// a second; both 0: none was.
  std::uint32_t last_report = 0;
  std::uint32_t since_last_report = 0;
  friend constexpr bool operator==(const ReportBlock&, const ReportBlock&) = default;
};

/// What a sender report adds to a receiver report (RFC 3550 §6.4.1).
struct SenderInfo {
  std::uint64_t ntp = 0;
  RtpTimestamp timestamp;
  std::uint32_t packets = 0;
  std::uint32_t octets = 0;
  friend constexpr bool operator==(const SenderInfo&, const SenderInfo&) = default;
};

/// Walks through a compound packet that `is_compound`. What is not understood (APP, feedback, XR) is passed
/// over.
class RtcpReader {
 public:
  /// RFC 3550 A.2: each part's version and length fit, the first is a report without padding, and of the
  /// others only the last has any (§6.4.1: in whole words).
  static bool is_compound(std::span<const std::uint8_t> packet);

  explicit RtcpReader(std::span<const std::uint8_t> packet) : rest_(packet) {}

  enum class Kind : std::uint8_t { SenderReport, ReceiverReport, Description, Goodbye, Other };
  /// One packet of the compound.
  struct Part {
    Kind kind = Kind::Other;
    /// Items the header counts: report blocks, sources.
    std::uint8_t count = 0;
    /// After the common header, without padding.
    std::span<const std::uint8_t> body;
  };
  /// nullopt: that was all.
  std::optional<Part> next();

  /// nullopt where a part is too short for what it counts.
  static std::optional<Ssrc> sender_of(const Part& part);
  static std::optional<SenderInfo> sender_info_of(const Part& part);
  /// The n-th report block of a report.
  static std::optional<ReportBlock> block_of(const Part& part, std::size_t n);
  /// The n-th source that says goodbye.
  static std::optional<Ssrc> leaver_of(const Part& part, std::size_t n);

 private:
  std::span<const std::uint8_t> rest_;
};

/// Writes a compound packet into a buffer that has the room.
class RtcpWriter {
 public:
  explicit RtcpWriter(std::span<std::uint8_t> buffer) : buffer_(buffer) {}

  /// A sender report where there is sender's information, else a receiver report.
  void report(Ssrc own, const std::optional<SenderInfo>& sender, const std::optional<ReportBlock>& block);
  /// SDES with a canonical name of at most 255 octets (RFC 3550 §6.5.1).
  void description(Ssrc own, std::string_view cname);
  void goodbye(Ssrc own);

  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::span<std::uint8_t> begin(std::uint8_t type, std::uint8_t count, std::size_t body_size);

  std::span<std::uint8_t> buffer_;
  std::size_t size_ = 0;
};

}  // namespace mediaswitch
