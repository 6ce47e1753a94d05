#include "rtp/outgoing_stream.hpp"

#include <chrono>
#include <doctest/doctest.h>

#include "support/addresses.hpp"

using namespace mediaswitch;
using mediaswitch::test::address;
using namespace std::chrono_literals;

namespace {

constexpr ClockRate clock_rate{8000};
constexpr SourceKey alice{.channel = {1}, .ssrc = {11}, .from = address(1)};
constexpr SourceKey bob{.channel = {2}, .ssrc = {22}, .from = address(2)};

struct Stream {
  Random random{{1, 2, 3, 4}};
  OutgoingStream stream{random};

  OutgoingStream::Stamp place(const SourceKey& source,
                              std::int64_t sequence,
                              std::uint32_t timestamp,
                              Millis now,
                              std::uint32_t length = 160) {
    const auto stamp =
        stream.place({.source = source, .sequence = {sequence}, .timestamp = {timestamp}, .length = {length}},
                     Time{now},
                     clock_rate);
    REQUIRE(stamp.ok());
    return stamp.value();
  }
};

}  // namespace

TEST_CASE("the start is random") {
  Random random({1, 2, 3, 4});
  OutgoingStream one(random);
  OutgoingStream other(random);
  CHECK(one.ssrc() != other.ssrc());
  const OutgoingStream::Incoming packet{.source = alice, .sequence = {0}, .timestamp = {0}, .length = {160}};
  const auto first = one.place(packet, Time{}, clock_rate);
  const auto second = other.place(packet, Time{}, clock_rate);
  CHECK(first.value().sequence != second.value().sequence);
  CHECK(first.value().timestamp != second.value().timestamp);
}

TEST_CASE("gaps, late packets and odd timestamps pass through as they are") {
  Stream out;
  const auto first = out.place(alice, 70000, 1000, 0ms);
  const auto at = [&](std::int64_t sequence, std::uint32_t timestamp, Millis now) {
    const auto stamp = out.place(alice, sequence, timestamp, now);
    CHECK(steps_forward(first.sequence, stamp.sequence) == static_cast<std::uint16_t>(sequence - 70000));
    CHECK(stamp.timestamp.value - first.timestamp.value == timestamp - 1000);
  };
  at(70005, 1800, 100ms);
  at(70003, 1480, 101ms);
  at(69999, 840, 102ms);
  at(70006, 1961, 5000ms);
  at(200000, 5, 5001ms);
}

TEST_CASE("another source goes on by one, after the time that passed") {
  Stream out;
  out.place(alice, 100, 0, 0ms);
  const auto last = out.place(alice, 101, 160, 20ms);
  const auto next_one = out.place(bob, 9000, 777, 520ms);
  CHECK(steps_forward(last.sequence, next_one.sequence) == 1);
  CHECK(ticks_between(last.timestamp, next_one.timestamp) == 500 * 8);
  const auto after = out.place(bob, 9001, 937, 540ms);
  CHECK(steps_forward(next_one.sequence, after.sequence) == 1);
  CHECK(ticks_between(next_one.timestamp, after.timestamp) == 160);
}

TEST_CASE("the new source's first packet never overlaps the last one's audio") {
  Stream out;
  const auto last = out.place(alice, 1, 0, 0ms);
  CHECK(ticks_between(last.timestamp, out.place(bob, 1, 0, 3ms).timestamp) == 160);
}

TEST_CASE("the newest packet counts for the change, not the last one to come") {
  Stream out;
  const auto newest = out.place(alice, 105, 800, 100ms);
  out.place(alice, 103, 480, 110ms);
  CHECK(steps_forward(newest.sequence, out.place(bob, 1, 0, 120ms).sequence) == 1);
}

