#include "codecs/resampler.hpp"

#include <algorithm>

#include "codecs/fir.hpp"

namespace mediaswitch {
namespace {

/// Every second coefficient of the half-band filter, times 2^15: the others are 0, and 2^14 in the
/// middle. Equiripple, by the Remez exchange for one band up to 3400 Hz.
constexpr FirTaps<28> half_band_taps{-11,   22,   -43,   75,    -123,  191,   -286, 417,   -598, 854,
                                     -1241, 1902, -3365, 10398, 10398, -3365, 1902, -1241, 854,  -598,
                                     417,   -286, 191,   -123,  75,    -43,   22,   -11};
constexpr int half_band_middle = 1 << 14;

/// What makes a division by 2^`Shift` round to nearest.
template <int Shift>
constexpr int rounding = 1 << (Shift - 1);

/// Samples of 8 kHz that are worked on at once: 20 ms.
constexpr std::size_t resampler_block = 160;
/// What a whole number of eight outputs reads beyond the last.
constexpr std::size_t resampler_margin = 8;

}  // namespace

void Upsampler::process(std::span<const std::int16_t> narrow, std::span<std::int16_t> wide) {
  // NOLINTBEGIN(cppcoreguidelines-pro-type-member-init): written before they are read
  std::array<std::int16_t, memory + resampler_block + resampler_margin> samples;
  std::array<std::int16_t, 2 * (resampler_block + resampler_margin)> between;
  // NOLINTEND(cppcoreguidelines-pro-type-member-init)
  std::copy(past_.begin(), past_.end(), samples.begin());
  for (std::size_t done = 0; done < narrow.size();) {
    const std::size_t now = std::min(resampler_block, narrow.size() - done);
    const auto end = std::copy_n(narrow.data() + done, now, samples.begin() + memory);
    std::fill_n(end, resampler_margin, std::int16_t{0});
    for (std::size_t i = 0; i < now; i += 8) {
      EightSums sums = eight_sums(samples.data() + i, half_band_taps);
      sums.even += rounding<14>;
      sums.odd += rounding<14>;
      const Int16x8 filtered = scaled<14>(sums);
      const Int16x8 delayed = load(samples.data() + i + half_band_taps.size() / 2);
      store(between.data() + 2 * i, interleave_low(filtered, delayed));
      store(between.data() + 2 * i + 8, interleave_high(filtered, delayed));
    }
    std::copy_n(between.begin(), 2 * now, wide.data() + 2 * done);
    std::copy_n(samples.begin() + static_cast<std::ptrdiff_t>(now), memory, samples.begin());
    done += now;
  }
  std::copy_n(samples.begin(), memory, past_.begin());
}

void Downsampler::process(std::span<const std::int16_t> wide, std::span<std::int16_t> narrow) {
  // NOLINTBEGIN(cppcoreguidelines-pro-type-member-init): written before they are read
  std::array<std::int16_t, 2 * (resampler_block + resampler_margin)> samples;
  std::array<std::int16_t, memory + resampler_block + resampler_margin> odd;
  std::array<std::int16_t, half_delay + resampler_block + resampler_margin> even;
  std::array<std::int16_t, resampler_block + resampler_margin> filtered;
  // NOLINTEND(cppcoreguidelines-pro-type-member-init)
  std::copy(past_odd_.begin(), past_odd_.end(), odd.begin());
  std::copy(past_even_.begin(), past_even_.end(), even.begin());
  const std::size_t count = wide.size() / 2;
  for (std::size_t done = 0; done < count;) {
    const std::size_t now = std::min(resampler_block, count - done);
    const auto end = std::copy_n(wide.data() + 2 * done, 2 * now, samples.begin());
    std::fill_n(end, 2 * resampler_margin, std::int16_t{0});
    for (std::size_t i = 0; i < now; i += 8) {
      const Int16x8 first = load(samples.data() + 2 * i);
      const Int16x8 second = load(samples.data() + 2 * i + 8);
      store(odd.data() + memory + i, at_odd_places(first, second));
      store(even.data() + half_delay + i, at_even_places(first, second));
    }
    for (std::size_t i = 0; i < now; i += 8) {
      EightSums sums = eight_sums(odd.data() + i, half_band_taps);
      const Int16x8 delayed = load(even.data() + i);
      sums.even += widened_even(delayed) * half_band_middle + rounding<15>;
      sums.odd += widened_odd(delayed) * half_band_middle + rounding<15>;
      store(filtered.data() + i, scaled<15>(sums));
    }
    std::copy_n(filtered.begin(), now, narrow.data() + done);
    std::copy_n(odd.begin() + static_cast<std::ptrdiff_t>(now), memory, odd.begin());
    std::copy_n(even.begin() + static_cast<std::ptrdiff_t>(now), half_delay, even.begin());
    done += now;
  }
  std::copy_n(odd.begin(), memory, past_odd_.begin());
  std::copy_n(even.begin(), half_delay, past_even_.begin());
}

}  // namespace mediaswitch
