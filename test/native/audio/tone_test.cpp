#include "audio/tone.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <doctest/doctest.h>
#include <limits>
#include <numbers>
#include <span>
#include <vector>

using namespace mediaswitch;

namespace {

using Pcm = std::vector<std::int16_t>;

ToneCadence tone(std::int64_t millis, const std::vector<double>& hertz, double amplitude = 1) {
  ToneCadence cadence{
      .length = Millis(millis), .waves = {}, .amplitude_from = amplitude, .amplitude_to = amplitude};
  for (const double each : hertz) cadence.waves.push_back({.from = each, .to = each});
  return cadence;
}

Pcm render(const std::vector<ToneCadence>& cadences, std::uint32_t rate = 8000) {
  return render_tone(cadences, {rate});
}

/// Amplitude of one frequency in some samples, by correlation.
double amplitude_at(std::span<const std::int16_t> pcm, double hertz, double rate) {
  double real = 0;
  double imaginary = 0;
  for (std::size_t i = 0; i < pcm.size(); ++i) {
    const double angle = 2 * std::numbers::pi * hertz * static_cast<double>(i) / rate;
    real += pcm[i] * std::cos(angle);
    imaginary += pcm[i] * std::sin(angle);
  }
  return 2 * std::hypot(real, imaginary) / static_cast<double>(pcm.size());
}

int peak(std::span<const std::int16_t> pcm) {
  int most = 0;
  for (const std::int16_t sample : pcm) most = std::max(most, std::abs(int{sample}));
  return most;
}

/// Largest step from one sample to the next.
int roughness(std::span<const std::int16_t> pcm) {
  int most = 0;
  for (std::size_t i = 1; i < pcm.size(); ++i) most = std::max(most, std::abs(pcm[i] - pcm[i - 1]));
  return most;
}

}  // namespace

TEST_CASE("a dial tone has its two frequencies, each with half of full scale, and no other") {
  for (const std::uint32_t rate : {8000U, 16000U}) {
    const Pcm pcm = render({tone(1000, {350, 440}, 0.5)}, rate);
    REQUIRE(pcm.size() == rate);
    CHECK(amplitude_at(pcm, 350, rate) == doctest::Approx(16383.5).epsilon(0.001));
    CHECK(amplitude_at(pcm, 440, rate) == doctest::Approx(16383.5).epsilon(0.001));
    CHECK(amplitude_at(pcm, 390, rate) < 10);
    CHECK(amplitude_at(pcm, 790, rate) < 10);
  }
}

TEST_CASE("one wave alone fills the scale, two at full amplitude are cut off at it") {
  CHECK(peak(render({tone(1000, {441})})) == 32767);
  const Pcm both = render({tone(1000, {350, 440})});
  CHECK(peak(both) == 32767);
  CHECK(std::count(both.begin(), both.end(), 32767) > 100);
}

TEST_CASE("cadences follow one another, to the sample, and nothing is silence") {
  const Pcm pcm = render({tone(400, {400, 450}, 0.5), tone(200, {}), tone(1, {1000})});
  REQUIRE(pcm.size() == 3200 + 1600 + 8);
  CHECK(peak(std::span(pcm).first(3200)) > 30000);
  CHECK(peak(std::span(pcm).subspan(3200, 1600)) == 0);
  CHECK(pcm[4800] == 0);
  CHECK(pcm[4802] == 32767);
}

TEST_CASE("a second of whole hertz goes on into itself without a click") {
  for (const std::uint32_t rate : {8000U, 16000U}) {
    Pcm pcm = render({tone(1000, {350, 440}, 0.5)}, rate);
    const int rough = roughness(pcm);
    const Pcm again = pcm;
    pcm.insert(pcm.end(), again.begin(), again.end());
    CHECK(roughness(pcm) == rough);
    CHECK(again.front() == 0);
  }
}

TEST_CASE("amplitudes go evenly from one to the other") {
  ToneCadence cadence = tone(1000, {1000});
  cadence.amplitude_from = 0.75;
  cadence.amplitude_to = 0;
  const Pcm pcm = render({cadence});
  for (const std::size_t at : {std::size_t{0}, std::size_t{2000}, std::size_t{4000}, std::size_t{7000}}) {
    // The first crest is two samples in.
    const double wanted = 0.75 * 32767 * (1 - (static_cast<double>(at) + 2) / 8000);
    CHECK(peak(std::span(pcm).subspan(at, 8)) == doctest::Approx(wanted).epsilon(0.001));
  }
}

TEST_CASE("a sweep goes evenly from one frequency to the other, without a step") {
  ToneCadence cadence = tone(1000, {}, 1);
  cadence.waves = {{.from = 300, .to = 1300}};
  const Pcm pcm = render({cadence});
  const auto crossings = [&](std::size_t from, std::size_t to) {
    int count = 0;
    for (std::size_t i = from + 1; i < to; ++i) {
      if (pcm[i - 1] < 0 && pcm[i] >= 0) ++count;
    }
    return count;
  };
  // The mean frequency is 800, that of the first tenth 350, of the last 1250.
  CHECK(crossings(0, 8000) == doctest::Approx(800).epsilon(0.003));
  CHECK(crossings(0, 800) == doctest::Approx(35).epsilon(0.06));
  CHECK(crossings(7200, 8000) == doctest::Approx(125).epsilon(0.02));
  CHECK(roughness(pcm) < 2 * std::numbers::pi * 1300 / 8000 * 32767);
}

TEST_CASE("pieces of any size give the same, and can be begun again") {
  const std::vector<ToneCadence> cadences{
      tone(30, {440}), tone(7, {}), tone(0, {9}), tone(21, {1000, 1200}, 0.4)};
  const Pcm whole = render(cadences);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{13}, std::size_t{160}, std::size_t{5000}}) {
    ToneReader reader(cadences, {8000});
    for (int pass = 0; pass < 2; ++pass) {
      Pcm pcm;
      Pcm some(piece);
      std::size_t read = piece;
      while (read == piece) {
        read = reader.read(some);
        pcm.insert(pcm.end(), some.begin(), some.begin() + static_cast<std::ptrdiff_t>(read));
      }
      CHECK(pcm == whole);
      reader.rewind();
    }
  }
}

TEST_CASE("numbers that mean nothing are silence") {
  const double huge = std::numeric_limits<double>::max();
  const double none = std::numeric_limits<double>::quiet_NaN();
  CHECK(peak(render({tone(20, {none})})) == 0);
  CHECK(peak(render({tone(20, {huge, huge}, huge)})) == 0);
  CHECK(render({tone(-5, {440})}).empty());
  CHECK(render({}).empty());
}
