#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "codecs/int16x8.hpp"

namespace mediaswitch {

/// Coefficients of a finite impulse response, that of the oldest sample first.
template <std::size_t Count>
using FirTaps = std::array<std::int16_t, Count>;

/// Eight consecutive outputs of a filter, not yet scaled: the first, third, fifth and seventh, and the
/// others.
struct EightSums {
  Int32x4 even;
  Int32x4 odd;
};

/// The filter ending at each of eight consecutive samples; `oldest` is the first it takes for the first of
/// them, and `Count` + 7 can be read from there. No sum overflows if the magnitudes of the coefficients add
/// up to less than 2^16.
template <std::size_t Count>
EightSums eight_sums(const std::int16_t* oldest, const FirTaps<Count>& taps) {
  static_assert(Count % 2 == 0);
  EightSums sums{};
  for (std::size_t i = 0; i < Count; i += 2) {
    const std::int16_t first = taps[i];
    const std::int16_t second = taps[i + 1];
    const Int16x8 pairs{first, second, first, second, first, second, first, second};
    sums.even += multiply_pairs(load(oldest + i), pairs);
    sums.odd += multiply_pairs(load(oldest + i + 1), pairs);
  }
  return sums;
}

/// The sums in their order, divided by 2^`Shift` (rounded down) and saturated.
template <int Shift>
Int16x8 scaled(const EightSums& sums) {
  const Int32x4 even = sums.even >> Shift;
  const Int32x4 odd = sums.odd >> Shift;
  return narrow_saturated(__builtin_shufflevector(even, odd, 0, 4, 1, 5),
                          __builtin_shufflevector(even, odd, 2, 6, 3, 7));
}

}  // namespace mediaswitch
