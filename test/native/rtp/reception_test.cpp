#include "rtp/reception.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <doctest/doctest.h>
#include <numeric>
#include <vector>

#include "core/random.hpp"
#include "support/allocation_count.hpp"

using namespace mediaswitch;
using mediaswitch::test::allocation_count;
using namespace std::chrono_literals;

namespace {

constexpr Ssrc alice{1};
constexpr Ssrc bob{2};

std::int64_t place_of(Reception& reception, std::uint16_t sequence, Ssrc ssrc = alice) {
  const auto place = reception.note(ssrc, {sequence});
  REQUIRE(place.ok());
  return place.value().value;
}

}  // namespace

TEST_CASE("places rise by one over the wrap") {
  Reception reception;
  const auto first = place_of(reception, 65534);
  CHECK(place_of(reception, 65535) == first + 1);
  CHECK(place_of(reception, 0) == first + 2);
  CHECK(place_of(reception, 1) == first + 3);
  CHECK(reception.lost() == 0);
}

TEST_CASE("a late packet gets its own place, also across the wrap and before the first") {
  Reception reception;
  const auto first = place_of(reception, 0);
  CHECK(place_of(reception, 65535) == first - 1);
  CHECK(place_of(reception, 2) == first + 2);
  CHECK(place_of(reception, 1) == first + 1);
}

TEST_CASE("gaps are losses until what was late comes; a duplicate is no packet more") {
  Reception reception;
  place_of(reception, 10);
  place_of(reception, 15);
  CHECK(reception.lost() == 4);
  place_of(reception, 12);
  CHECK(reception.lost() == 3);
  Reception doubled;
  place_of(doubled, 10);
  const auto first = place_of(doubled, 11);
  CHECK(place_of(doubled, 11) == first);
  CHECK(doubled.lost() == 0);
}

TEST_CASE("the edges of RFC 3550 A.1: 2,999 ahead and 99 back are taken, 3,000 and 100 are not") {
  Reception reception;
  const auto first = place_of(reception, 5000);
  CHECK(place_of(reception, 7999) == first + 2999);
  CHECK(place_of(reception, 7900) == first + 2900);
  CHECK(reception.note(alice, {7899}).ok() == false);
  Reception other;
  place_of(other, 5000);
  const auto refused = other.note(alice, {8000});
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error() == Drop::SequenceJump);
}

TEST_CASE("two packets in sequence after a jump are a restart; one alone changes nothing") {
  Reception reception;
  const auto first = place_of(reception, 100);
  CHECK_FALSE(reception.note(alice, {30000}).ok());
  CHECK_MESSAGE(place_of(reception, 101) == first + 1, "the stray one is forgotten");
  CHECK_FALSE(reception.note(alice, {30001}).ok());
  CHECK_MESSAGE(place_of(reception, 30002) == first + 29902, "places only go forward");
  CHECK(place_of(reception, 30003) == first + 29903);
  CHECK_MESSAGE(reception.lost() == 0, "a restart is no loss");
  CHECK_FALSE(reception.note(alice, {5}).ok());
  CHECK_MESSAGE(place_of(reception, 6) > first + 29903, "back by much is forward by more");
}

TEST_CASE("another SSRC begins anew and keeps the losses of the one before") {
  Reception reception;
  place_of(reception, 1);
  place_of(reception, 4);
  CHECK(reception.lost() == 2);
  place_of(reception, 50000, bob);
  CHECK(reception.lost() == 2);
  place_of(reception, 50002, bob);
  CHECK(reception.lost() == 3);
}

TEST_CASE("whatever is lost, late or doubled: each packet's place is its number, and the losses add up") {
  Random random({9, 8, 7, 6});
  for (int round = 0; round < 50; ++round) {
    const int total = 4000;
    const auto start = random.next16();
    std::vector<int> order;
    int dropped = 0;
    for (int i = 0; i < total; ++i) {
      const bool is_edge = i == 0 || i == total - 1;
      if (!is_edge && random.next32() % 10 == 0) {
        ++dropped;
      } else {
        order.push_back(i);
      }
    }
    // Within blocks of 20, so that nothing is later than the 99 that are taken.
    for (std::size_t block = 1; block + 21 < order.size(); block += 20) {
      for (std::size_t i = block; i < block + 20; ++i) {
        std::swap(order[i], order[block + random.next32() % 20]);
      }
    }
    Reception reception;
    const auto base = place_of(reception, static_cast<std::uint16_t>(start + order[0])) - order[0];
    for (std::size_t i = 1; i < order.size(); ++i) {
      const auto number = static_cast<std::uint16_t>(start + order[i]);
      REQUIRE(place_of(reception, number) == base + order[i]);
    }
    CHECK(reception.lost() == static_cast<std::uint64_t>(dropped));
  }
}

