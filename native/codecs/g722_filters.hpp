#pragma once

#include <cstddef>

#include "codecs/fir.hpp"
#include "codecs/g722_block.hpp"
#include "codecs/g722_tables.hpp"

/// The quadrature mirror filters (ITU-T G.722 clause 5.2.1 and 5.2.2). The transmit filter's halves for even
/// and odd coefficients give the bands as their sum and difference; the receive filter does the same
/// backwards.
namespace mediaswitch::g722 {

inline constexpr std::size_t filter_memory = 11;
using FilterRow = ContinuedRow<filter_memory>;

inline Int16x8 in_band_limits(Int16x8 value) {
  return greater(lesser(value, repeated(band_most)), repeated(band_least));
}

/// The bands' signals as pairs, of the first and the second samples.
inline void split_bands(const FilterRow& firsts,
                        const FilterRow& seconds,
                        std::size_t count,
                        PairRow& bands) {
  for (std::size_t n = 0; n < count; n += 8) {
    const EightSums a = eight_sums(seconds.oldest() + n, odd_taps);
    const EightSums b = eight_sums(firsts.oldest() + n, even_taps);
    const Int16x8 low = scaled<14>(EightSums{.even = a.even + b.even, .odd = a.odd + b.odd});
    const Int16x8 high = scaled<14>(EightSums{.even = a.even - b.even, .odd = a.odd - b.odd});
    store_pairs(bands.data() + 2 * n, in_band_limits(low), in_band_limits(high));
  }
}

/// The samples as pairs, of the lower band less the higher and of their sum.
inline void join_bands(const FilterRow& differences, const FilterRow& sums, std::size_t count, PairRow& pcm) {
  for (std::size_t n = 0; n < count; n += 8) {
    const Int16x8 first = scaled<11>(eight_sums(differences.oldest() + n, odd_taps));
    const Int16x8 second = scaled<11>(eight_sums(sums.oldest() + n, even_taps));
    store_pairs(pcm.data() + 2 * n, first, second);
  }
}

}  // namespace mediaswitch::g722
