#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

namespace mediaswitch {

/// Digital silence: every sample is 0. So is no audio at all.
inline bool is_silence(std::span<const std::int16_t> pcm) {
  return std::all_of(pcm.begin(), pcm.end(), [](std::int16_t sample) { return sample == 0; });
}

/// Mean square of the samples, 0 to 2^30: power, in units of one quantisation step squared.
inline std::uint32_t power(std::span<const std::int16_t> pcm) {
  if (pcm.empty()) return 0;
  std::uint64_t sum = 0;
  for (const std::int16_t sample : pcm) sum += static_cast<std::uint32_t>(std::int32_t{sample} * sample);
  return static_cast<std::uint32_t>(sum / pcm.size());
}

/// Root mean square, 0 to 32,768: what the power is as an amplitude.
inline double root_mean_square(std::span<const std::int16_t> pcm) {
  return std::sqrt(static_cast<double>(power(pcm)));
}

}  // namespace mediaswitch
