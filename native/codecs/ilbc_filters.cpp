#include "codecs/ilbc_kernels.hpp"

#if defined(__SSE2__)

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>

#include "codecs/int16x8.hpp"

namespace mediaswitch::ilbc_kernels {
namespace {

using Uint32x4 = std::uint32_t __attribute__((vector_size(16)));

Uint32x4 tap_products(Int16x8 a, Int16x8 b) { return reinterpret_cast<Uint32x4>(multiply_pairs(a, b)); }

/// (sum + 2048) >> 12 as the nearest 16-bit number; the addition cannot overflow.
std::int16_t rounded_q12(std::int64_t sum) {
  return static_cast<std::int16_t>(std::clamp<std::int64_t>((sum + 2048) >> 12, -32768, 32767));
}
Int16x8 rounded_q12(const Int32x4& even, const Int32x4& odd) {
  const Int32x4 even_rounded = (even >> 12) + (even >> 11 & 1);
  const Int32x4 odd_rounded = (odd >> 12) + (odd >> 11 & 1);
  return narrow_saturated(__builtin_shufflevector(even_rounded, odd_rounded, 0, 4, 1, 5),
                          __builtin_shufflevector(even_rounded, odd_rounded, 2, 6, 3, 7));
}

Int16x8 pairs_of(std::int16_t first, std::int16_t second) {
  return Int16x8{first, second, first, second, first, second, first, second};
}

void filter_ma_one_by_one(const std::int16_t* in,
                          std::int16_t* out,
                          const std::int16_t* taps,
                          std::size_t tap_count,
                          std::size_t length) {
  for (std::size_t i = 0; i < length; ++i) {
    std::uint32_t sum = 0;
    for (std::size_t j = 0; j < tap_count; ++j) {
      sum += static_cast<std::uint32_t>(taps[j] * in[static_cast<std::ptrdiff_t>(i - j)]);
    }
    out[i] = rounded_q12(static_cast<std::int32_t>(sum));
  }
}

/// Eight outputs at once, at least eight in all. An output may lie where the oldest of its inputs was, or
/// earlier.
template <std::size_t TapCount>
void filter_ma(const std::int16_t* in, std::int16_t* out, const std::int16_t* taps, std::size_t length) {
  std::array<Int16x8, TapCount / 2>
      pairs;  // NOLINT(cppcoreguidelines-pro-type-member-init): the loop fills it
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    pairs[k] = pairs_of(taps[TapCount - 1 - 2 * k], taps[TapCount - 2 - 2 * k]);
  }
  const auto outputs_at = [&](std::size_t i) {
    const std::int16_t* oldest = in + i - (TapCount - 1);
    Uint32x4 even{};
    Uint32x4 odd{};
    for (std::size_t k = 0; k < pairs.size(); ++k) {
      even += tap_products(load(oldest + 2 * k), pairs[k]);
      odd += tap_products(load(oldest + 2 * k + 1), pairs[k]);
    }
    if constexpr (TapCount % 2 == 1) {
      const Int16x8 newest = load(in + i);
      even += tap_products(newest, pairs_of(taps[0], 0));
      odd += tap_products(newest, pairs_of(0, taps[0]));
    }
    return rounded_q12(reinterpret_cast<Int32x4>(even), reinterpret_cast<Int32x4>(odd));
  };
  // Inputs of the last outputs, before outputs are written over them.
  const Int16x8 last = length % 8 == 0 ? Int16x8{} : outputs_at(length - 8);
  for (std::size_t i = 0; i + 8 <= length; i += 8) store(out + i, outputs_at(i));
  if (length % 8 != 0) store(out + length - 8, last);
}

void filter_ar_one_by_one(const std::int16_t* in,
                          std::int16_t* out,
                          const std::int16_t* taps,
                          std::size_t tap_count,
                          std::size_t length) {
  for (std::size_t i = 0; i < length; ++i) {
    std::int64_t sum = taps[0] * in[i];
    for (std::size_t j = tap_count - 1; j > 0; --j) sum -= taps[j] * out[static_cast<std::ptrdiff_t>(i - j)];
    out[i] = rounded_q12(sum);
  }
}

/// What the outputs so far subtract from each of the next twelve, as 32-bit sums. An output is multiplied by
/// all taps at once and the sums move up one place, so that from one output to the next there is one
/// multiplication only.
class Feedback {
 public:
  static constexpr std::size_t most_taps = 12;

