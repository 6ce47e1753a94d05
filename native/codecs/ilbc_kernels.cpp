#include "codecs/ilbc_kernels.hpp"

#if defined(__SSE2__)

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "codecs/int16x8.hpp"

namespace mediaswitch::ilbc_kernels {
namespace {

using Uint32x4 = std::uint32_t __attribute__((vector_size(16)));

/// All ones in the last `count` of eight places.
Int16x8 last_places(std::size_t count) {
  static constexpr std::array<std::int16_t, 16> zeros_and_ones{
      0, 0, 0, 0, 0, 0, 0, 0, -1, -1, -1, -1, -1, -1, -1, -1};
  return load(zeros_and_ones.data() + count);
}

/// Sums of four registers' elements, each sum in its place. Modulo 2^32.
Uint32x4 four_sums(Uint32x4 a, Uint32x4 b, Uint32x4 c, Uint32x4 d) {
  const Uint32x4 ab = __builtin_shufflevector(a, b, 0, 4, 1, 5) + __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const Uint32x4 cd = __builtin_shufflevector(c, d, 0, 4, 1, 5) + __builtin_shufflevector(c, d, 2, 6, 3, 7);
  return __builtin_shufflevector(ab, cd, 0, 1, 4, 5) + __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
}

Uint32x4 products(Int16x8 a, Int16x8 b) { return reinterpret_cast<Uint32x4>(multiply_pairs(a, b)); }

/// The sum of the products, modulo 2^32, for `Count` places of the second factor, `step` apart. At least
/// eight.
template <std::size_t Count>
std::array<Uint32x4, Count> correlations(const std::int16_t* fixed,
                                         const std::int16_t* moving,
                                         std::ptrdiff_t step,
                                         std::size_t length) {
  std::array<Uint32x4, Count> sums{};
  std::size_t j = 0;
  for (; j + 8 <= length; j += 8) {
    const Int16x8 factor = load(fixed + j);
    for (std::size_t i = 0; i < Count; ++i) {
      sums[i] += products(factor, load(moving + static_cast<std::ptrdiff_t>(i) * step + j));
    }
  }
  if (j < length) {
    // The last eight again, but for those that were counted.
    const Int16x8 factor = load(fixed + length - 8) & last_places(length - j);
    for (std::size_t i = 0; i < Count; ++i) {
      sums[i] += products(factor, load(moving + static_cast<std::ptrdiff_t>(i) * step + length - 8));
    }
  }
  return sums;
}

/// Sums of more than 32 bits: halves of numbers that have them.
class WideSums {
 public:
  /// Each number is less than 2^31 + 1 and more than −2^31, which stands for 2^31.
  void add(Int32x4 numbers) {
    // Less one they all have 32 bits.
    const Int32x4 lessened = reinterpret_cast<Int32x4>(reinterpret_cast<Uint32x4>(numbers) - 1);
    low_ += lessened & 0xffff;
    high_ += lessened >> 16;
    ++count_;
  }
  [[nodiscard]] std::int64_t total() const {
    const Int32x4 both =
        __builtin_shufflevector(low_, high_, 0, 4, 1, 5) + __builtin_shufflevector(low_, high_, 2, 6, 3, 7);
    const Int32x4 sums = both + __builtin_shufflevector(both, both, 2, 3, 0, 1);
    return sums[0] + std::int64_t{sums[1]} * 65536 + 4 * count_;
  }

 private:
  Int32x4 low_{};
  Int32x4 high_{};
  std::int64_t count_ = 0;
};

std::int64_t dot_product_one_by_one(const std::int16_t* a,
                                    const std::int16_t* b,
                                    std::size_t length,
                                    int right_shifts) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < length; ++i) sum += (a[i] * b[i]) >> right_shifts;
  return sum;
}

/// At least eight, and so few that the halves of the sums have room.
std::int64_t dot_product(const std::int16_t* a, const std::int16_t* b, std::size_t length) {
  WideSums sums;
  std::size_t i = 0;
  for (; i + 8 <= length; i += 8) sums.add(multiply_pairs(load(a + i), load(b + i)));
  if (i < length) {
    const Int16x8 rest = load(a + length - 8) & last_places(length - i);
    sums.add(multiply_pairs(rest, load(b + length - 8)));
  }
  return sums.total();
}
constexpr std::size_t longest_dot_product = 32768;

}  // namespace

extern "C" {

void WebRtcSpl_CrossCorrelationC(std::int32_t* out,
                                 const std::int16_t* fixed,
                                 const std::int16_t* moving,
                                 std::size_t length,
                                 std::size_t count,
                                 int right_shifts,
                                 int step) {
  std::size_t i = 0;
  if (right_shifts == 0 && length >= 8) {
    for (; i + 4 <= count; i += 4) {
      const auto sums = correlations<4>(fixed, moving, step, length);
      const Uint32x4 four = four_sums(sums[0], sums[1], sums[2], sums[3]);
      std::memcpy(out + i, &four, sizeof four);
      moving += 4 * static_cast<std::ptrdiff_t>(step);
    }
    for (; i < count; ++i) {
      const Uint32x4 sums = correlations<1>(fixed, moving, step, length)[0];
      out[i] = static_cast<std::int32_t>(sums[0] + sums[1] + sums[2] + sums[3]);
      moving += step;
    }
    return;
  }
  for (; i < count; ++i) {
    std::uint32_t sum = 0;
    for (std::size_t j = 0; j < length; ++j) {
      sum += static_cast<std::uint32_t>((fixed[j] * moving[j]) >> right_shifts);
    }
    out[i] = static_cast<std::int32_t>(sum);
    moving += step;
  }
}

std::int32_t WebRtcSpl_DotProductWithScale(const std::int16_t* a,
                                           const std::int16_t* b,
                                           std::size_t length,
                                           int right_shifts) {
  const bool at_once = right_shifts == 0 && length >= 8 && length <= longest_dot_product;
  const std::int64_t sum =
      at_once ? dot_product(a, b, length) : dot_product_one_by_one(a, b, length, right_shifts);
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(
      sum, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()));
}

}  // extern "C"

}  // namespace mediaswitch::ilbc_kernels

#endif
