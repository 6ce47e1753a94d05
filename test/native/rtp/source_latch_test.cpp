#include "rtp/source_latch.hpp"

#include <chrono>
#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "support/addresses.hpp"

using namespace mediaswitch;
using mediaswitch::test::address;
using namespace std::chrono_literals;

namespace {

constexpr Address phone = address(1);
constexpr Address nat = address(2);
constexpr Address thief = address(3);

constexpr auto taken = std::optional<Drop>{};
constexpr auto unconfirmed = std::optional{Drop::SourceUnconfirmed};
constexpr auto unknown = std::optional{Drop::UnknownSource};

struct Row {
  Millis at;
  Address from;
  std::uint32_t ssrc;
  std::uint16_t sequence;
  bool is_agreed;
  std::optional<Drop> expected;
  /// Where we would send after it.
  Address destination;
};

void play(SourceLatch& latch, const std::vector<Row>& rows) {
  int number = 0;
  for (const Row& row : rows) {
    CAPTURE(++number);
    const auto drop = latch.check({.from = row.from,
                                   .ssrc = {row.ssrc},
                                   .sequence = {row.sequence},
                                   .is_agreed_payload_type = row.is_agreed,
                                   .arrived = Time{row.at}});
    CHECK(drop == row.expected);
    REQUIRE(latch.destination());
    CHECK(*latch.destination() == row.destination);
  }
}

}  // namespace

TEST_CASE("before the far end is named nothing is taken and nothing sent") {
  SourceLatch latch;
  CHECK(latch.check(
            {.from = phone, .ssrc = {1}, .sequence = {1}, .is_agreed_payload_type = true, .arrived = {}}) ==
        Drop::NoTarget);
  CHECK_FALSE(latch.destination());
}

TEST_CASE("the signalled address is taken at once, and that ends the learning") {
  SourceLatch latch;
  latch.target(phone);
  play(latch,
       {{0ms, phone, 1, 1, true, taken, phone},
        {20ms, thief, 9, 1, true, unknown, phone},
        {40ms, thief, 9, 2, true, unknown, phone},
        {60ms, thief, 9, 3, true, unknown, phone},
        {80ms, thief, 9, 4, true, unknown, phone}});
}

TEST_CASE("a phone behind a NAT is learnt at its third packet, and held") {
  SourceLatch latch;
  latch.target(phone);
  play(latch,
       {{0ms, nat, 1, 65534, true, unconfirmed, phone},
        {20ms, nat, 1, 65535, true, unconfirmed, phone},
        {40ms, nat, 1, 0, true, taken, nat},
        {60ms, thief, 9, 1, true, unknown, nat},
        {80ms, thief, 9, 2, true, unknown, nat},
        {100ms, thief, 9, 3, true, unknown, nat},
        {120ms, nat, 5, 700, true, taken, nat}});
}

TEST_CASE("the same port on another address, and the other way round, is another source") {
  SourceLatch latch;
  latch.target(address(1, 4000));
  play(latch,
       {{0ms, address(1, 4000), 1, 1, true, taken, address(1, 4000)},
        {20ms, address(1, 4002), 1, 2, true, unknown, address(1, 4000)},
        {40ms, address(4, 4000), 1, 3, true, unknown, address(1, 4000)}});
}

TEST_CASE("three packets have to be three in a row") {
  const std::vector<std::vector<Row>> attacks{
      // the same packet three times
      {{0ms, thief, 9, 1, true, unconfirmed, phone},
       {20ms, thief, 9, 1, true, unconfirmed, phone},
       {40ms, thief, 9, 1, true, unconfirmed, phone},
       {60ms, thief, 9, 1, true, unconfirmed, phone}},
      // falling numbers
      {{0ms, thief, 9, 3, true, unconfirmed, phone},
       {20ms, thief, 9, 2, true, unconfirmed, phone},
       {40ms, thief, 9, 1, true, unconfirmed, phone}},
      // another SSRC each time
      {{0ms, thief, 7, 1, true, unconfirmed, phone},
       {20ms, thief, 8, 2, true, unconfirmed, phone},
       {40ms, thief, 9, 3, true, unconfirmed, phone}},
      // another port each time
      {{0ms, address(3, 1), 9, 1, true, unconfirmed, phone},
       {20ms, address(3, 2), 9, 2, true, unconfirmed, phone},
       {40ms, address(3, 3), 9, 3, true, unconfirmed, phone}},
      // a payload type nobody agreed on, alone and in between
      {{0ms, thief, 9, 1, false, unknown, phone},
       {20ms, thief, 9, 2, false, unknown, phone},
       {40ms, thief, 9, 3, false, unknown, phone}},
      {{0ms, thief, 9, 1, true, unconfirmed, phone},
       {20ms, thief, 9, 2, true, unconfirmed, phone},
       {40ms, thief, 9, 3, false, unknown, phone},
       {60ms, thief, 9, 4, true, unconfirmed, phone}},
      // too slow: more than two seconds after the first
      {{0ms, thief, 9, 1, true, unconfirmed, phone},
       {1000ms, thief, 9, 2, true, unconfirmed, phone},
       {2001ms, thief, 9, 3, true, unconfirmed, phone},
       {2021ms, thief, 9, 4, true, unconfirmed, phone}},
  };
  for (const auto& attack : attacks) {
    SourceLatch latch;
    latch.target(phone);
    play(latch, attack);
    play(latch, {{5s, phone, 1, 1, true, taken, phone}});
  }
}

