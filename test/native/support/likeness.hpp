#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/units.hpp"

namespace mediaswitch::test {

/// dB. Both are equally long.
double signal_to_noise(std::span<const std::int16_t> original, std::span<const std::int16_t> heard);

struct Alignment {
  /// Samples by which `heard` is later.
  std::size_t delay = 0;
  /// Correlation coefficient at that delay: 1 is the same but for loudness, 0 has nothing in common.
  double likeness = 0;
};

/// The delay, up to `longest`, at which the two resemble each other most.
Alignment align(std::span<const std::int16_t> original,
                std::span<const std::int16_t> heard,
                std::size_t longest);

/// Root mean square over bands of 200 Hz of the difference of their levels, in dB, with a floor under each at
/// about -60 dB. Both are as long, `pcm` at 8 or 16 kHz: 20 ms.
double spectral_distance(std::span<const std::int16_t> one, std::span<const std::int16_t> other);

/// dB: mean power of the lines from `from` to below `to` hertz, in pieces of 20 ms.
double band_level(std::span<const std::int16_t> pcm, ClockRate sampling, double from, double to);

/// Root mean square.
double level_of(std::span<const std::int16_t> pcm);

}  // namespace mediaswitch::test