TEST_CASE("jitter: none for an even stream, whatever its offset and clock wrap") {
  Reception reception;
  place_of(reception, 0);
  std::uint32_t timestamp = 0xFFFFFF00;
  Time now{123456789ms};
  for (int i = 0; i < 200; ++i) {
    reception.note_transit({timestamp}, now, {8000});
    timestamp += 160;
    now += 20ms;
  }
  CHECK(reception.jitter() == RtpTicks{0});
}

TEST_CASE("jitter: packets alternately 10 ms late settle at 10 ms (RFC 3550 A.8)") {
  Reception reception;
  place_of(reception, 0);
  std::uint32_t timestamp = 0;
  Time now{1h};
  for (int i = 0; i < 500; ++i) {
    reception.note_transit({timestamp}, now + (i % 2 == 0 ? 0ms : 10ms), {8000});
    timestamp += 160;
    now += 20ms;
  }
  CHECK(reception.jitter().value >= 79);
  CHECK(reception.jitter().value <= 80);
}

TEST_CASE("jitter: one step is one sixteenth of the difference") {
  Reception reception;
  place_of(reception, 0);
  reception.note_transit({0}, Time{0ms}, {8000});
  reception.note_transit({160}, Time{40ms}, {8000});
  CHECK(reception.jitter() == RtpTicks{10});
  place_of(reception, 0, bob);
  CHECK_MESSAGE(reception.jitter() == RtpTicks{0}, "a new source has its own");
}

TEST_CASE("jitter: a restart with another timestamp is none") {
  Reception reception;
  place_of(reception, 0);
  reception.note_transit({0}, Time{0ms}, {8000});
  reception.note_transit({160}, Time{20ms}, {8000});
  CHECK_FALSE(reception.note(alice, {30000}).ok());
  place_of(reception, 30001);
  reception.note_transit({0x90000000}, Time{40ms}, {8000});
  reception.note_transit({0x90000000 + 160}, Time{60ms}, {8000});
  CHECK(reception.jitter() == RtpTicks{0});
}

TEST_CASE("jitter: timestamps that jump for ever do not overflow it") {
  Reception reception;
  place_of(reception, 0);
  for (std::uint32_t i = 0; i < 1000; ++i) {
    reception.note_transit({i % 2 * 0x7FFFFFFF}, Time{0ms}, {8000});
  }
  CHECK(reception.jitter().value > 0x7FFFFFF0);
  CHECK(reception.jitter().value <= 0x7FFFFFFF);
}

TEST_CASE("what was expected counts from the first to the highest number, over restarts and sources") {
  Reception reception;
  CHECK(reception.expected() == 0);
  place_of(reception, 65530);
  CHECK(reception.expected() == 1);
  place_of(reception, 3);
  CHECK(reception.expected() == 10);
  place_of(reception, 1);
  place_of(reception, 1);
  CHECK(reception.expected() == 10);
  CHECK_FALSE(reception.note(alice, {30000}).ok());
  CHECK(reception.expected() == 10);
  place_of(reception, 30001);
  place_of(reception, 30004);
  CHECK(reception.expected() == 14);
  place_of(reception, 7, bob);
  CHECK(reception.expected() == 15);
  CHECK(reception.lost() == 6 + 2);
}

