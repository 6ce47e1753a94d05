#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

/// Eight 16-bit numbers, or four of 32 bits, that one instruction works on: the vector types of GCC and
/// Clang, whose + - * & | ^ ~ << >> == > go element by element (and wrap). What those cannot say is here.
/// x86-64 and arm64 have instructions for it; elsewhere the compiler puts the same together from portable
/// code.
namespace mediaswitch {

using Int16x8 = std::int16_t __attribute__((vector_size(16)));
using Int32x4 = std::int32_t __attribute__((vector_size(16)));

static_assert(std::endian::native == std::endian::little, "the first of two numbers is the lower half");

namespace portable {

/// `operation` on each two elements, of which the nearest 16-bit number is taken.
template <class Operation>
Int16x8 each(Int16x8 a, Int16x8 b, Operation operation) {
  Int16x8 result{};
  for (int i = 0; i < 8; ++i) {
    result[i] = static_cast<std::int16_t>(std::clamp<int>(operation(int{a[i]}, int{b[i]}), -32768, 32767));
  }
  return result;
}
inline Int16x8 multiply_high(Int16x8 a, Int16x8 b) {
  return each(a, b, [](int x, int y) { return (x * y) >> 16; });
}
inline Int16x8 add_saturated(Int16x8 a, Int16x8 b) {
  return each(a, b, [](int x, int y) { return x + y; });
}
inline Int16x8 subtract_saturated(Int16x8 a, Int16x8 b) {
  return each(a, b, [](int x, int y) { return x - y; });
}
inline Int32x4 multiply_pairs(Int16x8 a, Int16x8 b) {
  Int32x4 sums{};
  for (int i = 0; i < 4; ++i) sums[i] = a[2 * i] * b[2 * i] + a[2 * i + 1] * b[2 * i + 1];
  return sums;
}
inline Int16x8 narrow_saturated(Int32x4 first, Int32x4 second) {
  Int16x8 result{};
  for (int i = 0; i < 8; ++i) {
    result[i] = static_cast<std::int16_t>(std::clamp<int>(i < 4 ? first[i] : second[i - 4], -32768, 32767));
  }
  return result;
}
inline Int16x8 at_even_places(Int16x8 a, Int16x8 b) {
  return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14);
}
inline Int16x8 at_odd_places(Int16x8 a, Int16x8 b) {
  return __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15);
}

}  // namespace portable

/// Eight numbers from memory, which need not be aligned.
inline Int16x8 load(const std::int16_t* from) {
  Int16x8 loaded;
  std::memcpy(&loaded, from, sizeof loaded);
  return loaded;
}
inline void store(std::int16_t* to, Int16x8 value) { std::memcpy(to, &value, sizeof value); }

/// The same number eight times.
inline Int16x8 repeated(std::int16_t value) {
  return Int16x8{value, value, value, value, value, value, value, value};
}

/// The first, third, fifth and seventh number, and the others.
inline Int32x4 widened_even(Int16x8 value) { return reinterpret_cast<Int32x4>(value) << 16 >> 16; }
inline Int32x4 widened_odd(Int16x8 value) { return reinterpret_cast<Int32x4>(value) >> 16; }

/// a0 b0 a1 b1 a2 b2 a3 b3, and the same of the upper halves.
inline Int16x8 interleave_low(Int16x8 a, Int16x8 b) {
  return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}