TEST_CASE("two seconds are still in time") {
  SourceLatch latch;
  latch.target(phone);
  play(latch,
       {{0ms, nat, 1, 1, true, unconfirmed, phone},
        {1000ms, nat, 1, 2, true, unconfirmed, phone},
        {2000ms, nat, 1, 3, true, taken, nat}});
}

TEST_CASE("a thief who is not yet through loses against the signalled address") {
  SourceLatch latch;
  latch.target(phone);
  play(latch,
       {{0ms, thief, 9, 1, true, unconfirmed, phone},
        {20ms, thief, 9, 2, true, unconfirmed, phone},
        {30ms, phone, 1, 1, true, taken, phone},
        {40ms, thief, 9, 3, true, unknown, phone}});
}

TEST_CASE("a thief who got through is put out by the signalled address") {
  SourceLatch latch;
  latch.target(phone);
  play(latch,
       {{0ms, thief, 9, 1, true, unconfirmed, phone},
        {20ms, thief, 9, 2, true, unconfirmed, phone},
        {40ms, thief, 9, 3, true, taken, thief},
        {50ms, phone, 1, 1, true, taken, phone},
        {60ms, thief, 9, 4, true, unknown, phone}});
}

TEST_CASE("spraying from many sources does not push the phone out, nor get in") {
  SourceLatch latch;
  latch.target(phone);
  play(latch, {{0ms, nat, 1, 1, true, unconfirmed, phone}});
  Random random({1, 2, 3, 4});
  for (int i = 0; i < 1000; ++i) {
    const auto drop = latch.check({.from = address(200, static_cast<std::uint16_t>(1000 + i)),
                                   .ssrc = {random.next32()},
                                   .sequence = {random.next16()},
                                   .is_agreed_payload_type = true,
                                   .arrived = Time{1ms}});
    REQUIRE(drop);
  }
  play(latch, {{20ms, nat, 1, 2, true, unconfirmed, phone}, {40ms, nat, 1, 3, true, taken, nat}});
}

TEST_CASE("sprayers hold the places for two seconds only") {
  SourceLatch latch;
  latch.target(phone);
  for (std::uint16_t i = 0; i < 10; ++i) {
    CHECK(latch.check({.from = address(200, static_cast<std::uint16_t>(1000 + i)),
                       .ssrc = {1},
                       .sequence = {1},
                       .is_agreed_payload_type = true,
                       .arrived = Time{0ms}}));
  }
  play(latch,
       {{1990ms, nat, 1, 1, true, unknown, phone},
        {2010ms, nat, 1, 2, true, unconfirmed, phone},
        {2030ms, nat, 1, 3, true, unconfirmed, phone},
        {2050ms, nat, 1, 4, true, taken, nat}});
}

TEST_CASE("naming the same address again: the source held stays, and ends the learning by going on") {
  SourceLatch latch;
  latch.target(phone);
  play(latch,
       {{0ms, nat, 1, 1, true, unconfirmed, phone},
        {20ms, nat, 1, 2, true, unconfirmed, phone},
        {40ms, nat, 1, 3, true, taken, nat}});
  latch.target(phone);
  play(latch,
       {{60ms, thief, 9, 1, true, unconfirmed, nat},
        {70ms, thief, 9, 2, true, unconfirmed, nat},
        {80ms, nat, 1, 4, true, taken, nat},
        {90ms, thief, 9, 3, true, unknown, nat}});
}

TEST_CASE("naming the same address again lets a NAT's new mapping be learnt") {
  constexpr Address remapped = address(2, 4444);
  SourceLatch latch;
  latch.target(phone);
  play(latch,
       {{0ms, nat, 1, 1, true, unconfirmed, phone},
        {20ms, nat, 1, 2, true, unconfirmed, phone},
        {40ms, nat, 1, 3, true, taken, nat},
        {60ms, remapped, 1, 4, true, unknown, nat}});
  latch.target(phone);
  play(latch,
       {{80ms, remapped, 1, 5, true, unconfirmed, nat},
        {100ms, remapped, 1, 6, true, unconfirmed, nat},
        {120ms, remapped, 1, 7, true, taken, remapped},
        {140ms, nat, 1, 8, true, unknown, remapped}});
}

TEST_CASE("naming another address forgets what was learnt") {
  SourceLatch latch;
  latch.target(phone);
  play(latch,
       {{0ms, nat, 1, 1, true, unconfirmed, phone},
        {20ms, nat, 1, 2, true, unconfirmed, phone},
        {40ms, nat, 1, 3, true, taken, nat}});
  latch.target(address(8));
  play(latch, {{60ms, nat, 1, 4, true, unconfirmed, address(8)}});
}

TEST_CASE("each stranger is news once, and only so many are remembered") {
  SourceLatch latch;
  int news = 0;
  for (int round = 0; round < 3; ++round) {
    for (std::uint16_t port = 1; port <= 100; ++port) {
      if (latch.is_news(address(9, port))) ++news;
    }
  }
  CHECK(news == 8);
}