  /// `taps`: the last output's, and so on back.
  Feedback(const std::int16_t* taps, std::size_t count) {
    std::array<std::int16_t, 2 * most_taps> pairs{};
    for (std::size_t j = 0; j < count; ++j) pairs[2 * j] = taps[j];
    first_taps_ = load(pairs.data());
    second_taps_ = load(pairs.data() + 8);
    third_taps_ = load(pairs.data() + 16);
  }

  /// The next three sums of one register, then the first of the other.
  static Int32x4 moved_up(Int32x4 sums, Int32x4 next) {
    const auto up = __builtin_shufflevector(sums, Int32x4{}, 1, 2, 3, 4);
    const auto first = __builtin_shufflevector(Int32x4{}, next, 0, 1, 2, 4);
    return up | first;
  }

  /// `output` in every even element; the odd ones count nothing. `input` is what the next sum has besides.
  void feed(Int16x8 output, std::int32_t input) {
    first_ = (moved_up(first_, second_) + Int32x4{input, 0, 0, 0}) - multiply_pairs(first_taps_, output);
    second_ = moved_up(second_, third_) - multiply_pairs(second_taps_, output);
    third_ = moved_up(third_, Int32x4{}) - multiply_pairs(third_taps_, output);
  }

  /// The next output in every even element.
  [[nodiscard]] Int16x8 output() const {
    const auto rounded = reinterpret_cast<Int32x4>(narrow_saturated(first_ >> 12, first_ >> 12));
    return reinterpret_cast<Int16x8>(__builtin_shufflevector(rounded, rounded, 0, 0, 0, 0));
  }

 private:
  Int16x8 first_taps_;
  Int16x8 second_taps_;
  Int16x8 third_taps_;
  Int32x4 first_{};
  Int32x4 second_{};
  Int32x4 third_{};
};

/// The same where no sum can leave 32 bits.
void filter_ar(const std::int16_t* in,
               std::int16_t* out,
               const std::int16_t* taps,
               std::size_t tap_count,
               std::size_t length) {
  const int half = 1 << 11;
  const auto memory = static_cast<std::ptrdiff_t>(tap_count) - 1;
  Feedback feedback(taps + 1, tap_count - 1);
  for (std::ptrdiff_t before = -memory; before < -1; ++before) feedback.feed(repeated(out[before]), 0);
  feedback.feed(repeated(out[-1]), taps[0] * in[0] + half);
  for (std::size_t i = 0; i < length; ++i) {
    const Int16x8 output = feedback.output();
    out[i] = output[0];
    feedback.feed(output, i + 1 < length ? taps[0] * in[i + 1] + half : 0);
  }
}

/// Whether sums of all taps' products with any 16-bit numbers, and a half to round by, have 32 bits.
bool sums_have_32_bits(const std::int16_t* taps, std::size_t tap_count) {
  int magnitudes = 0;
  for (std::size_t j = 0; j < tap_count; ++j) magnitudes += std::abs(int{taps[j]});
  return magnitudes < 65536;
}

}  // namespace

extern "C" {

void WebRtcSpl_FilterMAFastQ12(const std::int16_t* in,
                               std::int16_t* out,
                               const std::int16_t* taps,
                               std::size_t tap_count,
                               std::size_t length) {
  // Eight at once are not one after the other where an output is an input of a later one.
  const std::less_equal<> not_after;
  const bool inputs_stay = not_after(out, in - (tap_count - 1)) || not_after(in + length, out);
  if (length >= 8 && inputs_stay) {
    switch (tap_count) {
      case 7: return filter_ma<7>(in, out, taps, length);
      case 8: return filter_ma<8>(in, out, taps, length);
      case 11: return filter_ma<11>(in, out, taps, length);
      default: break;
    }
  }
  filter_ma_one_by_one(in, out, taps, tap_count, length);
}

void WebRtcSpl_FilterARFastQ12(const std::int16_t* in,
                               std::int16_t* out,
                               const std::int16_t* taps,
                               std::size_t tap_count,
                               std::size_t length) {
  // Less is not worth the preparation.
  const std::size_t least = 16;
  if (length >= least && tap_count > 1 && tap_count <= Feedback::most_taps + 1 &&
      sums_have_32_bits(taps, tap_count)) {
    filter_ar(in, out, taps, tap_count, length);
  } else {
    filter_ar_one_by_one(in, out, taps, tap_count, length);
  }
}

}  // extern "C"

}  // namespace mediaswitch::ilbc_kernels

#endif
