#pragma once

#include <array>
#include <compare>
#include <cstdint>

namespace mediaswitch {

/// Where a datagram comes from or goes to. An IPv4 address is held in its IPv4-mapped IPv6 form
/// (RFC 4291 §2.5.5.2), so that it equals itself whichever kind of socket it came through.
struct Address {
  std::array<std::uint8_t, 16> ip{};
  std::uint16_t port = 0;

  /// `0.0.0.0` or `::`.
  [[nodiscard]] constexpr bool is_unspecified() const {
    constexpr std::array<std::uint8_t, 16> any_ipv4{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0};
    return ip == any_ipv4 || ip == std::array<std::uint8_t, 16>{};
  }

  friend constexpr auto operator<=>(const Address&, const Address&) = default;
};

}  // namespace mediaswitch
