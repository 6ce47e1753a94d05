#pragma once

#include <algorithm>
#include <cstdint>

#include "audio/frame.hpp"

namespace mediaswitch::test {

/// 20 ms of one value.
inline Frame level_frame(std::int16_t value, ClockRate sampling = narrowband) {
  Frame frame{.sampling = sampling};
  std::ranges::fill(frame.pcm(), value);
  return frame;
}

/// 20 ms that count up from `first`.
inline Frame counting_frame(std::int16_t first, ClockRate sampling = narrowband) {
  Frame frame{.sampling = sampling};
  for (std::int16_t& sample : frame.pcm()) sample = first++;
  return frame;
}

}  // namespace mediaswitch::test
