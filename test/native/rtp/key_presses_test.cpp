#include "rtp/key_presses.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <doctest/doctest.h>
#include <string>
#include <string_view>
#include <vector>

#include "core/random.hpp"
#include "support/allocation_count.hpp"
#include "support/lossy_network.hpp"

using namespace mediaswitch;
using mediaswitch::test::allocation_count;
using mediaswitch::test::deliver;
using mediaswitch::test::Delivered;
using mediaswitch::test::NetworkFaults;
using namespace std::chrono_literals;

namespace {

constexpr ClockRate clock_rate{8000};
constexpr Ssrc phone{77};
constexpr Ssrc other_phone{78};
constexpr std::string_view key_names = "0123456789*#ABCDF";

/// Writes down what is told, in its order: `5` a key that went down, `(5 220)` one that was let go after so
/// many milliseconds.
struct Presses {
  KeyPresses presses;
  std::string told;
  Time now{1h};

  void note(std::uint32_t timestamp,
            std::uint8_t code,
            std::uint16_t duration,
            bool end = false,
            Ssrc ssrc = phone) {
    write(presses.note({.ssrc = ssrc,
                        .timestamp = {timestamp},
                        .event = {.event = code, .end = end, .volume = 10, .duration = duration},
                        .arrived = now},
                       clock_rate));
  }
  void pass(Millis time) {
    now += time;
    write(presses.expire(now, clock_rate));
  }
  void write(const std::optional<KeyRelease>& released) {
    if (!released) return;
    told += std::string("(") + released->key + " " + std::to_string(released->held.count()) + ")";
  }
  void write(const KeyNews& news) {
    write(news.given_up);
    if (news.pressed) told += *news.pressed;
    write(news.released);
  }
};

}  // namespace

TEST_CASE("a press is told once, and its end with its duration: updates, three end packets, duplicates") {
  Presses keys;
  for (std::uint16_t i = 1; i <= 11; ++i) {
    keys.note(1000, 5, static_cast<std::uint16_t>(i * 160));
    keys.note(1000, 5, static_cast<std::uint16_t>(i * 160));
    keys.now += 20ms;
  }
  CHECK(keys.told == "5");
  CHECK(keys.presses.is_held());
  for (int i = 0; i < 3; ++i) keys.note(1000, 5, 1760, true);
  CHECK(keys.told == "5(5 220)");
  CHECK_FALSE(keys.presses.is_held());
  keys.note(1000, 5, 1600);
  keys.pass(1s);
  CHECK(keys.told == "5(5 220)");
}

TEST_CASE("one packet is enough, whichever it is") {
  Presses first;
  first.note(1000, 5, 160);
  CHECK(first.told == "5");
  first.pass(199ms);
  CHECK(first.told == "5");
  first.pass(1ms);
  CHECK(first.told == "5(5 20)");
  Presses last;
  last.note(1000, 5, 1760, true);
  CHECK(last.told == "5(5 220)");
}

TEST_CASE("the same key again is told again; that of which the end was lost is given up by the next") {
  Presses keys;
  keys.note(1000, 5, 160);
  keys.note(5000, 5, 320);
  keys.note(9000, 5, 1760, true);
  CHECK(keys.told == "5(5 20)5(5 40)5(5 220)");
}

TEST_CASE("packets of an earlier press that come late are not told") {
  Presses keys;
  keys.note(1000, 1, 160);
  keys.note(5000, 2, 160);
  keys.note(1000, 1, 1760, true);
  keys.note(5000, 2, 320);
  CHECK(keys.told == "1(1 20)2");
}

TEST_CASE("a press that is overtaken by the next one is told with its release; the next stays held") {
  Presses keys;
  keys.note(5000, 2, 160);
  keys.note(1000, 1, 1760);
  CHECK(keys.told == "21(1 220)");
  CHECK(keys.presses.is_held());
  keys.note(1000, 1, 1760, true);
  keys.note(5000, 2, 800, true);
  CHECK(keys.told == "21(1 220)(2 100)");
}

