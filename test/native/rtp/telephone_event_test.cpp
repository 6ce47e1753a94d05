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

TEST_CASE("each key's name has its code, small letters too; nothing else has one") {
  const std::string names = "0123456789*#ABCDF";
  const std::string small = "abcdf";
  for (int octet = 0; octet < 256; ++octet) {
    const char each = static_cast<char>(octet);
    const auto at = names.find(each);
    if (at != std::string::npos) {
      CHECK(event_of(each) == at);
    } else if (small.find(each) != std::string::npos) {
      CHECK(event_of(each) == names.find(static_cast<char>(each - 'a' + 'A')));
    } else {
      CHECK_FALSE(event_of(each));
    }
  }
}

TEST_CASE("reports after the first are left alone (RFC 4733 §2.5.1.5)") {
  const std::array<std::uint8_t, 8> octets{1, 5, 0, 160, 2, 0x85, 0, 80};
  CHECK(read_telephone_event(octets) ==
        TelephoneEvent{.event = 1, .end = false, .volume = 5, .duration = 160});
}
