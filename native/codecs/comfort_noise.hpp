#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/random.hpp"

namespace mediaswitch {

/// The far end's background noise, as a comfort noise payload describes it (RFC 3389 §3).
struct NoiseDescription {
  /// Reflection coefficients beyond these are taken for 0, which §3.2 allows.
  static constexpr std::size_t most_coefficients = 12;

  /// Level below that of a square wave of full scale, in dB: 0–127.
  std::uint8_t below_overload = 127;
  /// Spectrum: reflection coefficients of an all-pole filter, each within -1..1. All 0 is white noise.
  std::array<float, most_coefficients> reflection{};
};

/// nullopt: the payload is empty.
std::optional<NoiseDescription> read_comfort_noise(std::span<const std::uint8_t> payload);

/// Noise of the level and spectrum described, endless, any number of samples at a time. A value; allocates
/// nothing.
class ComfortNoise {
 public:
  explicit ComfortNoise(const Random::Seed& seed);

  /// From here on; the first description is the first to be heard, before it there is silence.
  void become(const NoiseDescription& description);
  void fill(std::span<std::int16_t> pcm);

 private:
  Random random_;
  std::array<float, NoiseDescription::most_coefficients> reflection_{};
  /// Of the lattice filter: backward prediction errors of the last sample.
  std::array<float, NoiseDescription::most_coefficients> backward_{};
  std::size_t order_ = 0;
  /// Peak of the white noise, evenly distributed, that is filtered.
  float amplitude_ = 0;
};

}  // namespace mediaswitch
