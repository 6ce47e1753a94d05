#include "rtp/digit_sender.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <doctest/doctest.h>
#include <optional>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "rtp/key_presses.hpp"
#include "support/addresses.hpp"
#include "support/allocation_count.hpp"
#include "support/lossy_network.hpp"
#include "support/recording_outbox.hpp"

using namespace mediaswitch;
using namespace mediaswitch::test;
using namespace std::chrono_literals;

namespace {

constexpr ChannelId alice{1};
constexpr ChannelId bob{2};

/// What a packet says, read octet by octet (RFC 3550 §5.1, RFC 4733 §2.3).
struct Event {
  std::size_t tick = 0;
  bool marker = false;
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  unsigned code = 0;
  bool end = false;
  unsigned volume = 0;
  unsigned duration = 0;
};

struct Sender {
  explicit Sender(ClockRate clock = {8000}) {
    to.destination = address(1);
    to.telephone_event = RemoteMedia::TelephoneEvents{.send = {97}, .receive = {101}, .clock = clock};
  }

  std::optional<Drop> tick() {
    now += 20ms;
    ++ticks;
    const auto refused = sender.tick(now, to, outbox);
    for (; read < outbox.sent.size(); ++read) note(outbox.sent[read].packet);
    return refused;
  }
  void tick(int times) {
    for (int i = 0; i < times; ++i) CHECK_FALSE(tick());
  }
  /// Until there is nothing left to send.
  void finish() {
    while (sender.is_busy()) CHECK_FALSE(tick());
  }
  void note(const Octets& packet) {
    REQUIRE(packet.size() == 16);
    CHECK(payload_type_of(packet) == 97);
    CHECK(ssrc_of(packet) == to.stream.ssrc().value);
    events.push_back({.tick = ticks,
                      .marker = marker_of(packet),
                      .sequence = sequence_of(packet),
                      .timestamp = timestamp_of(packet),
                      .code = packet[12],
                      .end = (packet[13] & 0x80U) != 0,
                      .volume = packet[13] & 0x3FU,
                      .duration = static_cast<unsigned>(packet[14] << 8U | packet[15])});
  }

  Random random{{1, 2, 3, 4}};
  DigitSender sender{{7}};
  SendingSide to{.destination = std::nullopt,
                 .payload_type = {},
                 .telephone_event = std::nullopt,
                 .comfort_noise = std::nullopt,
                 .ptime = std::nullopt,
                 .stream = OutgoingStream(random),
                 .sent = {}};
  RecordingOutbox outbox;
  Time now{1h};
  std::size_t ticks = 0;
  std::size_t read = 0;
  std::vector<Event> events;
};

}  // namespace

TEST_CASE("a digit is fourteen packets, one a tick") {
  Sender out;
  REQUIRE(out.sender.queue({.keys = "5"}));
  out.finish();
  REQUIRE(out.events.size() == 14);
  for (std::size_t i = 0; i < 14; ++i) {
    CAPTURE(i);
    const Event& event = out.events[i];
    CHECK(event.tick == i + 1);
    CHECK(event.marker == (i == 0));
    CHECK(event.sequence == static_cast<std::uint16_t>(out.events[0].sequence + i));
    CHECK(event.timestamp == out.events[0].timestamp);
    CHECK(event.code == 5);
    CHECK(event.volume == 13);
    CHECK(event.end == (i >= 11));
    CHECK(event.duration == 160 * std::min<std::size_t>(i + 1, 11));
  }
  CHECK(out.to.sent.packets == 14);
  CHECK(out.to.sent.octets == 14 * 4);
}

