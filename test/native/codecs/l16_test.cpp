#include "codecs/l16.hpp"

#include <array>
#include <doctest/doctest.h>
#include <numeric>
#include <vector>

using namespace mediaswitch;

TEST_CASE("the most significant octet comes first, in two's complement") {
  const std::array<std::int16_t, 6> samples{0, 1, -1, 0x1234, 32767, -32768};
  const std::array<std::uint8_t, 12> expected{0, 0, 0, 1, 0xFF, 0xFF, 0x12, 0x34, 0x7F, 0xFF, 0x80, 0};
  std::array<std::uint8_t, 12> octets{};
  l16::encode(samples, octets);
  CHECK(octets == expected);
  std::array<std::int16_t, 6> decoded{};
  l16::decode(octets, decoded);
  CHECK(decoded == samples);
}

TEST_CASE("every sample comes back as it was") {
  std::vector<std::int16_t> samples(65536);
  std::iota(samples.begin(), samples.end(), std::int16_t{-32768});
  std::vector<std::uint8_t> octets(2 * samples.size());
  std::vector<std::int16_t> decoded(samples.size());
  l16::encode(samples, octets);
  l16::decode(octets, decoded);
  CHECK(decoded == samples);
}
