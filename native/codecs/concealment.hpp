#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/units.hpp"

namespace mediaswitch {

/// Audio in place of lost packets, for codecs that have no concealment of their own: the last pitch period of
/// what was heard is repeated, in the manner of ITU-T G.711 Appendix I but without its delay. It is at full
/// level for 10 ms and silent after 60 ms. One stream, in order. A value; allocates nothing.
class Concealment {
 public:
  /// `sampling`: 8 or 16 kHz.
  explicit Concealment(ClockRate sampling);

  /// Audio that did arrive. After a loss its beginning is blended with what the loss was filled with.
  void heard(std::span<std::int16_t> pcm);

  /// Fills in what did not arrive, any number of samples.
  void fill(std::span<std::int16_t> pcm);

 private:
  // Lengths are counted at 8 kHz, and are twice as many samples at 16.

  /// Periods of voices of 66 to 400 Hz.
  static constexpr std::size_t shortest_period = 20;
  static constexpr std::size_t longest_period = 120;
  /// The stretch that has to resemble the one a period before it: 20 ms.
  static constexpr std::size_t compared = 160;
  static constexpr std::size_t remembered = compared + longest_period;

  /// The memory at 8 kHz, in 12 bits: enough to compare periods.
  using Sketch = std::array<std::int16_t, remembered>;

  void remember(std::span<const std::int16_t> pcm);
  /// What is remembered, oldest first.
  std::span<const std::int16_t> straightened();
  [[nodiscard]] Sketch sketch_of(std::span<const std::int16_t> all) const;
  /// After how many samples the latest audio resembles itself most.
  [[nodiscard]] std::size_t find_period(std::span<const std::int16_t> all) const;
  /// Takes from memory the period to be repeated.
  void begin();
  /// The next sample of the repetition, at full level.
  float next();
  /// How loud the repetition is after so many samples of it.
  [[nodiscard]] float level_after(std::size_t samples) const;

  /// 1 or 2: samples in 1/8000 s.
  std::size_t scale_;
  /// A ring; all of it is used at 16 kHz.
  std::array<std::int16_t, 2 * remembered> memory_{};
  std::size_t oldest_ = 0;
  std::array<float, 2 * longest_period> cycle_{};
  std::size_t period_ = shortest_period;
  std::size_t position_ = 0;
  /// Samples filled in since the last that was heard, as far as that matters.
  std::size_t filled_ = 0;
  /// By how much the repetition missed the last sample heard when it began.
  float step_ = 0;
};

}  // namespace mediaswitch
