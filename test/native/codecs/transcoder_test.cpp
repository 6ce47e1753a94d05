#include "codecs/transcoder.hpp"

#include <array>
#include <doctest/doctest.h>
#include <numeric>

#include "codecs/g711.hpp"

using namespace mediaswitch;

TEST_CASE("each pair of formats goes through its table, equal formats stay") {
  std::array<std::uint8_t, 256> every{};
  std::iota(every.begin(), every.end(), std::uint8_t{0});

  auto octets = every;
  transcode(AudioFormat::Pcmu, AudioFormat::Pcma, octets);
  CHECK(octets == g711::mu_to_a);
  octets = every;
  transcode(AudioFormat::Pcma, AudioFormat::Pcmu, octets);
  CHECK(octets == g711::a_to_mu);
  octets = every;
  transcode(AudioFormat::Pcmu, AudioFormat::Pcmu, octets);
  transcode(AudioFormat::Pcma, AudioFormat::Pcma, octets);
  CHECK(octets == every);
}

TEST_CASE("formats are found by their payload names") {
  CHECK(format_named("PCMU") == AudioFormat::Pcmu);
  CHECK(format_named("PCMA") == AudioFormat::Pcma);
  CHECK_FALSE(format_named("pcmu"));
  CHECK_FALSE(format_named(""));
  for (const FormatTraits& each : formats) CHECK(traits(each.format).name == each.name);
}
