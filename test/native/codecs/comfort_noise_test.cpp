#include "codecs/comfort_noise.hpp"

#include <array>
#include <cmath>
#include <doctest/doctest.h>
#include <vector>

#include "support/allocation_count.hpp"
#include "support/likeness.hpp"

using namespace mediaswitch;

namespace {

using Pcm = std::vector<std::int16_t>;
using Octets = std::vector<std::uint8_t>;

constexpr Random::Seed seed{1, 2, 3, 4};

Pcm noise_of(const Octets& payload, std::size_t samples) {
  const auto description = read_comfort_noise(payload);
  REQUIRE(description);
  ComfortNoise noise(seed);
  noise.become(*description);
  Pcm pcm(samples);
  noise.fill(pcm);
  return pcm;
}

/// dB below a square wave of full scale.
double below_overload(const Pcm& pcm) { return -20 * std::log10(test::level_of(pcm) / 32768); }

double band_level(const Pcm& pcm, double from, double to) {
  return test::band_level(pcm, ClockRate{8000}, from, to);
}

}  // namespace

TEST_CASE("a payload is a level and what may follow, coefficients; an empty one is nothing") {
  CHECK_FALSE(read_comfort_noise({}));
  const Octets level_only{40};
  const NoiseDescription white = *read_comfort_noise(level_only);
  CHECK(white.below_overload == 40);
  for (const float each : white.reflection) CHECK(each == 0);

  const Octets some{0x80 | 55, 127, 0, 254, 255};
  const NoiseDescription description = *read_comfort_noise(some);
  CHECK(description.below_overload == 55);
  CHECK(description.reflection[0] == 0);
  CHECK(description.reflection[1] == doctest::Approx(-0.99));
  CHECK(description.reflection[2] == doctest::Approx(0.99));
  CHECK(description.reflection[3] == doctest::Approx(0.99));
  CHECK(description.reflection[4] == 0);

  const Octets far_too_many(200, 140);
  CHECK(read_comfort_noise(far_too_many)->reflection.back() == doctest::Approx(258 * 13 / 32768.0));
}

TEST_CASE("white noise has the level that was asked for") {
  for (const int level : {10, 30, 50, 70}) {
    const Pcm pcm = noise_of({static_cast<std::uint8_t>(level)}, 80000);
    CHECK(below_overload(pcm) == doctest::Approx(level).epsilon(0.01));
    const double low = band_level(pcm, 0, 2000);
    CHECK(std::abs(low - band_level(pcm, 2000, 4000)) < 0.5);
  }
  CHECK(test::level_of(noise_of({127}, 8000)) == 0);
}

TEST_CASE("coloured noise has the level and the spectrum of the noise that libavcodec described") {
  // Pink noise without what is above 800 Hz, as libavcodec's encoder saw it. Its bands relative to the
  // lowest, in dB, measured on the original: 800–1600 Hz -15.7, 1600–2400 Hz -27.1, 2400–3900 Hz -33.9.
  const Octets payload{0x25, 0x05, 0xDC, 0x3D, 0x8D, 0x6A, 0x8E, 0x6D, 0x6E, 0x71, 0x7B};
  const Pcm pcm = noise_of(payload, 80000);
  CHECK(std::abs(below_overload(pcm) - 0x25) < 1);
  const double lowest = band_level(pcm, 0, 800);
  CHECK(std::abs(band_level(pcm, 800, 1600) - lowest + 15.7) < 3);
  CHECK(std::abs(band_level(pcm, 1600, 2400) - lowest + 27.1) < 3);
  CHECK(std::abs(band_level(pcm, 2400, 3900) - lowest + 33.9) < 3);
}

TEST_CASE("the most extreme coefficients do not make it ring away") {
  for (const int octet : {0, 255}) {
    Octets payload(13, static_cast<std::uint8_t>(octet));
    payload[0] = 40;
    const Pcm pcm = noise_of(payload, 80000);
    CHECK(below_overload(pcm) > 20);
  }
}

TEST_CASE("before it is told what to be it is silent, and it can be told again") {
  ComfortNoise noise(seed);
  Pcm pcm(8000, 1);
  noise.fill(pcm);
  CHECK(test::level_of(pcm) == 0);
  noise.become({.below_overload = 30});
  noise.fill(pcm);
  CHECK(below_overload(pcm) == doctest::Approx(30).epsilon(0.02));
  noise.become({.below_overload = 50});
  noise.fill(pcm);
  CHECK(below_overload(pcm) == doctest::Approx(50).epsilon(0.02));
}

TEST_CASE("chance comes from outside: the same seed gives the same noise, another another") {
  const auto first = [](const Random::Seed& from) {
    ComfortNoise noise(from);
    noise.become({.below_overload = 30});
    Pcm pcm(160);
    noise.fill(pcm);
    return pcm;
  };
  CHECK(first(seed) == first(seed));
  CHECK(first(seed) != first({5, 6, 7, 8}));
}

TEST_CASE("nothing is allocated") {
  const std::array<std::uint8_t, 11> payload{40, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  ComfortNoise noise(seed);
  Pcm pcm(320);
  const std::size_t before = test::allocation_count();
  noise.become(*read_comfort_noise(payload));
  noise.fill(pcm);
  CHECK(test::allocation_count() == before);
}
