#include "codecs/g711.hpp"

#include <doctest/doctest.h>
#include <limits>
#include <spandsp.h>

using namespace mediaswitch;

TEST_CASE("decoding equals spandsp's for every octet") {
  for (int octet = 0; octet < 256; ++octet) {
    const auto code = static_cast<std::uint8_t>(octet);
    CHECK(g711::decode_mu(code) == ulaw_to_linear(code));
    CHECK(g711::decode_a(code) == alaw_to_linear(code));
  }
}

TEST_CASE("encoding equals spandsp's for every sample") {
  int mu_differences = 0;
  int a_differences = 0;
  for (int i = std::numeric_limits<std::int16_t>::min(); i <= std::numeric_limits<std::int16_t>::max(); ++i) {
    const auto sample = static_cast<std::int16_t>(i);
    if (g711::encode_mu(sample) != linear_to_ulaw(sample)) ++mu_differences;
    if (g711::encode_a(sample) != linear_to_alaw(sample)) ++a_differences;
  }
  CHECK(mu_differences == 0);
  CHECK(a_differences == 0);
}

TEST_CASE("the direct tables equal decoding and encoding by spandsp") {
  for (int octet = 0; octet < 256; ++octet) {
    const auto code = static_cast<std::uint8_t>(octet);
    CHECK(g711::mu_to_a.at(code) == linear_to_alaw(ulaw_to_linear(code)));
    CHECK(g711::a_to_mu.at(code) == linear_to_ulaw(alaw_to_linear(code)));
  }
}
