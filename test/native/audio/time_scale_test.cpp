#include "audio/time_scale.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <doctest/doctest.h>
#include <numbers>
#include <vector>

#include "core/random.hpp"

using namespace mediaswitch;

namespace {

constexpr ClockRate narrow{8000};
constexpr ClockRate wide{16000};

std::vector<std::int16_t> tone(double hertz, std::size_t samples, ClockRate sampling) {
  std::vector<std::int16_t> pcm(samples);
  for (std::size_t i = 0; i < samples; ++i) {
    const double phase = 2 * std::numbers::pi * hertz * static_cast<double>(i) / sampling.value;
    pcm[i] = static_cast<std::int16_t>(std::lround(10000 * std::sin(phase)));
  }
  return pcm;
}

std::vector<std::int16_t> noise(std::size_t samples, int loudness) {
  Random random({1, 2, 3, 4});
  std::vector<std::int16_t> pcm(samples);
  for (std::int16_t& sample : pcm)
    sample = static_cast<std::int16_t>(random.next16() % (2 * loudness) - loudness);
  return pcm;
}

/// The greatest amount by which a sample differs from what a tone would go on with after the two before it.
double worst_break(std::span<const std::int16_t> pcm, double hertz, ClockRate sampling) {
  const double turn = 2 * std::cos(2 * std::numbers::pi * hertz / sampling.value);
  double worst = 0;
  for (std::size_t i = 2; i < pcm.size(); ++i) {
    worst = std::max(worst, std::abs(pcm[i] - turn * pcm[i - 1] + pcm[i - 2]));
  }
  return worst;
}

bool is_whole(std::size_t samples, double period) {
  const double periods = static_cast<double>(samples) / period;
  return std::abs(periods - std::round(periods)) < 0.04;
}

struct Longer {
  std::vector<std::int16_t> pcm;
  std::size_t inserted;
};

Longer longer(std::vector<std::int16_t> pcm, ClockRate sampling, Seam seam) {
  const std::size_t length = pcm.size();
  pcm.resize(length + samples_in(longest_splice, sampling).value);
  const std::size_t inserted = lengthen(pcm, length, sampling, seam);
  pcm.resize(length + inserted);
  return {.pcm = pcm, .inserted = inserted};
}

}  // namespace

TEST_CASE("whole periods of a tone are taken out and put in, and the tone goes on") {
  for (const ClockRate sampling : {narrow, wide}) {
    for (const double hertz : {120.0, 200.0, 250.0, 400.0, 1000.0}) {
      CAPTURE(sampling.value);
      CAPTURE(hertz);
      const std::size_t frame = sampling.value / 50;
      const auto pcm = tone(hertz, frame + frame / 2, sampling);
      const double unbroken = worst_break(pcm, hertz, sampling);
      const double period = sampling.value / hertz;

      auto shorter = pcm;
      const std::size_t removed = shorten(shorter, frame, sampling, Seam::Inaudible);
      REQUIRE(removed >= sampling.value / 400);
      REQUIRE(removed <= frame / 2);
      CHECK(is_whole(removed, period));
      shorter.resize(pcm.size() - removed);
      CHECK(worst_break(shorter, hertz, sampling) <= unbroken + 40);
      CHECK(shorter.front() == pcm.front());
      CHECK(shorter.back() == pcm.back());

      const Longer more = longer(pcm, sampling, Seam::Inaudible);
      REQUIRE(more.inserted > 0);
      CHECK(is_whole(more.inserted, period));
      CHECK(worst_break(more.pcm, hertz, sampling) <= unbroken + 40);
      CHECK(more.pcm.front() == pcm.front());
      CHECK(more.pcm.back() == pcm.back());
    }
  }
}

TEST_CASE("what is taken out can be put in again at the same place") {
  const auto pcm = tone(200, 240, narrow);
  const Longer more = longer(pcm, narrow, Seam::Inaudible);
  auto again = more.pcm;
  CHECK(shorten(again, more.inserted, narrow, Seam::Inaudible) == more.inserted);
  again.resize(pcm.size());
  for (std::size_t i = 0; i < pcm.size(); ++i) CHECK(std::abs(again[i] - pcm[i]) <= 2);
}

TEST_CASE("where nothing repeats itself only need makes a seam") {
  const auto pcm = noise(240, 8000);
  auto shorter = pcm;
  CHECK(shorten(shorter, 80, narrow, Seam::Inaudible) == 0);
  CHECK(shorter == pcm);
  CHECK(longer(pcm, narrow, Seam::Inaudible).pcm == pcm);
  CHECK(shorten(shorter, 80, narrow, Seam::Any) >= 20);
  CHECK(longer(pcm, narrow, Seam::Any).inserted >= 20);
}

TEST_CASE("what is faint is spliced by as much as may be") {
  for (const int loudness : {1, 20}) {
    auto pcm = noise(240, loudness);
    CHECK(longer(pcm, narrow, Seam::Inaudible).inserted == 80);
    CHECK(shorten(pcm, 55, narrow, Seam::Inaudible) == 55);
    CHECK(shorten(pcm, 500, narrow, Seam::Inaudible) == 80);
  }
}

TEST_CASE("no more is taken than was asked for, and nothing where that is less than a period may be") {
  for (std::size_t most = 0; most <= 100; ++most) {
    CAPTURE(most);
    auto pcm = tone(400, 200, narrow);
    const std::size_t removed = shorten(pcm, most, narrow, Seam::Any);
    CHECK(removed <= most);
    CHECK((removed == 0) == (most < 20));
  }
  for (const std::size_t length : {0U, 1U, 39U}) {
    auto pcm = tone(400, length, narrow);
    CHECK(shorten(pcm, 100, narrow, Seam::Any) == 0);
    CHECK(longer(pcm, narrow, Seam::Any).inserted == 0);
  }
}

TEST_CASE("the loudest signal does not overflow") {
  std::vector<std::int16_t> pcm(480);
  for (std::size_t i = 0; i < pcm.size(); ++i) pcm[i] = i / 40 % 2 == 0 ? 32767 : -32768;
  const Longer more = longer(pcm, wide, Seam::Any);
  CHECK(more.inserted == 80);
  for (const std::int16_t sample : more.pcm) CHECK((sample == 32767 || sample == -32768));
}
