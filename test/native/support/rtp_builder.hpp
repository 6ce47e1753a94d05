#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mediaswitch::test {

using Octets = std::vector<std::uint8_t>;

/// Writes packets octet by octet, also wrong ones: not with the code under test.
struct RtpBuilder {
  unsigned version = 2;
  bool marker = false;
  unsigned payload_type = 0;
  std::uint16_t sequence = 1;
  std::uint32_t timestamp = 0;
  std::uint32_t ssrc = 0x01020304;
  std::vector<std::uint32_t> csrc = {};
  /// Words of the extension; an empty one has none but is there when `has_extension`.
  bool has_extension = false;
  std::vector<std::uint32_t> extension = {};
  Octets payload = Octets(160, 0x55);
  /// Octets of padding, the last one counting them; 0: no padding bit.
  std::uint8_t padding = 0;

  [[nodiscard]] Octets build() const {
    Octets out;
    out.push_back(static_cast<std::uint8_t>(version << 6U | (padding > 0 ? 0x20U : 0U) |
                                            (has_extension ? 0x10U : 0U) | (csrc.size() & 0x0FU)));
    out.push_back(static_cast<std::uint8_t>((marker ? 0x80U : 0U) | (payload_type & 0x7FU)));
    put16(out, sequence);
    put32(out, timestamp);
    put32(out, ssrc);
    for (const std::uint32_t each : csrc) put32(out, each);
    if (has_extension) {
      put16(out, 0xBEDE);
      put16(out, static_cast<std::uint16_t>(extension.size()));
      for (const std::uint32_t each : extension) put32(out, each);
    }
    out.insert(out.end(), payload.begin(), payload.end());
    if (padding > 0) {
      out.insert(out.end(), padding - 1U, 0);
      out.push_back(padding);
    }
    return out;
  }

  static void put16(Octets& out, std::uint16_t value) {
    out.push_back(static_cast<std::uint8_t>(value >> 8U));
    out.push_back(static_cast<std::uint8_t>(value & 0xFFU));
  }
  static void put32(Octets& out, std::uint32_t value) {
    put16(out, static_cast<std::uint16_t>(value >> 16U));
    put16(out, static_cast<std::uint16_t>(value & 0xFFFFU));
  }
};

inline std::uint16_t sequence_of(const Octets& packet) {
  return static_cast<std::uint16_t>(packet.at(2) << 8U | packet.at(3));
}
inline std::uint32_t word_at(const Octets& packet, std::size_t at) {
  return static_cast<std::uint32_t>(packet.at(at)) << 24U |
         static_cast<std::uint32_t>(packet.at(at + 1)) << 16U |
         static_cast<std::uint32_t>(packet.at(at + 2)) << 8U | packet.at(at + 3);
}
inline std::uint32_t timestamp_of(const Octets& packet) { return word_at(packet, 4); }
inline std::uint32_t ssrc_of(const Octets& packet) { return word_at(packet, 8); }
inline unsigned payload_type_of(const Octets& packet) { return packet.at(1) & 0x7FU; }
inline bool marker_of(const Octets& packet) { return (packet.at(1) & 0x80U) != 0; }
inline Octets payload_of(const Octets& packet) { return {packet.begin() + 12, packet.end()}; }

}  // namespace mediaswitch::test
