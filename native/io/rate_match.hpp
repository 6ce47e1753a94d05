#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "audio/frame.hpp"
#include "codecs/resampler.hpp"

namespace mediaswitch {

/// One stream, in order, from 8 or 16 kHz to 8 or 16 kHz.
class RateMatch {
 public:
  /// `pcm` and `to` are equally long in time.
  void process(std::span<const std::int16_t> pcm,
               ClockRate from_rate,
               std::span<std::int16_t> to,
               ClockRate to_rate) {
    if (from_rate == to_rate) {
      std::ranges::copy(pcm, to.begin());
    } else if (to_rate == wideband) {
      up_.process(pcm, to);
    } else {
      down_.process(pcm, to);
    }
  }

 private:
  Upsampler up_;
  Downsampler down_;
};

}  // namespace mediaswitch
