#pragma once

#include <cstdint>

#include "codecs/int16x8.hpp"

/// Adaptive prediction of a sub-band (ITU-T G.722 clause 6.2.1, block 4), by the subroutines' names there.
/// All results are those of the Recommendation's 16-bit saturating arithmetic, bit by bit.
namespace mediaswitch::g722 {

/// UPZERO: the zero section's coefficients after one more difference, `now` in all eight elements. `d` are
/// the six before it, element by element those that `b` is for; the last two elements of `b` stay 0.
inline Int16x8 adapted_zeros(Int16x8 b, Int16x8 d, Int16x8 now) {
  const Int16x8 all_steps{128, 128, 128, 128, 128, 128, 0, 0};
  const Int16x8 step = (now != 0) & all_steps;
  const Int16x8 opposite = (d ^ now) >> 15;
  // b · 255/256 rounded down is b + (−b / 256 rounded down).
  return b + multiply_high(b, repeated(-256)) + ((step ^ opposite) - opposite);
}

/// FILTEZ's products. The lower band's differences stay below 2^14 in magnitude, the higher one's below 2^12,
/// so that doubling them cannot saturate.
inline Int16x8 products_low(Int16x8 b, Int16x8 d) { return multiply_q15(b, d + d); }
inline Int16x8 products_high(Int16x8 b, Int16x8 d) { return multiply_high(b, d << 2); }

/// FILTEZ for eight samples, from their rows of eight products: the sums in the Recommendation's order, b6's
/// first, saturating at each.
inline Int16x8 sums_of_rows(const std::int16_t* rows) {
  const Int16x8 r0 = load(rows);
  const Int16x8 r1 = load(rows + 8);
  const Int16x8 r2 = load(rows + 16);
  const Int16x8 r3 = load(rows + 24);
  const Int16x8 r4 = load(rows + 32);
  const Int16x8 r5 = load(rows + 40);
  const Int16x8 r6 = load(rows + 48);
  const Int16x8 r7 = load(rows + 56);
  // Transposed, so that a register has one coefficient's products.
  const Int16x8 even_low = interleave_low(interleave_low(r0, r4), interleave_low(r2, r6));
  const Int16x8 odd_low = interleave_low(interleave_low(r1, r5), interleave_low(r3, r7));
  const Int16x8 even_middle = interleave_high(interleave_low(r0, r4), interleave_low(r2, r6));
  const Int16x8 odd_middle = interleave_high(interleave_low(r1, r5), interleave_low(r3, r7));
  const Int16x8 even_high = interleave_low(interleave_high(r0, r4), interleave_high(r2, r6));
  const Int16x8 odd_high = interleave_low(interleave_high(r1, r5), interleave_high(r3, r7));
  Int16x8 sum = add_saturated(interleave_low(even_low, odd_low), interleave_high(even_low, odd_low));
  sum = add_saturated(sum, interleave_low(even_middle, odd_middle));
  sum = add_saturated(sum, interleave_high(even_middle, odd_middle));
  sum = add_saturated(sum, interleave_low(even_high, odd_high));
  return add_saturated(sum, interleave_high(even_high, odd_high));
}

/// The same for one sample of each band at once, in halves.
inline Int16x8 sums_in_halves(Int16x8 low, Int16x8 high) {
  using Uint64x2 = std::uint64_t __attribute__((vector_size(16)));
  const auto older = reinterpret_cast<Uint64x2>(__builtin_shufflevector(low, high, 0, 1, 2, 3, 8, 9, 10, 11));
  const auto newer =
      reinterpret_cast<Uint64x2>(__builtin_shufflevector(low, high, 4, 5, 6, 7, 12, 13, 14, 15));
  const auto plus = [](Int16x8 sum, Uint64x2 next) {
    return add_saturated(sum, reinterpret_cast<Int16x8>(next));
  };
  Int16x8 sum = plus(reinterpret_cast<Int16x8>(older), older >> 16);
  sum = plus(sum, older >> 32);
  sum = plus(sum, older >> 48);
  sum = plus(sum, newer);
  sum = plus(sum, newer >> 16);
  return __builtin_shufflevector(sum, sum, 0, 0, 0, 0, 4, 4, 4, 4);
}

/// The pole sections of both bands; which elements are which band's is the caller's affair.
struct Poles {
  Int16x8 a1;
  Int16x8 a2;
  /// The last two reconstructed signals, and the last two partly reconstructed ones.
  Int16x8 r1;
  Int16x8 r2;
  Int16x8 p1;
  Int16x8 p2;

  /// PARREC, RECONS, UPPOL1, UPPOL2, FILTEP: one more difference `d` after the prediction `s`, of which `sz`
  /// is the zero section's part. Gives the pole section's part of the next prediction.
  Int16x8 advance(Int16x8 s, Int16x8 sz, Int16x8 d) {
    const Int16x8 p = add_saturated(sz, d);
    const Int16x8 opposite1 = (p ^ p1) >> 15;
    const Int16x8 opposite2 = (p ^ p2) >> 15;
    p2 = p1;
    p1 = p;

    // 4 · a1 saturated, negated if the signs are the same, and divided by 128.
    const Int16x8 directed = opposite1 - (a1 ^ opposite1);
    const Int16x8 cross = greater(lesser(directed, repeated(8191)), repeated(-8192)) >> 5;
    const Int16x8 new_a2 = cross + (128 - (opposite2 & 256) + a2 + multiply_high(a2, repeated(-512)));
    a2 = greater(lesser(new_a2, repeated(12288)), repeated(-12288));
    const Int16x8 new_a1 = a1 + multiply_high(a1, repeated(-256)) + (192 - (opposite1 & 384));
    a1 = greater(lesser(new_a1, 15360 - a2), a2 - 15360);

    r2 = r1;
    r1 = add_saturated(s, d);
    return add_saturated(multiply_q15(a1, add_saturated(r1, r1)), multiply_q15(a2, add_saturated(r2, r2)));
  }
};

}  // namespace mediaswitch::g722
