#include "rtp/heard_times.hpp"

#include <chrono>
#include <doctest/doctest.h>

#include "support/addresses.hpp"

using namespace mediaswitch;
using namespace mediaswitch::test;
using namespace std::chrono_literals;

TEST_CASE("the longest gap is kept, and when it was over") {
  HeardTimes times;
  CHECK_FALSE(times.heard());
  for (const auto at : {10s, 11s, 15s, 17s}) times.note(address(1), Time{at});
  REQUIRE(times.heard());
  CHECK(times.heard()->first == Time{10s});
  CHECK(times.heard()->last == Time{17s});
  CHECK(times.heard()->longest_gap == 4s);
  CHECK(times.heard()->gap_over == Time{15s});
}

TEST_CASE("a gap is measured neither across a time when nothing was due nor within it") {
  HeardTimes times;
  times.note(address(1), Time{1s});
  times.expect({.is_media_due = false});
  times.note(address(1), Time{5s});
  times.note(address(1), Time{9s});
  times.expect({.is_media_due = true});
  times.note(address(1), Time{20s});
  CHECK(times.heard()->longest_gap == 0s);
  times.expect({.is_media_due = true});
  times.note(address(1), Time{22s});
  CHECK_MESSAGE(times.heard()->longest_gap == 2s, "being told the same again changes nothing");
}