TEST_CASE("a clock that begins anew far back is no delay") {
  Presses keys;
  keys.note(500'000, 1, 1600, true);
  keys.now += 10s;
  keys.note(1000, 2, 160);
  CHECK(keys.presses.is_held());
  keys.note(1000, 2, 800, true);
  CHECK(keys.told == "1(1 200)2(2 100)");
}

TEST_CASE("timestamps wrap") {
  Presses keys;
  keys.note(0xFFFFFF00, 1, 160);
  keys.note(0x00000F00, 2, 160);
  keys.note(0xFFFFFF00, 1, 320);
  CHECK(keys.told == "1(1 20)2");
}

TEST_CASE("a press of more than 65,535 ticks goes on under new timestamps (RFC 4733 §2.5.1.3)") {
  Presses keys;
  keys.note(0xFFFFFFF0, 7, 65535);
  keys.note(0xFFFFFFF0 + 65535U, 7, 160);
  keys.note(0xFFFFFFF0 + 65535U, 7, 65535);
  keys.note(0xFFFFFFF0 + 131070U, 7, 800, true);
  CHECK(keys.told == "7(7 16483)");
  keys.note(0xFFFFFFF0 + 131070U + 65535U, 7, 160);
  CHECK_MESSAGE(keys.told == "7(7 16483)7", "after an end it is a new one");
}

TEST_CASE("segments may be missing, come late or after a silence, and are no new press") {
  Presses gap;
  gap.note(1000, 7, 65535);
  gap.note(1000 + 3 * 65535, 7, 160);
  CHECK(gap.told == "7");
  gap.note(1000 + 3 * 65535, 7, 320, true);
  CHECK(gap.told == "7(7 24615)");
  Presses late;
  late.note(1000 + 65535, 7, 160);
  late.note(1000, 7, 65535);
  late.note(1000 + 65535, 7, 320, true);
  CHECK(late.told == "7(7 8231)");
  Presses silence;
  silence.note(1000, 7, 800);
  silence.pass(300ms);
  silence.note(1000 + 65535, 7, 160);
  CHECK(silence.told == "7(7 100)");
}

TEST_CASE("another source presses by itself") {
  Presses keys;
  keys.note(9000, 1, 160);
  keys.note(10, 2, 160, false, other_phone);
  CHECK(keys.told == "1(1 20)2");
}

TEST_CASE("a source that changes its SSRC while a key is held still holds the one key") {
  Presses keys;
  keys.now += 20ms;
  keys.note(1000, 5, 160);
  keys.now += 20ms;
  keys.note(1000, 5, 320);
  keys.now += 20ms;
  keys.note(77000, 5, 480, false, other_phone);
  keys.note(1000, 5, 320);
  keys.now += 20ms;
  keys.note(77000, 5, 640, false, other_phone);
  keys.note(77000, 5, 640, true, other_phone);
  CHECK(keys.told == "5(5 80)");
  keys.now += 300ms;
  keys.note(80000, 5, 160, false, other_phone);
  CHECK(keys.told == "5(5 80)5");
}

TEST_CASE("an SSRC that changes where a segment ends") {
  Presses keys;
  keys.now += 8192ms;
  keys.note(1000, 5, 65535);
  keys.now += 20ms;
  keys.note(99, 5, 160, false, other_phone);
  keys.now += 20ms;
  keys.note(99, 5, 320, true, other_phone);
  CHECK(keys.told == "5(5 8231)");
}

TEST_CASE("an SSRC that changes after an earlier segment came late") {
  Presses keys;
  keys.now += 8212ms;
  keys.note(1000 + 65535, 5, 160);
  keys.note(1000, 5, 65535);
  keys.now += 20ms;
  keys.note(99, 5, 320, true, other_phone);
  CHECK(keys.told == "5(5 8231)");
}

TEST_CASE("the same key of another source, later, is another press") {
  Presses keys;
  keys.note(1000, 5, 160);
  keys.now += 180ms;
  keys.note(1000, 5, 160, false, other_phone);
  CHECK(keys.told == "5(5 20)5");
}

TEST_CASE("the same key of another source that went down before is another press") {
  Presses keys;
  keys.note(1000, 5, 160);
  keys.now += 20ms;
  keys.note(1000, 5, 1760, false, other_phone);
  CHECK(keys.told == "5(5 20)5");
}

TEST_CASE("events that are no keys are not told, and end the one that is") {
  Presses keys;
  keys.note(1000, 32, 160);
  keys.pass(1s);
  CHECK(keys.told.empty());
  keys.note(9000, 1, 160);
  keys.note(19000, 33, 160);
  CHECK(keys.told == "1(1 20)");
}

namespace {

/// A packet, and the number of the press it is of.
struct Sent {
  std::size_t press = 0;
  Ssrc ssrc;
  RtpTimestamp timestamp;
  TelephoneEvent event;
};

struct Typing {
  ClockRate clock{8000};
  /// Milliseconds, in whole packets of 20 ms.
  unsigned shortest_press = 60;
  unsigned longest_press = 400;
  unsigned shortest_pause = 40;
  unsigned longest_pause = 300;
  std::string_view keys = key_names;
  /// Percent of the packets before which the source changes its SSRC and its timestamps.
  unsigned renamed = 0;
};

/// A phone by RFC 4733 §2.5.1: an update every 20 ms with the timestamp of the start, the end three times,
/// and segments of 0xFFFF ticks.
class Phone {
 public:
  Phone(const Typing& typing, Random& random) : typing_(typing), random_(random) { rename(); }

  std::vector<Delivered<Sent>> type(std::size_t presses) {
    for (std::size_t i = 0; i < presses; ++i) {
      press(i, in_packets(typing_.shortest_press, typing_.longest_press));
      now_ += 20ms * in_packets(typing_.shortest_pause, typing_.longest_pause);
    }
    return sent_;
  }
  [[nodiscard]] std::uint8_t code_of(std::size_t press) const { return codes_.at(press); }
  [[nodiscard]] unsigned packets_of(std::size_t press) const { return lengths_.at(press); }

 private:
  unsigned in_packets(unsigned from, unsigned to) {
    return from / 20 + random_.next32() % ((to - from) / 20 + 1);
  }
  void rename() {
    ssrc_ = {random_.next32()};
    offset_ = random_.next32();
  }
  void press(std::size_t number, unsigned packets) {
    codes_.push_back(
        static_cast<std::uint8_t>(key_names.find(typing_.keys[random_.next32() % typing_.keys.size()])));
    lengths_.push_back(packets);
    const std::uint32_t frame = typing_.clock.value / 50;
    auto segment = static_cast<std::uint32_t>((now_ - Time{}) / 20ms) * frame;
    std::uint32_t duration = 0;
    for (unsigned i = 0; i < packets + 3; ++i) {
      if (random_.next32() % 100 < typing_.renamed) rename();
      if (i < packets) duration += frame;
      if (duration > 0xFFFF) {
        send(number, segment, 0xFFFF, false);
        segment += 0xFFFF;
        duration -= 0xFFFF;
      }
      now_ += 20ms;
      send(number, segment, duration, i >= packets);
    }
  }
  void send(std::size_t number, std::uint32_t timestamp, std::uint32_t duration, bool is_end) {
    sent_.push_back({.arrived = now_,
                     .packet = {.press = number,
                                .ssrc = ssrc_,
                                .timestamp = {timestamp + offset_},
                                .event = {.event = codes_.back(),
                                          .end = is_end,
                                          .volume = 10,
                                          .duration = static_cast<std::uint16_t>(duration)}}});
  }

  Typing typing_;
  Random& random_;
  Time now_{1h};
  Ssrc ssrc_;
  std::uint32_t offset_ = 0;
  std::vector<Delivered<Sent>> sent_;
  std::vector<std::uint8_t> codes_;
  std::vector<unsigned> lengths_;
};

/// What was told over a whole session, with a look at the clock every 20 ms.
struct Session {
  std::string pressed;
  std::vector<KeyRelease> released;
  int held = 0;
  int most_held = 0;

  void tell(const KeyNews& news) {
    if (news.given_up) release(*news.given_up);
    if (news.pressed) {
      pressed += *news.pressed;
      ++held;
    }
    if (news.released) release(*news.released);
    most_held = std::max(most_held, held);
  }
  void release(const KeyRelease& release) {
    --held;
    released.push_back(release);
  }
};

Session hear(const std::vector<Delivered<Sent>>& arrivals, ClockRate clock) {
  KeyPresses presses;
  Session session;
  if (arrivals.empty()) return session;
  Time now = arrivals.front().arrived;
  for (const auto& [arrived, packet] : arrivals) {
    for (; now < arrived; now += 20ms) session.tell({.given_up = presses.expire(now, clock)});
    session.tell(presses.note(
        {.ssrc = packet.ssrc, .timestamp = packet.timestamp, .event = packet.event, .arrived = arrived},
        clock));
  }
  session.tell({.given_up = presses.expire(now + 1s, clock)});
  return session;
}

/// Names of the presses of which something arrived, in the order in which they were pressed.
std::string expected_keys(const std::vector<Delivered<Sent>>& arrivals, const Phone& typist) {
  std::vector<std::size_t> numbers;
  for (const auto& each : arrivals) numbers.push_back(each.packet.press);
  std::ranges::sort(numbers);
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  std::string keys;
  for (const std::size_t number : numbers) keys += key_names[typist.code_of(number)];
  return keys;
}

std::string sorted(std::string text) {
  std::ranges::sort(text);
  return text;
}

std::string keys_of(const std::vector<KeyRelease>& releases) {
  std::string keys;
  for (const KeyRelease& each : releases) keys += each.key;
  return keys;
}

struct Run {
  Session session;
  std::string expected;
};

Run run(const Typing& typing, const NetworkFaults& faults, std::uint64_t seed, std::size_t presses) {
  Random random({seed, 2, 3, 4});
  Phone typist(typing, random);
  const auto arrivals = deliver(typist.type(presses), faults, random);
  return {.session = hear(arrivals, typing.clock), .expected = expected_keys(arrivals, typist)};
}

constexpr std::array clocks{ClockRate{8000}, ClockRate{16000}, ClockRate{48000}};

}  // namespace

TEST_CASE("in order, whatever is lost or doubled: never twice, and once when anything arrives") {
  std::uint64_t seed = 0;
  for (const ClockRate clock : clocks) {
    for (const unsigned lost : {0U, 5U, 30U, 60U, 80U}) {
      for (int round = 0; round < 10; ++round) {
        const auto [session, expected] =
            run({.clock = clock, .keys = "12"}, {.lost = lost, .doubled = 20}, ++seed, 100);
        CAPTURE(seed);
        REQUIRE(session.pressed == expected);
        REQUIRE(keys_of(session.released) == expected);
        REQUIRE(session.most_held <= 1);
        REQUIRE(session.held == 0);
      }
    }
  }
}

TEST_CASE("out of order, too") {
  std::uint64_t seed = 1000;
  for (const ClockRate clock : clocks) {
    for (const unsigned lost : {0U, 30U, 80U}) {
      for (const Millis jitter : {Millis{30}, Millis{60}, Millis{150}}) {
        for (int round = 0; round < 10; ++round) {
          const auto [session, expected] =
              run({.clock = clock}, {.lost = lost, .doubled = 20, .jitter = jitter}, ++seed, 100);
          CAPTURE(seed);
          REQUIRE(sorted(session.pressed) == sorted(expected));
          REQUIRE(sorted(keys_of(session.released)) == sorted(expected));
          REQUIRE(session.held == 0);
        }
      }
    }
  }
}

TEST_CASE("the same key in quick succession, all its ends lost or not") {
  std::uint64_t seed = 2000;
  for (const unsigned lost : {0U, 40U, 80U}) {
    for (const Millis jitter : {Millis{0}, Millis{60}}) {
      const Typing typing{.longest_press = 100, .longest_pause = 60, .keys = "5"};
      for (int round = 0; round < 20; ++round) {
        const auto [session, expected] = run(typing, {.lost = lost, .jitter = jitter}, ++seed, 100);
        CAPTURE(seed);
        REQUIRE(session.pressed == expected);
        REQUIRE(session.released.size() == expected.size());
      }
    }
  }
}

TEST_CASE("presses of up to 20 s, in segments") {
  std::uint64_t seed = 3000;
  for (const ClockRate clock : clocks) {
    for (const unsigned lost : {0U, 30U, 80U}) {
      for (const Millis jitter : {Millis{0}, Millis{60}}) {
        const Typing typing{.clock = clock, .shortest_press = 1000, .longest_press = 20'000, .keys = "59"};
        for (int round = 0; round < 5; ++round) {
          const auto [session, expected] =
              run(typing, {.lost = lost, .doubled = 10, .jitter = jitter}, ++seed, 20);
          CAPTURE(seed);
          REQUIRE(sorted(session.pressed) == sorted(expected));
          REQUIRE(session.released.size() == expected.size());
        }
      }
    }
  }
}

TEST_CASE("the SSRC changes at any packet") {
  std::uint64_t seed = 4000;
  for (const ClockRate clock : clocks) {
    for (const unsigned lost : {0U, 30U, 80U}) {
      for (const Millis jitter : {Millis{0}, Millis{60}}) {
        const Typing typing{.clock = clock,
                            .shortest_press = 100,
                            .longest_press = 500,
                            .shortest_pause = 260,
                            .longest_pause = 400,
                            .keys = "59",
                            .renamed = 4};
        for (int round = 0; round < 20; ++round) {
          const auto [session, expected] =
              run(typing, {.lost = lost, .doubled = 10, .jitter = jitter}, ++seed, 50);
          CAPTURE(seed);
          REQUIRE(sorted(session.pressed) == sorted(expected));
          REQUIRE(session.released.size() == expected.size());
        }
      }
    }
  }
}

TEST_CASE("a release tells how long the key was held, as far as it was told") {
  Random random({5, 6, 7, 8});
  const Typing typing{.clock = {16000}, .longest_press = 12'000, .shortest_pause = 200, .keys = "7"};
  Phone typist(typing, random);
  const auto sent = typist.type(100);
  // All ends lost, else every fourth packet but the last updates: no silence of 200 ms while a key is held.
  std::vector<Delivered<Sent>> arrivals;
  std::size_t number = 0;
  for (const auto& each : sent) {
    if (each.packet.event.end || ++number % 4 == 0) continue;
    arrivals.push_back(each);
  }
  const Session session = hear(arrivals, typing.clock);
  REQUIRE(session.released.size() == 100);
  for (std::size_t i = 0; i < 100; ++i) {
    const Millis held = 20ms * typist.packets_of(i);
    CHECK(session.released[i].held <= held);
    CHECK(session.released[i].held >= held - 20ms);
  }
  const Session whole = hear(sent, typing.clock);
  for (std::size_t i = 0; i < 100; ++i) CHECK(whole.released.at(i).held == 20ms * typist.packets_of(i));
}

TEST_CASE("noting and expiring allocate nothing") {
  Random random({1, 1, 1, 1});
  Phone typist({.renamed = 2}, random);
  const auto arrivals = deliver(typist.type(200), {.lost = 20, .doubled = 20, .jitter = 60ms}, random);
  KeyPresses presses;
  std::size_t told = 0;
  const std::size_t before = allocation_count();
  for (const auto& [arrived, packet] : arrivals) {
    const KeyNews news = presses.note(
        {.ssrc = packet.ssrc, .timestamp = packet.timestamp, .event = packet.event, .arrived = arrived},
        clock_rate);
    if (news.pressed) ++told;
    if (presses.expire(arrived, clock_rate)) ++told;
  }
  CHECK(allocation_count() == before);
  CHECK(told > 100);
}
