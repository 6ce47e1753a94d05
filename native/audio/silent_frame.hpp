#pragma once

#include "audio/frame.hpp"

namespace mediaswitch {

inline constexpr Frame narrow_silence{.sampling = narrowband, .samples = {}};
inline constexpr Frame wide_silence{.sampling = wideband, .samples = {}};

/// `sampling`: one of the two that frames have.
constexpr const Frame& silent_frame(ClockRate sampling) {
  return sampling == wideband ? wide_silence : narrow_silence;
}

}  // namespace mediaswitch
