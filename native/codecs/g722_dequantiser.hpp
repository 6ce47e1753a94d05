#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "codecs/g722_block.hpp"
#include "codecs/g722_tables.hpp"

/// The decoder's inverse quantisers (ITU-T G.722 clause 6.2.2). What they give is a matter of the codes
/// alone, not of what has been reconstructed.
namespace mediaswitch::g722 {

/// What a code is worth: its level in units of det / 2^15, for the listener and for the predictor, and nb's
/// step.
struct LowCode {
  std::int16_t fine_level;
  std::int16_t coarse_level;
  std::int16_t log;
};
inline constexpr auto low_codes = [] {
  std::array<LowCode, 64> table{};
  for (std::size_t code = 0; code < table.size(); ++code) {
    const auto [fine, negative] = fine_interval(code);
    const std::size_t coarse = coarse_of(fine);
    const int sign = negative ? -1 : 1;
    table[code] = {.fine_level = narrowed(sign * fine_levels[fine]),
                   .coarse_level = narrowed(sign * coarse_levels[coarse]),
                   .log = low_logs[coarse]};
  }
  return table;
}();

struct HighCode {
  std::int16_t level;
  std::int16_t log;
};
inline constexpr std::array high_codes{HighCode{narrowed(-high_levels[1]), high_logs[1]},
                                       HighCode{narrowed(-high_levels[0]), high_logs[0]},
                                       HighCode{high_levels[1], high_logs[1]},
                                       HighCode{high_levels[0], high_logs[0]}};

/// Differences go on from the six before the block.
using DifferenceRow = ContinuedRow<6>;

struct Dequantised {
  /// The lower band's as the listener hears it; the predictor sees `low`.
  Row fine;
  DifferenceRow low;
  DifferenceRow high;
};

/// INVQBL, INVQAL, INVQAH, LOGSCL, LOGSCH. `nb` of both bands goes on; after the last come zeros.
inline void dequantise(std::span<const std::uint8_t> octets,
                       std::array<std::int16_t, 2>& nb,
                       Dequantised& out) {
  int low_nb = nb[0];
  int high_nb = nb[1];
  std::int16_t* low_out = out.low.now();
  std::int16_t* high_out = out.high.now();
  for (std::size_t n = 0; n < octets.size(); ++n) {
    const LowCode& low = low_codes[octets[n] & 63U];
    const int low_det = low_scales[static_cast<std::size_t>(low_nb >> 6)];
    out.fine[n] = narrowed((low_det * low.fine_level) >> 15);
    low_out[n] = narrowed((low_det * low.coarse_level) >> 15);
    low_nb = std::clamp<int>(next_log(low_nb, low.log), 0, low_nb_most);

    const HighCode& high = high_codes[octets[n] >> 6U];
    const int high_det = high_scales[static_cast<std::size_t>(high_nb >> 6)];
    high_out[n] = narrowed((high_det * high.level) >> 15);
    high_nb = std::clamp<int>(next_log(high_nb, high.log), 0, high_nb_most);
  }
  nb = {narrowed(low_nb), narrowed(high_nb)};
  std::fill_n(out.fine.begin() + octets.size(), margin, std::int16_t{0});
  std::fill_n(low_out + octets.size(), margin, std::int16_t{0});
  std::fill_n(high_out + octets.size(), margin, std::int16_t{0});
}

}  // namespace mediaswitch::g722
