#include "codecs/resampler.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <cstdint>
#include <doctest/doctest.h>
#include <numbers>
#include <span>
#include <vector>

#include "core/random.hpp"
#include "support/allocation_count.hpp"

using namespace mediaswitch;

namespace {

using Pcm = std::vector<std::int16_t>;

constexpr double amplitude = 20000;

Pcm tone(double hertz, double rate, std::size_t length) {
  Pcm pcm(length);
  for (std::size_t i = 0; i < length; ++i) {
    const double angle = 2 * std::numbers::pi * hertz * static_cast<double>(i) / rate;
    pcm[i] = static_cast<std::int16_t>(std::lround(amplitude * std::sin(angle)));
  }
  return pcm;
}

/// dB over `tone`'s amplitude, of that frequency alone, seen through a window without the filter's first
/// samples.
double level(const Pcm& pcm, double hertz, double rate) {
  const std::size_t from = 200;
  std::complex<double> sum = 0;
  double weights = 0;
  for (std::size_t i = from; i < pcm.size(); ++i) {
    const double place = (static_cast<double>(i - from) + 0.5) / static_cast<double>(pcm.size() - from);
    const double weight = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * place);
    const double angle = -2 * std::numbers::pi * hertz * static_cast<double>(i) / rate;
    sum += weight * static_cast<double>(pcm[i]) * std::polar(1.0, angle);
    weights += weight;
  }
  return 20 * std::log10(2 * std::abs(sum) / weights / amplitude + 1e-9);
}

/// dB over `tone`'s amplitude, of all there is.
double level_of_all(const Pcm& pcm) {
  const std::size_t from = 200;
  double power = 0;
  for (std::size_t i = from; i < pcm.size(); ++i) power += static_cast<double>(pcm[i]) * pcm[i];
  return 10 *
         std::log10(2 * power / static_cast<double>(pcm.size() - from) / (amplitude * amplitude) + 1e-18);
}

Pcm downsampled(const Pcm& wide) {
  Pcm narrow(wide.size() / 2);
  Downsampler{}.process(wide, narrow);
  return narrow;
}
Pcm upsampled(const Pcm& narrow) {
  Pcm wide(narrow.size() * 2);
  Upsampler{}.process(narrow, wide);
  return wide;
}

Pcm noise(std::size_t length) {
  Random random({1, 2, 3, 4});
  Pcm pcm(length);
  for (std::int16_t& sample : pcm) sample = static_cast<std::int16_t>(random.next16());
  return pcm;
}

}  // namespace

TEST_CASE("down: 300 to 3400 Hz pass unchanged") {
  for (const double hertz : {50.0, 300.0, 1000.0, 1700.0, 2500.0, 3000.0, 3400.0}) {
    CAPTURE(hertz);
    const double change = level(downsampled(tone(hertz, 16000, 16000)), hertz, 8000);
    CHECK(std::abs(change) < 0.02);
  }
}

TEST_CASE("down: nothing from 4600 Hz up folds back") {
  for (double hertz = 4600; hertz < 8000; hertz += 37) {
    CAPTURE(hertz);
    CHECK(level_of_all(downsampled(tone(hertz, 16000, 8000))) < -63);
  }
}

TEST_CASE("up: 300 to 3400 Hz pass unchanged and leave no image") {
  for (const double hertz : {50.0, 300.0, 1000.0, 1700.0, 2500.0, 3000.0, 3400.0}) {
    CAPTURE(hertz);
    const Pcm wide = upsampled(tone(hertz, 8000, 8000));
    CHECK(std::abs(level(wide, hertz, 16000)) < 0.02);
    CHECK(level(wide, 8000 - hertz, 16000) < -63);
  }
}

TEST_CASE("a constant stays what it is, to the last bit") {
  for (const int value : {1, -1, 1000, -32768, 32767}) {
    const auto sample = static_cast<std::int16_t>(value);
    const Pcm wide = upsampled(Pcm(200, sample));
    const Pcm narrow = downsampled(Pcm(400, sample));
    CHECK(std::all_of(wide.begin() + 54, wide.end(), [&](std::int16_t each) { return each == sample; }));
    CHECK(std::all_of(narrow.begin() + 27, narrow.end(), [&](std::int16_t each) { return each == sample; }));
  }
}

TEST_CASE("up takes 27 samples of 16 kHz, down 26") {
  Pcm click(100, 0);
  click[20] = 10000;
  const Pcm wide = upsampled(click);
  const auto most = std::max_element(wide.begin(), wide.end());
  CHECK(most - wide.begin() == 40 + 27);
  CHECK(*most == 10000);

  Pcm wide_click(200, 0);
  wide_click[40] = 10000;
  const Pcm narrow = downsampled(wide_click);
  CHECK(std::max_element(narrow.begin(), narrow.end()) - narrow.begin() == (40 + 26) / 2);
}

TEST_CASE("what overshoots full scale saturates") {
  // The signs of the response make the largest sum that there is.
  Pcm narrow(400);
  const std::array<int, 28> signs{-1, 1,  -1, 1,  -1, 1,  -1, 1,  -1, 1,  -1, 1,  -1, 1,
                                  1,  -1, 1,  -1, 1,  -1, 1,  -1, 1,  -1, 1,  -1, 1,  -1};
  for (std::size_t i = 0; i < 28; ++i) narrow[100 + i] = signs.at(i) < 0 ? -32768 : 32767;
  const Pcm wide = upsampled(narrow);
  CHECK(*std::max_element(wide.begin(), wide.end()) == 32767);
  CHECK(wide[2 * 127] == 32767);
  for (std::int16_t& sample : narrow) sample = static_cast<std::int16_t>(~sample);
  CHECK(upsampled(narrow)[2 * 127] == -32768);

  Pcm full(800);
  for (std::size_t i = 0; i < 28; ++i) full[201 + 2 * i] = signs.at(i) < 0 ? -32768 : 32767;
  full[228] = 32767;
  CHECK(downsampled(full)[127] == 32767);
}

TEST_CASE("pieces of any length give what one call gives") {
  const Pcm narrow = noise(20000);
  const Pcm wide = upsampled(narrow);
  const Pcm narrow_again = downsampled(wide);
  Random random({5, 6, 7, 8});
  Upsampler up;
  Downsampler down;
  Pcm wide_pieces(wide.size());
  Pcm narrow_pieces(narrow.size());
  for (std::size_t done = 0; done < narrow.size();) {
    const std::size_t most = random.next16() % 4 == 0 ? 500 : 10;
    const std::size_t now = std::min<std::size_t>(random.next16() % most, narrow.size() - done);
    const std::span wide_piece = std::span(wide_pieces).subspan(2 * done, 2 * now);
    up.process(std::span(narrow).subspan(done, now), wide_piece);
    down.process(wide_piece, std::span(narrow_pieces).subspan(done, now));
    done += now;
  }
  CHECK(wide_pieces == wide);
  CHECK(narrow_pieces == narrow_again);
}

TEST_CASE("resampling allocates nothing") {
  Pcm narrow(1000, 1);
  Pcm wide(2000);
  Upsampler up;
  Downsampler down;
  const std::size_t before = test::allocation_count();
  up.process(narrow, wide);
  down.process(wide, narrow);
  CHECK(test::allocation_count() == before);
}
