#include "rtp/playout_delay.hpp"

#include <algorithm>
#include <chrono>
#include <doctest/doctest.h>
#include <vector>

#include "core/random.hpp"

using namespace mediaswitch;
using namespace std::chrono_literals;

namespace {

constexpr MediaSpan none = MediaSpan::zero();

struct Link {
  PlayoutDelay delay{MediaSpan(170ms)};
  MediaSpan begin{};
  MediaSpan length{20ms};
  /// Between our clock and the sender's.
  MediaSpan transit{1h};

  void send(MediaSpan late) {
    delay.note(begin, length, begin + transit + late);
    begin += length;
  }
  /// By how much what is played at a tick so long after a packet came on time is older than that packet.
  MediaSpan held(MediaSpan phase, MediaSpan margin = none) {
    const MediaSpan last = begin - length;
    return last - delay.latest_front(last + transit + phase, margin);
  }
};

}  // namespace

TEST_CASE("jitter is the 99th percentile of how late packets come") {
  Random random({1, 2, 3, 4});
  for (int round = 0; round < 20; ++round) {
    Link link;
    std::vector<MediaSpan> late;
    for (int i = 0; i < 120; ++i) {
      late.push_back(MediaSpan{random.next32() % 1000});
      link.send(late.back());
    }
    std::ranges::sort(late);
    CHECK(link.delay.jitter() == late[118] - late[0]);
  }
}

TEST_CASE("of few packets the worst counts, of many one in a hundred doesn't") {
  Link link;
  for (int i = 0; i < 50; ++i) link.send(i == 20 ? 80ms : 0ms);
  CHECK(link.delay.jitter() == 80ms);
  for (int i = 0; i < 60; ++i) link.send(none);
  CHECK(link.delay.jitter() == none);
  link.send(50ms);
  CHECK(link.delay.jitter() == 50ms);
}

TEST_CASE("what was 2.5 s ago is forgotten, also the quickest packet") {
  Link link;
  for (int i = 0; i < 200; ++i) link.send(i % 2 == 0 ? 0ms : 60ms);
  CHECK(link.delay.jitter() == 60ms);
  for (int i = 0; i < 140; ++i) link.send(60ms);
  CHECK(link.delay.jitter() == none);
  CHECK(link.delay.lateness(link.begin, link.begin + link.transit) == -60ms);
}

TEST_CASE("a pause is no reason to forget, a long one is") {
  Link link;
  for (int i = 0; i < 100; ++i) link.send(i % 2 == 0 ? 0ms : 60ms);
  link.begin += 9s;
  link.send(none);
  CHECK(link.delay.jitter() == 60ms);
  link.begin += 11s;
  link.send(none);
  CHECK(link.delay.jitter() == none);
  link.delay.forget();
  CHECK(link.delay.knows_nothing());
}

TEST_CASE("without jitter the packet that came last is played, when the margin allows it") {
  Link link;
  for (int i = 0; i < 10; ++i) link.send(none);
  CHECK(link.held(0ms) == none);
  CHECK(link.held(19ms) == none);
  CHECK(link.held(2ms, 2ms) == none);
  CHECK(link.held(1ms, 2ms) == 20ms);
}

TEST_CASE("with jitter one is played that has come, were it as late as that") {
  Link link;
  for (int i = 0; i < 100; ++i) link.send(i % 5 == 0 ? 50ms : 0ms);
  CHECK(link.held(9ms) == 60ms);
  CHECK(link.held(10ms) == 40ms);
  CHECK(link.held(10ms, 1ms) == 60ms);
}

TEST_CASE("frames that don't begin where packets do wait for the packet they end in") {
  Link link;
  SUBCASE("10 ms packets: the one before the last") {
    link.length = 10ms;
    for (int i = 0; i < 10; ++i) link.send(none);
    CHECK(link.held(5ms) == 10ms);
  }
  SUBCASE("60 ms packets: three frames from each") {
    link.length = 60ms;
    for (int i = 0; i < 10; ++i) link.send(none);
    CHECK(link.held(5ms) == none);
    CHECK(link.held(25ms) == -20ms);
    CHECK(link.held(45ms) == -40ms);
  }
  SUBCASE("30 ms packets: some frames begin 10 ms before the packet") {
    link.length = 30ms;
    for (int i = 0; i < 10; ++i) link.send(none);
    CHECK(link.held(5ms) == 10ms);
    CHECK(link.held(25ms) == -10ms);
  }
}

TEST_CASE("jitter beyond the longest delay asks for no more than that, in whole packets") {
  Link link;
  for (int i = 0; i < 100; ++i) link.send(i % 5 == 0 ? 400ms : 0ms);
  for (MediaSpan phase = 0ms; phase < 20ms; phase += 1ms) {
    const MediaSpan held = link.held(phase) + phase;
    CHECK(held >= 170ms);
    CHECK(held < 190ms);
    CHECK(link.held(phase) % MediaSpan(20ms) == none);
  }
}
