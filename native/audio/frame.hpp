#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/units.hpp"

namespace mediaswitch {

/// What one tick hears and says.
inline constexpr Millis frame_length{20};
inline constexpr ClockRate narrowband{8000};
inline constexpr ClockRate wideband{16000};
inline constexpr std::size_t narrow_frame = 160;
inline constexpr std::size_t wide_frame = 320;

/// 20 ms of linear PCM, mono, at 8 or 16 kHz.
struct Frame {
  ClockRate sampling = narrowband;
  std::array<std::int16_t, wide_frame> samples{};

  [[nodiscard]] constexpr std::size_t size() const {
    return sampling == wideband ? wide_frame : narrow_frame;
  }
  [[nodiscard]] constexpr std::span<std::int16_t> pcm() { return std::span(samples).first(size()); }
  [[nodiscard]] constexpr std::span<const std::int16_t> pcm() const {
    return std::span(samples).first(size());
  }
};

}  // namespace mediaswitch