TEST_CASE("each part of a source's identity makes another source") {
  for (int part = 0; part < 3; ++part) {
    Stream out;
    const auto last = out.place(alice, 1, 0, 0ms);
    SourceKey changed = alice;
    if (part == 0) changed.channel = {5};
    if (part == 1) changed.ssrc = {5};
    if (part == 2) changed.from = address(1, 4001);
    CHECK(steps_forward(last.sequence, out.place(changed, 60000, 99, 20ms).sequence) == 1);
  }
}

TEST_CASE("packets older than the change would take the old source's numbers: refused") {
  Stream out;
  out.place(alice, 1, 0, 0ms);
  out.place(bob, 500, 0, 20ms);
  const auto late = out.stream.place(
      {.source = bob, .sequence = {499}, .timestamp = {0}, .length = {160}}, Time{21ms}, clock_rate);
  REQUIRE_FALSE(late.ok());
  CHECK(late.error() == Drop::BeforeSource);
}

TEST_CASE("the wrap of both counters is passed in one long stream") {
  Stream out;
  auto before = out.place(alice, 0, 0xFFFF0000, 0ms);
  for (int i = 1; i < 70000; ++i) {
    const auto stamp = out.place(alice, i, 0xFFFF0000U + 160U * static_cast<std::uint32_t>(i), 20ms * i);
    REQUIRE(steps_forward(before.sequence, stamp.sequence) == 1);
    REQUIRE(ticks_between(before.timestamp, stamp.timestamp) == 160);
    before = stamp;
  }
}

TEST_CASE("the clock shows the newest packet's timestamp, moved on by the time since") {
  Stream out;
  CHECK_FALSE(out.stream.clock_at(Time{1h}, clock_rate));
  const auto first = out.place(alice, 100, 0xFFFFFF00, 1000ms);
  CHECK(out.stream.clock_at(Time{1000ms}, clock_rate) == first.timestamp);
  CHECK(out.stream.clock_at(Time{1250ms}, clock_rate) == first.timestamp + RtpTicks{2000});
  const auto later = out.place(alice, 102, 64, 1045ms);
  CHECK(out.stream.clock_at(Time{1045ms}, clock_rate) == later.timestamp);
  out.place(alice, 101, 0xFFFFFFA0, 1050ms);
  CHECK_MESSAGE(out.stream.clock_at(Time{1055ms}, clock_rate) == later.timestamp + RtpTicks{80},
                "a late packet tells nothing");
  const auto changed = out.place(bob, 7, 5, 2000ms);
  CHECK(out.stream.clock_at(Time{3s}, {16000}) == changed.timestamp + RtpTicks{16000});
}

TEST_CASE("the clock goes on over a telephone-event, whose packets all have the timestamp of its start") {
  Stream out;
  const auto audio = out.place(alice, 100, 8000, 1000ms);
  for (std::int64_t i = 0; i < 14; ++i) out.place(alice, 101 + i, 8160, 1020ms + i * 20ms, 0);
  CHECK(out.stream.clock_at(Time{1300ms}, clock_rate) == audio.timestamp + RtpTicks{2400});
  const auto next_one = out.place(bob, 1, 0, 1320ms);
  CHECK(ticks_between(audio.timestamp, next_one.timestamp) == 320 * 8);
}

TEST_CASE("the clock goes on over a telephone-event between packets of audio") {
  Stream out;
  const auto audio = out.place(alice, 100, 8000, 1000ms);
  for (std::int64_t i = 1; i <= 10; ++i) {
    out.place(alice, 99 + 2 * i, 8000U + 160U * static_cast<std::uint32_t>(i), 1000ms + i * 20ms);
    out.place(alice, 100 + 2 * i, 8160, 1000ms + i * 20ms, 0);
  }
  CHECK(out.stream.clock_at(Time{1300ms}, clock_rate) == audio.timestamp + RtpTicks{2400});
}

TEST_CASE("the clock follows a source whose own begins anew") {
  Stream out;
  out.place(alice, 100, 800'000, 1000ms);
  const auto back = out.place(alice, 101, 160, 1020ms);
  CHECK(out.stream.clock_at(Time{1020ms}, clock_rate) == back.timestamp);
}
