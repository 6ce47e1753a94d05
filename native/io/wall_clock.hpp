#pragma once

#include <chrono>
#include <cstdint>

namespace mediaswitch {

/// The machine's wall clock as NTP writes it: seconds since 1900 in the upper half, their fraction in the
/// lower (RFC 3550 §4).
inline std::uint64_t ntp_now() {
  // 70 years, 17 of them leap years (RFC 868).
  constexpr std::uint64_t from_1900_to_1970 = 2'208'988'800;
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  const auto nanos =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(since).count());
  constexpr std::uint64_t nanos_per_second = 1'000'000'000;
  const std::uint64_t seconds = nanos / nanos_per_second + from_1900_to_1970;
  const std::uint64_t fraction = ((nanos % nanos_per_second) << 32U) / nanos_per_second;
  return seconds << 32U | fraction;
}

}  // namespace mediaswitch
