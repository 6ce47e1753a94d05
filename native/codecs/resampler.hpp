#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace mediaswitch {

/// Both directions filter by the same linear-phase half-band response of 55 coefficients: 0 to 3400 Hz pass
/// within 0.01 dB, 4000 Hz is 6 dB down, and from 4600 Hz everything is 64 dB down and more. That is removed
/// before it would fold (16 → 8 kHz), or is the mirror image that the new rate has room for (8 → 16 kHz).
/// Delay: 27 samples of 16 kHz upwards, 26 downwards; 1.7 ms.

/// 8 kHz to 16 kHz, one stream, in order; the filter's memory goes from call to call.
class Upsampler {
 public:
  /// `wide` is twice as long as `narrow`.
  void process(std::span<const std::int16_t> narrow, std::span<std::int16_t> wide);

 private:
  static constexpr std::size_t memory = 27;
  /// Oldest first.
  std::array<std::int16_t, memory> past_{};
};

/// 16 kHz to 8 kHz, one stream, in order.
class Downsampler {
 public:
  /// `wide` is twice as long as `narrow`.
  void process(std::span<const std::int16_t> wide, std::span<std::int16_t> narrow);

 private:
  static constexpr std::size_t memory = 27;
  static constexpr std::size_t half_delay = 13;
  /// Samples at odd and at even places, oldest first.
  std::array<std::int16_t, memory> past_odd_{};
  std::array<std::int16_t, half_delay> past_even_{};
};

}  // namespace mediaswitch
