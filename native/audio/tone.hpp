#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/units.hpp"

namespace mediaswitch {

/// A sine wave, in hertz at the start and the end of its cadence.
struct ToneWave {
  double from = 0;
  double to = 0;
};

/// Waves that sound together, each beginning at its zero crossing; none: silence.
struct ToneCadence {
  Millis length{};
  std::vector<ToneWave> waves;
  /// Of each wave at the start and the end, as part of full scale; their sum is cut off there.
  double amplitude_from = 1;
  double amplitude_to = 1;
};

/// The samples of cadences one after the other, piece by piece. The cadences have to outlive it.
class ToneReader {
 public:
  ToneReader(std::span<const ToneCadence> cadences, ClockRate sampling);

  [[nodiscard]] ClockRate sampling() const { return sampling_; }
  /// Samples read: fewer than `pcm` holds at the end only.
  std::size_t read(std::span<std::int16_t> pcm);
  void rewind();

 private:
  std::span<const ToneCadence> cadences_;
  ClockRate sampling_;
  std::size_t cadence_ = 0;
  /// Of the next sample, within the cadence.
  std::uint64_t sample_ = 0;
};

std::vector<std::int16_t> render_tone(std::span<const ToneCadence> cadences, ClockRate sampling);

}  // namespace mediaswitch
