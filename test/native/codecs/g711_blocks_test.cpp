#include "codecs/g711_blocks.hpp"

#include <algorithm>
#include <array>
#include <doctest/doctest.h>
#include <numeric>
#include <span>
#include <vector>

#include "codecs/g711.hpp"

using namespace mediaswitch;

namespace {

std::vector<std::int16_t> every_sample() {
  std::vector<std::int16_t> samples(65536);
  std::iota(samples.begin(), samples.end(), std::int16_t{-32768});
  return samples;
}

}  // namespace

TEST_CASE("blocks are encoded as each sample is, for all 65536") {
  const std::vector<std::int16_t> samples = every_sample();
  REQUIRE(samples.back() == 32767);
  std::vector<std::uint8_t> octets(samples.size());
  std::vector<std::uint8_t> expected(samples.size());

  g711::encode_mu(samples, octets);
  std::ranges::transform(samples, expected.begin(), [](std::int16_t each) { return g711::encode_mu(each); });
  CHECK(octets == expected);

  g711::encode_a(samples, octets);
  std::ranges::transform(samples, expected.begin(), [](std::int16_t each) { return g711::encode_a(each); });
  CHECK(octets == expected);
}

TEST_CASE("blocks of any length, and no octet beyond") {
  const std::vector<std::int16_t> samples = every_sample();
  for (std::size_t length = 0; length < 70; ++length) {
    const auto pcm = std::span(samples).subspan(32'700, length);
    std::vector<std::uint8_t> octets(length + 1, 0x11);
    g711::encode_mu(pcm, std::span(octets).first(length));
    for (std::size_t i = 0; i < length; ++i) CHECK(octets[i] == g711::encode_mu(pcm[i]));
    CHECK(octets[length] == 0x11);
    g711::encode_a(pcm, std::span(octets).first(length));
    for (std::size_t i = 0; i < length; ++i) CHECK(octets[i] == g711::encode_a(pcm[i]));
    CHECK(octets[length] == 0x11);
  }
}

TEST_CASE("blocks are decoded as each octet is") {
  std::array<std::uint8_t, 256> octets{};
  std::iota(octets.begin(), octets.end(), std::uint8_t{0});
  std::array<std::int16_t, 256> pcm{};

  g711::decode_mu(octets, pcm);
  for (std::size_t i = 0; i < octets.size(); ++i) CHECK(pcm.at(i) == g711::decode_mu(octets.at(i)));
  g711::decode_a(octets, pcm);
  for (std::size_t i = 0; i < octets.size(); ++i) CHECK(pcm.at(i) == g711::decode_a(octets.at(i)));
}
