#include "rtp/telephone_event.hpp"

#include <array>
#include <doctest/doctest.h>
#include <string>

using namespace mediaswitch;

TEST_CASE("an event is laid out as in RFC 4733 §2.3") {
  const std::array<std::uint8_t, 4> octets{11, 0x80 | 10, 0x01, 0x90};
  const auto event = read_telephone_event(octets);
  REQUIRE(event);
  CHECK(*event == TelephoneEvent{.event = 11, .end = true, .volume = 10, .duration = 400});
}

TEST_CASE("the reserved bit is neither read as volume nor sent") {
  const std::array<std::uint8_t, 4> octets{1, 0x40 | 63, 0, 1};
  const auto event = read_telephone_event(octets);
  REQUIRE(event);
  CHECK(event->volume == 63);
  std::array<std::uint8_t, 4> written{0xFF, 0xFF, 0xFF, 0xFF};
  write_telephone_event(*event, written);
  CHECK(written == std::array<std::uint8_t, 4>{1, 63, 0, 1});
}

TEST_CASE("what is written reads back the same at the edges") {
  for (const std::uint8_t code : std::array<std::uint8_t, 4>{0, 15, 16, 255}) {
    for (const bool end : {false, true}) {
      for (const std::uint8_t volume : std::array<std::uint8_t, 3>{0, 1, 63}) {
        for (const std::uint16_t duration : std::array<std::uint16_t, 5>{0, 1, 255, 256, 65535}) {
          const TelephoneEvent event{.event = code, .end = end, .volume = volume, .duration = duration};
          std::array<std::uint8_t, 4> octets{};
          write_telephone_event(event, octets);
          CHECK(read_telephone_event(octets) == event);
        }
      }
    }
  }
}

TEST_CASE("three octets are no event") {
  const std::array<std::uint8_t, 3> octets{1, 2, 3};
  CHECK_FALSE(read_telephone_event(octets));
  CHECK_FALSE(read_telephone_event({}));
}

TEST_CASE("keys have their names, other events none") {
  const std::string names = "0123456789*#ABCDF";
  for (std::size_t code = 0; code < 256; ++code) {
    const auto key = key_of({.event = static_cast<std::uint8_t>(code)});
    if (code < names.size()) {
      CHECK(key == names[code]);
    } else {
      CHECK_FALSE(key);
    }
  }
}

namespace {

constexpr Ssrc phone{77};

struct Presses {
  KeyPresses presses;
  std::string told;

  void note(std::uint32_t timestamp,
            std::uint8_t code,
            std::uint16_t duration,
            bool end = false,
            Ssrc ssrc = phone) {
    const auto key =
        presses.note(ssrc, {timestamp}, {.event = code, .end = end, .volume = 10, .duration = duration});
    if (key) told += *key;
  }
};

}  // namespace

TEST_CASE("a press is told once: updates, three end packets, duplicates") {
  Presses keys;
  for (std::uint16_t i = 1; i <= 11; ++i) keys.note(1000, 5, static_cast<std::uint16_t>(i * 160));
  for (int i = 0; i < 3; ++i) keys.note(1000, 5, 1760, true);
  CHECK(keys.told == "5");
}

TEST_CASE("the same key again is told again; lost first or last packets do not matter") {
  Presses keys;
  keys.note(1000, 5, 160);
  keys.note(5000, 5, 320);
  keys.note(9000, 5, 1760, true);
  CHECK(keys.told == "555");
}

TEST_CASE("packets of an earlier press that come late are not told") {
  Presses keys;
  keys.note(1000, 1, 160);
  keys.note(5000, 2, 160);
  keys.note(1000, 1, 1760, true);
  keys.note(5000, 2, 320);
  CHECK(keys.told == "12");
}

TEST_CASE("timestamps wrap") {
  Presses keys;
  keys.note(0xFFFFFF00, 1, 160);
  keys.note(0x00000F00, 2, 160);
  CHECK(keys.told == "12");
}

TEST_CASE("a press of more than 65,535 ticks goes on under new timestamps (RFC 4733 §2.5.1.3)") {
  Presses keys;
  keys.note(0, 7, 65535);
  keys.note(65535, 7, 160);
  keys.note(65535, 7, 65535);
  keys.note(131070, 7, 800, true);
  CHECK(keys.told == "7");
  keys.note(131070 + 65535, 7, 160);
  CHECK_MESSAGE(keys.told == "77", "after an end it is a new one");
}

TEST_CASE("another source presses by itself") {
  Presses keys;
  keys.note(9000, 1, 160);
  keys.note(10, 2, 160, false, Ssrc{78});
  CHECK(keys.told == "12");
}

TEST_CASE("events that are no keys are not told") {
  Presses keys;
  keys.note(1000, 32, 160);
  CHECK(keys.told.empty());
}
