#include "core/units.hpp"

#include <chrono>
#include <doctest/doctest.h>

using namespace mediaswitch;
using namespace std::chrono_literals;

TEST_CASE("a length of time is as many ticks as the clock says") {
  CHECK(ticks_in(20ms, {8000}) == RtpTicks{160});
  CHECK(ticks_in(20ms, {48000}) == RtpTicks{960});
  CHECK(samples_in(20ms, {16000}) == Samples{320});
}

TEST_CASE("ticks of a long uptime wrap and do not overflow") {
  // 2^32 ticks of 8 kHz are 149 hours; a monotonic clock may show years.
  const auto ten_years = std::chrono::hours{24 * 3650};
  const std::uint64_t seconds = 24ULL * 3650 * 3600;
  CHECK(ticks_in(ten_years, {8000}).value == static_cast<std::uint32_t>(seconds * 8000));
  CHECK(ticks_in(ten_years + 125us, {8000}).value == static_cast<std::uint32_t>(seconds * 8000 + 1));
}

TEST_CASE("timestamps are compared around the wrap") {
  CHECK(ticks_between({0xFFFFFFF0}, {0x10}) == 0x20);
  CHECK(ticks_between({0x10}, {0xFFFFFFF0}) == -0x20);
  CHECK(RtpTimestamp{0xFFFFFFFF} + RtpTicks{160} == RtpTimestamp{159});
}