TEST_CASE("between digits there are ten silent ticks, and the timestamp goes on with the time") {
  Sender out;
  REQUIRE(out.sender.queue({.keys = "1*D"}));
  out.finish();
  REQUIRE(out.events.size() == 42);
  const std::array<unsigned, 3> codes{1, 10, 15};
  for (std::size_t digit = 0; digit < 3; ++digit) {
    const Event& first = out.events[digit * 14];
    CHECK(first.marker);
    CHECK(first.code == codes[digit]);
    CHECK(first.tick == 1 + digit * 24);
    CHECK(first.timestamp == out.events[0].timestamp + digit * 24 * 160);
  }
  CHECK(out.ticks == 3 * 24);
  out.now += 10s;
  REQUIRE(out.sender.queue({.keys = "F"}));
  out.finish();
  CHECK(out.events[42].code == 16);
  CHECK(out.events[42].timestamp - out.events[0].timestamp == (3 * 24 * 20 + 10'000) * 8);
}

TEST_CASE("length, pause and loudness as asked for, rounded up to ticks") {
  Sender out;
  REQUIRE(out.sender.queue({.keys = "12", .duration = 41ms, .pause = 1ms, .volume = 0}));
  REQUIRE(out.sender.queue({.keys = "3", .duration = 0ms, .pause = 0ms, .volume = 63}));
  REQUIRE(out.sender.queue({.keys = "4", .duration = 20ms, .pause = 0ms, .volume = 7}));
  out.finish();
  const auto count = [&out](unsigned code) { return std::ranges::count(out.events, code, &Event::code); };
  CHECK(count(1) == 3 + 3);
  CHECK(count(2) == 3 + 3);
  CHECK(count(3) == 1 + 3);
  CHECK(count(4) == 1 + 3);
  CHECK(out.events[5].duration == 480);
  CHECK(out.events[6].tick == 1 + 6 + 1);
  CHECK(out.events[12].tick == 1 + 2 * 7);
  CHECK(out.events[16].tick == 1 + 2 * 7 + 4);
  CHECK(out.events[0].volume == 0);
  CHECK(out.events[12].volume == 63);
  CHECK(out.events[16].volume == 7);
  CHECK(out.events[15].timestamp != out.events[16].timestamp);
}

TEST_CASE("durations are told by the clock agreed on") {
  for (const ClockRate clock : {ClockRate{16000}, ClockRate{48000}}) {
    Sender out(clock);
    REQUIRE(out.sender.queue({.keys = "55"}));
    out.finish();
    CHECK(out.events[0].duration == clock.value / 50);
    CHECK(out.events[13].duration == 11 * clock.value / 50);
    CHECK(out.events[14].timestamp - out.events[0].timestamp == 24 * clock.value / 50);
  }
}

TEST_CASE("what is no key, or more than there is room for, is refused as a whole") {
  Sender out;
  CHECK_FALSE(out.sender.queue({.keys = "12x"}));
  CHECK_FALSE(out.sender.queue({.keys = std::string(65, '1')}));
  CHECK_FALSE(out.sender.is_busy());
  CHECK(out.sender.queue({.keys = ""}));
  CHECK_FALSE(out.sender.is_busy());
  REQUIRE(out.sender.queue({.keys = std::string(64, '1'), .duration = 20ms, .pause = 0ms}));
  CHECK_FALSE(out.sender.queue({.keys = "2"}));
  out.tick();
  CHECK(out.sender.queue({.keys = "2", .duration = 20ms, .pause = 0ms}));
  out.finish();
  CHECK(out.events.size() == 65 * 4);
  CHECK(out.events.back().code == 2);
}

TEST_CASE("a long press goes on in segments, the full one told without an end (RFC 4733 §2.5.1.3)") {
  Sender out;
  // 410 ticks fill more than the 65,535 of a segment, 820 more than two.
  REQUIRE(out.sender.queue({.keys = "9", .duration = 830 * 20ms}));
  out.finish();
  REQUIRE(out.events.size() == 830 + 3 + 2);
  const std::uint32_t start = out.events[0].timestamp;
  std::uint32_t told = 0;
  for (std::size_t i = 0; i < out.events.size(); ++i) {
    const Event& event = out.events[i];
    CAPTURE(i);
    const std::uint32_t segment = event.timestamp - start;
    CHECK(segment % 65535 == 0);
    CHECK(event.marker == (i == 0));
    CHECK(event.end == (i >= 832));
    CHECK(event.sequence == static_cast<std::uint16_t>(out.events[0].sequence + i));
    if (event.duration != 65535)
      CHECK(segment + event.duration == std::min<std::size_t>(event.tick, 830) * 160);
    CHECK(segment + event.duration >= told);
    told = segment + event.duration;
  }
  CHECK(out.events[409].duration == 65535);
  CHECK(out.events[409].timestamp == start);
  CHECK(out.events[410].duration == 410 * 160 - 65535);
  CHECK(out.events[410].timestamp == start + 65535);
  CHECK(out.events[410].tick == 410);
  CHECK(told == 830 * 160);
}

TEST_CASE("a key that somebody holds is sent until it is released") {
  Sender out;
  out.sender.press('7', alice);
  out.tick(30);
  CHECK(out.events.size() == 30);
  CHECK_FALSE(out.events.back().end);
  out.sender.release(alice);
  out.finish();
  REQUIRE(out.events.size() == 33);
  CHECK(out.events[30].end);
  CHECK(out.events[32].duration == 30 * 160);
}

TEST_CASE("a tap that is over before its first packet, or after it, is sent for 40 ms") {
  for (const int ticks_before : {0, 1, 2}) {
    Sender out;
    out.sender.press('7', alice);
    out.tick(ticks_before);
    out.sender.release(alice);
    out.finish();
    REQUIRE(out.events.size() == 2 + 3);
    CHECK(out.events[0].marker);
    CHECK(out.events[4].end);
    CHECK(out.events[4].duration == 320);
  }
}

TEST_CASE("another key releases the one before; a stray release changes nothing") {
  Sender out;
  out.sender.release(alice);
  CHECK_FALSE(out.sender.is_busy());
  out.sender.press('1', alice);
  out.tick(10);
  out.sender.press('2', alice);
  out.sender.press('3', alice);
  out.tick(40);
  out.sender.release(alice);
  out.sender.release(alice);
  out.finish();
  std::string keys;
  for (const Event& event : out.events) {
    if (event.marker) keys += static_cast<char>('0' + event.code);
  }
  CHECK(keys == "123");
  CHECK(std::ranges::count(out.events, true, &Event::end) == 9);
  CHECK(std::ranges::count(out.events, 1U, &Event::code) == 13);
  CHECK(std::ranges::count(out.events, 2U, &Event::code) == 5);
}

TEST_CASE("two hold a key each: who lets go of one that was released already leaves the other's alone") {
  Sender out;
  out.sender.press('1', alice);
  out.tick(10);
  out.sender.press('2', bob);
  out.sender.release(alice);
  out.tick(60);
  CHECK(out.events.back().code == 2);
  CHECK_FALSE(out.events.back().end);
  out.sender.release(bob);
  out.finish();
  CHECK(out.events.back().end);
  CHECK(std::ranges::count(out.events, 2U, &Event::code) > 40);
}

TEST_CASE("a release leaves keys of our own alone") {
  Sender out;
  REQUIRE(out.sender.queue({.keys = "12", .duration = 20ms}));
  out.sender.release(alice);
  out.tick();
  out.sender.release(alice);
  out.finish();
  REQUIRE(out.events.size() == 8);
  CHECK(out.events[7].duration == 160);
}

TEST_CASE("no key is no press, and one for which there is no room is passed over") {
  Sender out;
  out.sender.press('x', alice);
  CHECK_FALSE(out.sender.is_busy());
  REQUIRE(out.sender.queue({.keys = std::string(64, '1'), .duration = 20ms, .pause = 0ms}));
  out.sender.press('2', alice);
  out.sender.release(alice);
  out.finish();
  CHECK(out.events.size() == 64 * 4);
}

TEST_CASE("what is not sent is said, and its time passes") {
  const auto refusal_of = [](auto change) {
    Sender out;
    change(out);
    REQUIRE(out.sender.queue({.keys = "5"}));
    const auto refused = out.tick();
    for (int i = 0; i < 13; ++i) CHECK(out.tick() == refused);
    CHECK(out.events.empty());
    CHECK(out.to.sent.packets == 0);
    CHECK(out.to.refused.of(*refused) == 14);
    for (int i = 0; i < 10; ++i) CHECK_FALSE(out.tick());
    CHECK_FALSE(out.sender.is_busy());
    return refused;
  };
  CHECK(refusal_of([](Sender& out) { out.to.telephone_event.reset(); }) == Drop::TelephoneEventRefused);
  CHECK(refusal_of([](Sender& out) { out.to.destination.reset(); }) == Drop::NoDestination);
  CHECK(refusal_of([](Sender& out) { out.to.may_send = false; }) == Drop::SendOff);
  CHECK(refusal_of([](Sender& out) { out.outbox.refusal = Drop::SendWouldBlock; }) == Drop::SendWouldBlock);
}

TEST_CASE("the first packet that gets out bears the marker") {
  Sender out;
  REQUIRE(out.sender.queue({.keys = "5"}));
  out.outbox.refusal = Drop::SendWouldBlock;
  CHECK(out.tick() == Drop::SendWouldBlock);
  out.outbox.refusal.reset();
  out.tick(2);
  CHECK(out.events[0].marker);
  CHECK(out.events[0].duration == 320);
  CHECK_FALSE(out.events[1].marker);
}

TEST_CASE("whoever speaks before and after: one sequence, and the clock does not go back over the digit") {
  Sender out;
  const SourceKey speaker{.channel = {9}, .ssrc = {1}, .from = address(9)};
  std::int64_t sequence = 500;
  const auto speak = [&]() {
    const auto stamp = out.to.stream.place({.source = speaker,
                                            .sequence = {sequence},
                                            .timestamp = {static_cast<std::uint32_t>(sequence) * 160},
                                            .length = {160}},
                                           out.now,
                                           {8000});
    ++sequence;
    REQUIRE(stamp.ok());
    return stamp.value();
  };
  const auto before = speak();
  REQUIRE(out.sender.queue({.keys = "5"}));
  out.finish();
  CHECK(out.events[0].sequence == static_cast<std::uint16_t>(before.sequence.value + 1));
  CHECK(out.events[0].timestamp == before.timestamp.value + 160);
  out.now += 20ms;
  const auto after = speak();
  CHECK(after.sequence.value == static_cast<std::uint16_t>(before.sequence.value + 15));
  CHECK(ticks_between(before.timestamp, after.timestamp) == 25 * 160);
}

TEST_CASE("a tick allocates nothing") {
  Sender out;
  out.outbox.is_counting_only = true;
  const std::size_t before = allocation_count();
  const bool is_taken = out.sender.queue({.keys = "0123456789"});
  for (int i = 0; i < 1000; ++i) {
    if (i % 100 == 50) out.sender.press('*', alice);
    if (i % 100 == 90) out.sender.release(alice);
    out.tick();
  }
  CHECK(allocation_count() == before);
  CHECK(is_taken);
  CHECK(out.outbox.sent_count > 300);
}

TEST_CASE("what is sent over a bad network is heard: each key once, if anything of it arrives") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    Random random({seed, 1, 1, 1});
    const std::array clocks{ClockRate{8000}, ClockRate{16000}, ClockRate{48000}};
    const ClockRate clock = clocks[seed % 3];
    Sender out(clock);
    std::vector<Delivered<Event>> sent;
    std::string keys;
    for (int i = 0; i < 30; ++i) {
      const char key = "0123456789*#ABCDF"[random.next32() % 17];
      keys += key;
      REQUIRE(out.sender.queue({.keys = std::string(1, key),
                                .duration = 20ms * (1 + random.next32() % 25),
                                .pause = 20ms * (3 + random.next32() % 10)}));
      std::size_t known = out.events.size();
      while (out.sender.is_busy()) {
        out.tick();
        for (; known < out.events.size(); ++known) {
          sent.push_back({.arrived = out.now, .packet = out.events[known]});
        }
      }
    }
    const unsigned lost = static_cast<unsigned>(seed % 5) * 20;
    const auto arrivals = deliver(sent, {.lost = lost, .doubled = 10, .jitter = Millis{50}}, random);

    // Timestamps tell the presses apart: no press here is longer than a segment.
    std::vector<std::uint32_t> starts;
    for (const auto& each : sent) {
      if (each.packet.marker) starts.push_back(each.packet.timestamp);
    }
    REQUIRE(starts.size() == keys.size());
    std::string expected;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const bool has_arrived =
          std::ranges::any_of(arrivals, [&](const auto& each) { return each.packet.timestamp == starts[i]; });
      if (has_arrived) expected += keys[i];
    }
    KeyPresses presses;
    std::string told;
    for (const auto& [arrived, packet] : arrivals) {
      const KeyNews news = presses.note({.ssrc = out.to.stream.ssrc(),
                                         .timestamp = {packet.timestamp},
                                         .event = {.event = static_cast<std::uint8_t>(packet.code),
                                                   .end = packet.end,
                                                   .volume = static_cast<std::uint8_t>(packet.volume),
                                                   .duration = static_cast<std::uint16_t>(packet.duration)},
                                         .arrived = arrived},
                                        clock);
      if (news.pressed) told += *news.pressed;
    }
    CHECK(told == expected);
    if (lost == 0) CHECK(told == keys);
  }
}
