#include "core/bit_field.hpp"

#include <array>
#include <doctest/doctest.h>

using namespace mediaswitch;

TEST_CASE("a bit field is written and read alike at its edges and leaves its neighbours alone") {
  for (unsigned width = 1; width <= 8; ++width) {
    for (unsigned shift = 0; shift + width <= 8; ++shift) {
      const BitField field{.octet = 1, .shift = shift, .width = width};
      const unsigned most = (1U << width) - 1;
      for (const unsigned value : {0U, 1U, most}) {
        for (const std::uint8_t before : std::array<std::uint8_t, 3>{0x00, 0xFF, 0xA5}) {
          std::array<std::uint8_t, 3> octets{before, before, before};
          field.write(octets, value);
          CHECK(field.read(octets) == value);
          CHECK((octets[1] & ~field.mask()) == (before & ~field.mask()));
          CHECK(octets[0] == before);
          CHECK(octets[2] == before);
        }
      }
      std::array<std::uint8_t, 3> octets{};
      field.write(octets, most + 1);
      CHECK_MESSAGE(field.read(octets) == 0, "one too many is cut off");
    }
  }
}

TEST_CASE("a word is in network byte order") {
  std::array<std::uint8_t, 6> octets{};
  const WordField<std::uint32_t> field{.octet = 1};
  field.write(octets, 0x01020304);
  CHECK(octets == std::array<std::uint8_t, 6>{0, 1, 2, 3, 4, 0});
  CHECK(field.read(octets) == 0x01020304);
  field.write(octets, 0xFFFFFFFF);
  CHECK(field.read(octets) == 0xFFFFFFFF);
}