inline Int16x8 interleave_high(Int16x8 a, Int16x8 b) {
  return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

#if defined(__SSE2__)

/// (a · b) >> 16.
inline Int16x8 multiply_high(Int16x8 a, Int16x8 b) {
  return reinterpret_cast<Int16x8>(
      _mm_mulhi_epi16(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b)));
}
inline Int16x8 add_saturated(Int16x8 a, Int16x8 b) {
  return reinterpret_cast<Int16x8>(
      _mm_adds_epi16(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b)));
}
inline Int16x8 subtract_saturated(Int16x8 a, Int16x8 b) {
  return reinterpret_cast<Int16x8>(
      _mm_subs_epi16(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b)));
}
/// a0·b0 + a1·b1, a2·b2 + a3·b3, and so on.
inline Int32x4 multiply_pairs(Int16x8 a, Int16x8 b) {
  return reinterpret_cast<Int32x4>(
      _mm_madd_epi16(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b)));
}
/// The four of `first`, then the four of `second`, as the nearest 16-bit numbers.
inline Int16x8 narrow_saturated(Int32x4 first, Int32x4 second) {
  return reinterpret_cast<Int16x8>(
      _mm_packs_epi32(reinterpret_cast<__m128i>(first), reinterpret_cast<__m128i>(second)));
}
/// Every second one of the sixteen numbers, from the first, and from the second.
inline Int16x8 at_even_places(Int16x8 a, Int16x8 b) {
  return narrow_saturated(widened_even(a), widened_even(b));
}
inline Int16x8 at_odd_places(Int16x8 a, Int16x8 b) {
  return narrow_saturated(widened_odd(a), widened_odd(b));
}
inline Int16x8 lesser(Int16x8 a, Int16x8 b) {
  return reinterpret_cast<Int16x8>(_mm_min_epi16(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b)));
}
inline Int16x8 greater(Int16x8 a, Int16x8 b) {
  return reinterpret_cast<Int16x8>(_mm_max_epi16(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b)));
}

#elif defined(__aarch64__)

inline Int16x8 multiply_high(Int16x8 a, Int16x8 b) {
  const auto x = reinterpret_cast<int16x8_t>(a);
  const auto y = reinterpret_cast<int16x8_t>(b);
  const int16x4_t low = vshrn_n_s32(vmull_s16(vget_low_s16(x), vget_low_s16(y)), 16);
  return reinterpret_cast<Int16x8>(vshrn_high_n_s32(low, vmull_high_s16(x, y), 16));
}
inline Int16x8 add_saturated(Int16x8 a, Int16x8 b) {
  return reinterpret_cast<Int16x8>(
      vqaddq_s16(reinterpret_cast<int16x8_t>(a), reinterpret_cast<int16x8_t>(b)));
}
inline Int16x8 subtract_saturated(Int16x8 a, Int16x8 b) {
  return reinterpret_cast<Int16x8>(
      vqsubq_s16(reinterpret_cast<int16x8_t>(a), reinterpret_cast<int16x8_t>(b)));
}
inline Int32x4 multiply_pairs(Int16x8 a, Int16x8 b) {
  const auto x = reinterpret_cast<int16x8_t>(a);
  const auto y = reinterpret_cast<int16x8_t>(b);
  return reinterpret_cast<Int32x4>(
      vpaddq_s32(vmull_s16(vget_low_s16(x), vget_low_s16(y)), vmull_high_s16(x, y)));
}
inline Int16x8 narrow_saturated(Int32x4 first, Int32x4 second) {
  const int16x4_t low = vqmovn_s32(reinterpret_cast<int32x4_t>(first));
  return reinterpret_cast<Int16x8>(vqmovn_high_s32(low, reinterpret_cast<int32x4_t>(second)));
}
using portable::at_even_places;
using portable::at_odd_places;
inline Int16x8 lesser(Int16x8 a, Int16x8 b) {
  return reinterpret_cast<Int16x8>(vminq_s16(reinterpret_cast<int16x8_t>(a), reinterpret_cast<int16x8_t>(b)));
}
inline Int16x8 greater(Int16x8 a, Int16x8 b) {
  return reinterpret_cast<Int16x8>(vmaxq_s16(reinterpret_cast<int16x8_t>(a), reinterpret_cast<int16x8_t>(b)));
}

#else

using portable::add_saturated;
using portable::at_even_places;
using portable::at_odd_places;
using portable::multiply_high;
using portable::multiply_pairs;
using portable::narrow_saturated;
using portable::subtract_saturated;
inline Int16x8 lesser(Int16x8 a, Int16x8 b) { return a < b ? a : b; }
inline Int16x8 greater(Int16x8 a, Int16x8 b) { return a > b ? a : b; }

#endif

/// (a · b) >> 15, where that has 16 bits: not for −32768 · −32768.
inline Int16x8 multiply_q15(Int16x8 a, Int16x8 b) {
  using Uint16x8 = std::uint16_t __attribute__((vector_size(16)));
  const auto low = reinterpret_cast<Uint16x8>(a) * reinterpret_cast<Uint16x8>(b);
  const auto high = reinterpret_cast<Uint16x8>(multiply_high(a, b));
  return reinterpret_cast<Int16x8>((high + high) | (low >> 15));
}

}  // namespace mediaswitch
