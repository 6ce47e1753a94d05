#include "audio/tone.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace mediaswitch {
namespace {

constexpr double full_scale = 32767;

/// One turn of a sine, and its first value again. Between two of its values it is a line, 130 dB from the
/// truth.
constexpr std::size_t turn = 4096;
const std::array<double, turn + 1>& sines() {
  static const std::array<double, turn + 1> table = [] {
    std::array<double, turn + 1> made{};
    for (std::size_t i = 0; i <= turn; ++i) {
      made[i] = std::sin(2 * std::numbers::pi * static_cast<double>(i) / turn);
    }
    return made;
  }();
  return table;
}

/// Of a number of turns, whole ones or not; one that is no number, or too large for it, has none.
double sine_of(double cycles) {
  const double at = (cycles - std::floor(cycles)) * turn;
  if (!(at >= 0 && at < turn)) return 0;
  const auto index = static_cast<std::size_t>(at);
  const double first = sines()[index];
  return first + (at - static_cast<double>(index)) * (sines()[index + 1] - first);
}

std::uint64_t samples_of(const ToneCadence& cadence, ClockRate sampling) {
  const std::int64_t millis = std::max<std::int64_t>(cadence.length.count(), 0);
  return static_cast<std::uint64_t>(millis) * sampling.value / 1000;
}

/// One sample of a cadence of `length` samples.
std::int16_t sample_at(const ToneCadence& cadence,
                       ClockRate sampling,
                       std::uint64_t sample,
                       std::uint64_t length) {
  const double part = static_cast<double>(sample) / static_cast<double>(length);
  const double seconds = static_cast<double>(sample) / sampling.value;
  double sum = 0;
  for (const ToneWave& wave : cadence.waves) {
    // A frequency that grows evenly has gone through its mean so far.
    const double cycles = (wave.from + (wave.to - wave.from) * part / 2) * seconds;
    sum += sine_of(cycles);
  }
  const double amplitude = cadence.amplitude_from + (cadence.amplitude_to - cadence.amplitude_from) * part;
  const double value = std::round(full_scale * amplitude * sum);
  if (!std::isfinite(value)) return 0;
  return static_cast<std::int16_t>(std::clamp(value, -full_scale, full_scale));
}

}  // namespace

ToneReader::ToneReader(std::span<const ToneCadence> cadences, ClockRate sampling)
    : cadences_(cadences), sampling_(sampling) {}

std::size_t ToneReader::read(std::span<std::int16_t> pcm) {
  std::size_t given = 0;
  while (given < pcm.size() && cadence_ < cadences_.size()) {
    const ToneCadence& cadence = cadences_[cadence_];
    const std::uint64_t length = samples_of(cadence, sampling_);
    if (sample_ == length) {
      ++cadence_;
      sample_ = 0;
      continue;
    }
    const auto now = static_cast<std::size_t>(std::min<std::uint64_t>(pcm.size() - given, length - sample_));
    for (std::int16_t& sample : pcm.subspan(given, now)) {
      sample = sample_at(cadence, sampling_, sample_, length);
      ++sample_;
    }
    given += now;
  }
  return given;
}

void ToneReader::rewind() {
  cadence_ = 0;
  sample_ = 0;
}

std::vector<std::int16_t> render_tone(std::span<const ToneCadence> cadences, ClockRate sampling) {
  std::uint64_t length = 0;
  for (const ToneCadence& cadence : cadences) length += samples_of(cadence, sampling);
  std::vector<std::int16_t> pcm(static_cast<std::size_t>(length));
  ToneReader(cadences, sampling).read(pcm);
  return pcm;
}

}  // namespace mediaswitch
