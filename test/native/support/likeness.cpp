#include "support/likeness.hpp"

#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

namespace mediaswitch::test {
namespace {

constexpr std::size_t lines_per_band = 4;
constexpr double floor_power = 1000;
constexpr double pi = std::numbers::pi;

/// Power of each line of a piece's spectrum, through a Hann window.
class Spectrum {
 public:
  explicit Spectrum(std::size_t size) : window_(size), turns_(size) {
    for (std::size_t i = 0; i < size; ++i) {
      const double phase = 2 * pi * static_cast<double>(i) / static_cast<double>(size);
      window_[i] = 0.5 - 0.5 * std::cos(phase);
      turns_[i] = std::polar(1.0, -phase);
    }
  }

  double line(std::span<const std::int16_t> piece, std::size_t number) const {
    std::complex<double> sum = 0;
    for (std::size_t i = 0, turn = 0; i < piece.size(); ++i, turn = (turn + number) % piece.size()) {
      sum += piece[i] * window_[i] * turns_[turn];
    }
    return std::norm(sum) / static_cast<double>(piece.size());
  }

 private:
  std::vector<double> window_;
  std::vector<std::complex<double>> turns_;
};

/// Levels in dB of bands of four lines each.
std::vector<double> band_levels(std::span<const std::int16_t> pcm) {
  const Spectrum spectrum(pcm.size());
  std::vector<double> levels;
  for (std::size_t first = 0; first + lines_per_band <= pcm.size() / 2; first += lines_per_band) {
    double power = floor_power;
    for (std::size_t line = first; line < first + lines_per_band; ++line) power += spectrum.line(pcm, line);
    levels.push_back(10 * std::log10(power));
  }
  return levels;
}

}  // namespace

double signal_to_noise(std::span<const std::int16_t> original, std::span<const std::int16_t> heard) {
  double signal = 0;
  double noise = 1e-9;
  for (std::size_t i = 0; i < original.size(); ++i) {
    const double difference = original[i] - heard[i];
    signal += static_cast<double>(original[i]) * original[i];
    noise += difference * difference;
  }
  return 10 * std::log10(signal / noise);
}

Alignment align(std::span<const std::int16_t> original,
                std::span<const std::int16_t> heard,
                std::size_t longest) {
  Alignment best;
  for (std::size_t delay = 0; delay <= longest; ++delay) {
    double product = 0;
    double energy = 1e-9;
    double other_energy = 1e-9;
    for (std::size_t i = 0; i < original.size() && i + delay < heard.size(); ++i) {
      const double one = original[i];
      const double other = heard[i + delay];
      product += one * other;
      energy += one * one;
      other_energy += other * other;
    }
    const double likeness = product / std::sqrt(energy * other_energy);
    if (likeness > best.likeness) best = {.delay = delay, .likeness = likeness};
  }
  return best;
}

double spectral_distance(std::span<const std::int16_t> one, std::span<const std::int16_t> other) {
  const std::vector<double> levels = band_levels(one);
  const std::vector<double> other_levels = band_levels(other);
  double sum = 0;
  for (std::size_t i = 0; i < levels.size(); ++i) sum += std::pow(levels[i] - other_levels[i], 2);
  return std::sqrt(sum / static_cast<double>(levels.size()));
}

double band_level(std::span<const std::int16_t> pcm, ClockRate sampling, double from, double to) {
  const std::size_t piece = sampling.value / 50;
  const double line_width = 50;
  const Spectrum spectrum(piece);
  double power = 0;
  for (std::size_t at = 0; at + piece <= pcm.size(); at += piece) {
    for (auto line = static_cast<std::size_t>(from / line_width); static_cast<double>(line) * line_width < to;
         ++line) {
      power += spectrum.line(pcm.subspan(at, piece), line);
    }
  }
  return 10 * std::log10(power / static_cast<double>(pcm.size() / piece));
}

double level_of(std::span<const std::int16_t> pcm) {
  double sum = 0;
  for (const std::int16_t sample : pcm) sum += static_cast<double>(sample) * sample;
  return std::sqrt(sum / static_cast<double>(pcm.size()));
}

}  // namespace mediaswitch::test