TEST_CASE("losses in rows are told from single ones, over the wrap, late packets and a change of source") {
  const auto ratio_of = [](std::uint16_t row, std::uint16_t period) {
    Reception reception;
    for (std::uint16_t i = 0; i < 3000; ++i) {
      if (i > 0 && i % period < row) continue;
      place_of(reception, static_cast<std::uint16_t>(64000 + i));
      // Late by one, and twice.
      if (i % 50 == 49) place_of(reception, static_cast<std::uint16_t>(64000 + i - 1));
    }
    // What is within the last packets is settled when another source comes.
    place_of(reception, 5, bob);
    return reception.burst_ratio();
  };
  CHECK_FALSE(Reception().burst_ratio());
  CHECK_FALSE(ratio_of(0, 10));
  // Single ones of ten: rows of one, at random they would have 1 / (1 - 0.1).
  REQUIRE(ratio_of(1, 10));
  CHECK(*ratio_of(1, 10) == doctest::Approx(0.9).epsilon(0.01));
  CHECK(*ratio_of(4, 20) == doctest::Approx(4 * 0.8).epsilon(0.01));
}

TEST_CASE("a report tells of the source heard, and its fraction of the interval alone (RFC 3550 A.3)") {
  Reception reception;
  CHECK_FALSE(reception.take_report());
  CHECK_FALSE(reception.source());
  place_of(reception, 65535);
  for (const std::uint16_t number : std::array<std::uint16_t, 4>{0, 1, 5, 6}) place_of(reception, number);
  CHECK(reception.source() == alice);
  const auto first = reception.take_report();
  REQUIRE(first);
  CHECK(first->ssrc == alice);
  CHECK(first->highest_sequence == 0x10006);
  CHECK(first->cumulative_lost == 3);
  CHECK_MESSAGE(first->fraction_lost == 96, "3 of 8");
  CHECK_MESSAGE(!reception.take_report(), "nothing came since");
  place_of(reception, 7);
  place_of(reception, 8);
  const auto second = reception.take_report();
  REQUIRE(second);
  CHECK(second->fraction_lost == 0);
  CHECK(second->cumulative_lost == 3);
  // What was late for the interval before makes more received than expected: no loss (A.3).
  place_of(reception, 3);
  const auto third = reception.take_report();
  REQUIRE(third);
  CHECK(third->fraction_lost == 0);
  CHECK(third->cumulative_lost == 2);
  CHECK(third->highest_sequence == 0x10008);
}

TEST_CASE("a report of nearly everything lost, and of duplicates") {
  Reception reception;
  place_of(reception, 0);
  REQUIRE(reception.take_report());
  place_of(reception, 2999);
  const auto lossy = reception.take_report();
  REQUIRE(lossy);
  // 2,998 of 2,999, in 256ths.
  CHECK(lossy->fraction_lost == 255);
  Reception doubled;
  place_of(doubled, 10);
  place_of(doubled, 10);
  const auto report = doubled.take_report();
  REQUIRE(report);
  CHECK(report->fraction_lost == 0);
  CHECK(report->cumulative_lost == -1);
}

TEST_CASE("a report after a silence tells of the losses in it") {
  Reception reception;
  place_of(reception, 0);
  REQUIRE(reception.take_report());
  REQUIRE_FALSE(reception.take_report());
  place_of(reception, 4);
  const auto report = reception.take_report();
  REQUIRE(report);
  CHECK_MESSAGE(report->fraction_lost == 192, "3 of 4");
}

TEST_CASE("a new source's report is its own") {
  Reception reception;
  place_of(reception, 1);
  place_of(reception, 9);
  place_of(reception, 500, bob);
  place_of(reception, 501, bob);
  const auto report = reception.take_report();
  REQUIRE(report);
  CHECK(report->ssrc == bob);
  CHECK(report->cumulative_lost == 0);
  CHECK(report->fraction_lost == 0);
  CHECK(report->highest_sequence == 501);
}

TEST_CASE("noting and reporting allocate nothing") {
  Reception reception;
  std::size_t taken = 0;
  const std::size_t before = allocation_count();
  for (std::uint32_t i = 0; i < 5000; ++i) {
    if (i % 7 == 3) continue;
    if (reception.note({i / 2000}, {static_cast<std::uint16_t>(i)}).ok()) ++taken;
    reception.note_transit({i * 160}, Time{Millis{i * 20}}, {8000});
    if (i % 250 == 0 && reception.take_report()) ++taken;
  }
  CHECK(allocation_count() == before);
  CHECK(taken > 4000);
}
