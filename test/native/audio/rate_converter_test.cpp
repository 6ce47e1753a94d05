#include "audio/rate_converter.hpp"

#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>
#include <numbers>
#include <vector>

using namespace mediaswitch;

namespace {

using Pcm = std::vector<std::int16_t>;

Pcm sine(double hertz, std::uint32_t rate, double seconds, double amplitude = 10000) {
  Pcm pcm(static_cast<std::size_t>(rate * seconds));
  for (std::size_t i = 0; i < pcm.size(); ++i) {
    const double angle = 2 * std::numbers::pi * hertz * static_cast<double>(i) / rate;
    pcm[i] = static_cast<std::int16_t>(std::lround(amplitude * std::sin(angle)));
  }
  return pcm;
}

Pcm convert(const Pcm& pcm, std::uint32_t from, std::uint32_t to, std::size_t piece = 1000) {
  RateConverter converter({from}, {to});
  Pcm out;
  for (std::size_t at = 0; at < pcm.size(); at += piece) {
    converter.convert(std::span(pcm).subspan(at, std::min(piece, pcm.size() - at)), out);
  }
  converter.finish(out);
  return out;
}

/// Decibels of what is left of a tone, away from the ends; of its amplitude at the new rate.
double gain(double hertz, std::uint32_t from, std::uint32_t to) {
  const Pcm out = convert(sine(hertz, from, 0.5), from, to);
  double sum = 0;
  const std::size_t edge = to / 20;
  for (std::size_t i = edge; i < out.size() - edge; ++i) sum += static_cast<double>(out[i]) * out[i];
  const double effective = std::sqrt(sum / static_cast<double>(out.size() - 2 * edge));
  return 20 * std::log10(std::max(effective, 0.01) / (10000 / std::numbers::sqrt2));
}

}  // namespace

TEST_CASE("the same rate changes nothing") {
  const Pcm pcm = sine(440, 8000, 0.1);
  CHECK(convert(pcm, 8000, 8000) == pcm);
}

TEST_CASE("what comes out is as long as what went in, rounded up") {
  for (const std::uint32_t from : {4000U, 11025U, 22050U, 44100U, 48000U, 192'000U, 16000U, 8000U, 7999U}) {
    for (const std::uint32_t to : {8000U, 16000U}) {
      for (const std::size_t length : {std::size_t{0}, std::size_t{1}, std::size_t{441}, std::size_t{4001}}) {
        const std::size_t wanted = (length * to + from - 1) / from;
        CAPTURE(from);
        CAPTURE(to);
        CAPTURE(length);
        CHECK(convert(Pcm(length, 100), from, to).size() == wanted);
      }
    }
  }
}

TEST_CASE("pieces of any size give the same as one piece") {
  const Pcm pcm = sine(1000, 44100, 0.2);
  for (const std::uint32_t from : {44100U, 6000U, 16000U, 8000U}) {
    for (const std::uint32_t to : {8000U, 16000U}) {
      const Pcm whole = convert(pcm, from, to, pcm.size());
      for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{160}, std::size_t{4096}}) {
        CHECK(convert(pcm, from, to, piece) == whole);
      }
    }
  }
}

TEST_CASE("tones that both rates can carry pass within 0.1 dB") {
  for (const double hertz : {50.0, 300.0, 1000.0, 2500.0, 3350.0}) {
    for (const std::uint32_t from : {11025U, 22050U, 44100U, 48000U}) {
      CAPTURE(hertz);
      CAPTURE(from);
      CHECK(std::abs(gain(hertz, from, 8000)) < 0.1);
      CHECK(std::abs(gain(hertz, from, 16000)) < 0.1);
    }
  }
  CHECK(std::abs(gain(6700, 44100, 16000)) < 0.1);
}

TEST_CASE("tones above half the new rate are 75 dB down instead of folded back") {
  for (const double hertz : {4000.0, 4300.0, 5000.0, 7000.0, 9000.0, 15000.0, 20000.0}) {
    CAPTURE(hertz);
    CHECK(gain(hertz, 44100, 8000) < -75);
    CHECK(gain(hertz, 48000, 8000) < -75);
  }
  CHECK(gain(8100, 44100, 16000) < -75);
}

TEST_CASE("a tone keeps its frequency, place and shape") {
  // The last two have more places between samples than are kept.
  for (const std::uint32_t from : {11025U, 44100U, 48000U, 6000U, 44099U, 7999U}) {
    const Pcm out = convert(sine(1000, from, 1), from, 8000);
    const Pcm wanted = sine(1000, 8000, 1);
    REQUIRE(out.size() == wanted.size());
    double noise = 0;
    double signal = 0;
    for (std::size_t i = 200; i < out.size() - 200; ++i) {
      noise += std::pow(out[i] - wanted[i], 2);
      signal += std::pow(wanted[i], 2);
    }
    CAPTURE(from);
    CHECK(10 * std::log10(signal / noise) > 75);
  }
}

TEST_CASE("the loudest square wave is cut off, not wrapped around") {
  Pcm square(4410);
  for (std::size_t i = 0; i < square.size(); ++i) square[i] = i / 40 % 2 == 0 ? 32767 : -32768;
  const Pcm out = convert(square, 44100, 8000);
  for (std::size_t i = 20; i + 20 < out.size(); ++i) {
    const std::size_t middle = i * 441 / 80 % 40;
    if (middle > 10 && middle < 30) CHECK((out[i] > 0) == (i * 441 / 80 / 40 % 2 == 0));
  }
}
