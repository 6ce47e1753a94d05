#include "audio/level.hpp"

#include <array>
#include <cmath>
#include <doctest/doctest.h>
#include <numbers>

#include "audio/frame.hpp"

using namespace mediaswitch;

TEST_CASE("silence is 0 everywhere") {
  Frame frame;
  CHECK(is_silence(frame.pcm()));
  frame.samples[159] = 1;
  CHECK_FALSE(is_silence(frame.pcm()));
  frame.samples[159] = 0;
  frame.samples[160] = 1;  // beyond a narrowband frame's end
  CHECK(is_silence(frame.pcm()));
  CHECK(is_silence({}));
}

TEST_CASE("power is the mean square, also of the loudest there is") {
  CHECK(power({}) == 0);
  CHECK(power(std::array<std::int16_t, 2>{3, -4}) == 12);  // (9 + 16) / 2, rounded down
  std::array<std::int16_t, wide_frame> loudest{};
  loudest.fill(-32768);
  CHECK(power(loudest) == 1U << 30U);
  CHECK(root_mean_square(loudest) == doctest::Approx(32768));
}

TEST_CASE("a sine's root mean square is its amplitude by the square root of two") {
  Frame frame;
  for (std::size_t i = 0; i < frame.size(); ++i) {
    const double phase = 2 * std::numbers::pi * 400 * static_cast<double>(i) / 8000;
    frame.samples[i] = static_cast<std::int16_t>(std::lrint(10000 * std::sin(phase)));
  }
  CHECK(root_mean_square(frame.pcm()) == doctest::Approx(10000 / std::numbers::sqrt2).epsilon(0.001));
}
