#include "rtp/event_scale.hpp"

#include <algorithm>
#include <chrono>
#include <doctest/doctest.h>
#include <vector>

#include "core/random.hpp"
#include "rtp/key_presses.hpp"
#include "support/allocation_count.hpp"

using namespace mediaswitch;
using namespace mediaswitch::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t segment_length = 0xFFFF;
constexpr std::uint32_t start = 0xFFFF'0000;

struct Report {
  std::uint32_t timestamp = 0;
  TelephoneEvent event;
  Time arrived;
};

/// A press as RFC 4733 §2.5 has it sent: one report each 20 ms, in segments, the end three times.
std::vector<Report> press(std::uint8_t code, std::uint32_t from, Millis length, ClockRate clock) {
  std::vector<Report> reports;
  const std::uint32_t step = ticks_in(20ms, clock).value;
  std::uint32_t segment = 0;
  Time now{1h};
  for (std::uint32_t told = step; told <= ticks_in(length, clock).value; told += step) {
    if (told - segment > segment_length) segment += segment_length;
    reports.push_back({.timestamp = from + segment,
                       .event = {.event = code,
                                 .end = false,
                                 .volume = 10,
                                 .duration = static_cast<std::uint16_t>(told - segment)},
                       .arrived = now += 20ms});
  }
  Report last = reports.back();
  last.event.end = true;
  reports.insert(reports.end(), 3, last);
  return reports;
}

/// On another clock, whose timestamps are those of the first, scaled.
Report scaled(EventScale& scale, Report report, ClockRate from, ClockRate to) {
  const auto place = scale.scale({report.timestamp}, report.event);
  const std::int64_t since = ticks_between({start}, place.press);
  report.timestamp = start + static_cast<std::uint32_t>(since * to.value / from.value) + place.segment.value;
  return report;
}

struct Told {
  int presses = 0;
  int releases = 0;
  Millis held{};
};
Told told_of(const std::vector<Report>& reports, ClockRate clock) {
  KeyPresses presses;
  Told told;
  for (const Report& each : reports) {
    const KeyNews news = presses.note(
        {.ssrc = {1}, .timestamp = {each.timestamp}, .event = each.event, .arrived = each.arrived}, clock);
    if (news.pressed) ++told.presses;
    for (const auto& release : {news.given_up, news.released}) {
      if (!release) continue;
      ++told.releases;
      told.held = release->held;
    }
  }
  return told;
}

constexpr std::array clocks{ClockRate{8000}, ClockRate{16000}, ClockRate{48000}};

}  // namespace

TEST_CASE("on a quicker clock a press has segments, each under a timestamp 65,535 ticks later") {
  EventScale scale({8000}, {48000});
  TelephoneEvent event{.event = 5, .duration = 10'922};
  auto place = scale.scale({1000}, event);
  CHECK(event.duration == 65'532);
  CHECK(place.segment.value == 0);
  event.duration = 10'923;
  place = scale.scale({1000}, event);
  CHECK(event.duration == 3);
  CHECK(place.segment.value == segment_length);
  CHECK(place.press.value == 1000);
  event = {.event = 5, .end = true, .duration = 65'535};
  place = scale.scale({1000}, event);
  CHECK(event.duration == segment_length);
  CHECK(event.end);
  CHECK(place.segment.value == 5 * segment_length);
}

TEST_CASE("on a slower clock the segments of a press become one, under the timestamp it began with") {
  EventScale scale({48000}, {8000});
  TelephoneEvent event{.event = 5, .duration = 0xFFFF};
  scale.scale({1000}, event);
  CHECK(event.duration == 10'922);
  event.duration = 960;
  const auto place = scale.scale({1000 + segment_length}, event);
  CHECK(event.duration == (0xFFFF + 960) / 6);
  CHECK(place.press.value == 1000);
  CHECK(place.segment.value == 0);
}

TEST_CASE("the same clock changes nothing") {
  EventScale scale({8000}, {8000});
  TelephoneEvent event{.event = 5, .duration = 0xFFFF};
  CHECK(scale.scale({1000 + segment_length}, event).press.value == 1000 + segment_length);
  CHECK(event.duration == 0xFFFF);
}

TEST_CASE("what follows a press that has ended, another key or any other time is another press") {
  for (const int what : {0, 1, 2}) {
    EventScale scale({48000}, {8000});
    TelephoneEvent event{.event = 5, .end = what == 0, .duration = 0xFFFF};
    scale.scale({1000}, event);
    event = {.event = static_cast<std::uint8_t>(what == 1 ? 6 : 5), .duration = 960};
    const std::uint32_t at = 1000 + segment_length + (what == 2 ? 1 : 0);
    CHECK(scale.scale({at}, event).press.value == at);
    CHECK(event.duration == 160);
  }
}

TEST_CASE("from any clock to any other, whatever is lost, doubled or late: one press, as long as it was") {
  Random random({7, 7, 7, 7});
  for (const ClockRate from : clocks) {
    for (const ClockRate to : clocks) {
      for (int round = 0; round < 100; ++round) {
        const Millis length{20 + random.next16() % 1000 * 20};
        auto reports = press(static_cast<std::uint8_t>(random.next16() % 16), start, length, from);
        const bool is_bad_network = round % 2 == 1;
        if (is_bad_network) {
          std::vector<Report> arrived;
          for (const Report& each : reports) {
            if (random.next16() % 4 == 0) continue;
            arrived.push_back(each);
            if (random.next16() % 8 == 0) arrived.push_back(each);
            const bool is_late = arrived.size() > 1 && random.next16() % 8 == 0;
            if (is_late) std::swap(arrived.back().event, arrived[arrived.size() - 2].event);
            if (is_late) std::swap(arrived.back().timestamp, arrived[arrived.size() - 2].timestamp);
          }
          reports = arrived;
        }
        EventScale scale(from, to);
        for (Report& each : reports) each = scaled(scale, each, from, to);
        const Told told = told_of(reports, to);
        CHECK(told.presses == (reports.empty() ? 0 : 1));
        if (is_bad_network) continue;
        CHECK(told.releases == 1);
        CHECK(std::abs((told.held - length).count()) <= 1);
      }
    }
  }
}

TEST_CASE("scaling allocates nothing") {
  EventScale scale({8000}, {48000});
  const std::size_t before = allocation_count();
  for (std::uint32_t i = 0; i < 1000; ++i) {
    TelephoneEvent event{.event = static_cast<std::uint8_t>(i % 16), .duration = 160};
    static_cast<void>(scale.scale({i * 8000}, event));
  }
  const std::size_t allocations = allocation_count() - before;
  CHECK(allocations == 0);
}
