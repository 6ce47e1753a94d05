#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/units.hpp"

namespace mediaswitch {

/// Making speech a little shorter or longer without changing its pitch: one stretch of the length of a pitch
/// period is laid over the next, or over itself, and blended. Without delay and without state.

/// Longest and shortest stretch that is taken out or put in at once: periods of voices of 100 to 400 Hz.
inline constexpr Millis longest_splice{10};
inline constexpr ClockRate highest_splice_pitch{400};

/// What a splice may cost.
enum class Seam : std::uint8_t {
  Inaudible,  ///< Only where the signal repeats itself or is too faint to matter.
  Any,        ///< Where it fits best, however badly.
};

/// Takes up to `most` samples out near the beginning. How many: 0 when there is no such seam, else what is
/// left is in the front of `pcm`. The first and the last sample stay what they are.
std::size_t shorten(std::span<std::int16_t> pcm, std::size_t most, ClockRate sampling, Seam seam);

/// Puts samples in near the beginning of the first `length` samples of `pcm`, which has room for
/// `longest_splice` more. How many: 0 when there is no such seam.
std::size_t lengthen(std::span<std::int16_t> pcm, std::size_t length, ClockRate sampling, Seam seam);

}  // namespace mediaswitch
