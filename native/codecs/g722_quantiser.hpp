#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "codecs/g722_block.hpp"
#include "codecs/g722_tables.hpp"
#include "codecs/int16x8.hpp"

/// The encoder's quantisers (ITU-T G.722 clause 6.2.1, blocks 1 to 3) without a search: every decision that
/// the predictor depends on is compared with at once, and what lies between neighbouring levels is summed up
/// over the decisions that the error reaches.
namespace mediaswitch::g722 {

/// In each half, four times the sum of its four.
inline Int16x8 summed_halves(Int16x8 value) {
  value += __builtin_shufflevector(value, value, 2, 3, 0, 1, 6, 7, 4, 5);
  return value + __builtin_shufflevector(value, value, 1, 0, 3, 2, 5, 4, 7, 6);
}

/// Up to four decisions of one scale factor.
struct Decisions {
  using Four = std::array<std::int16_t, 4>;
  /// Reached by what is more than this.
  Four last_below;
  /// What reaching each adds to the quantised difference's magnitude, and how much more where it is negative:
  /// the Recommendation rounds towards minus infinity.
  Four rise;
  Four more;
};

struct LowDecisions {
  Decisions first;
  Decisions second;
};

constexpr int positive_level(int det, int level) { return (det * level) >> 15; }
constexpr int negative_level(int det, int level) { return -((det * -level) >> 15); }

constexpr void set_decision(
    Decisions& decisions, std::size_t at, int least, int det, int level_below, int level) {
  const int rise = positive_level(det, level) - positive_level(det, level_below);
  const int fall = negative_level(det, level) - negative_level(det, level_below);
  decisions.last_below[at] = narrowed(least - 1);
  decisions.rise[at] = narrowed(rise);
  decisions.more[at] = narrowed(fall - rise);
}

constexpr Decisions no_decisions{.last_below = {32767, 32767, 32767, 32767}, .rise = {}, .more = {}};

/// For each nb / 64: the seven decisions between coarse intervals.
inline constexpr auto low_decisions = [] {
  std::array<LowDecisions, low_scales.size()> rows{};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const int det = low_scales[i];
    rows[i] = {.first = no_decisions, .second = no_decisions};
    for (std::size_t coarse = 1; coarse < coarse_levels.size(); ++coarse) {
      set_decision(coarse < 5 ? rows[i].first : rows[i].second,
                   (coarse - 1) % 4,
                   (fine_decisions[4 * coarse - 2] * det) >> 12,
                   det,
                   coarse_levels[coarse - 1],
                   coarse_levels[coarse]);
    }
  }
  return rows;
}();

/// For each nb / 64: zero, which everything reaches and which gives the inner level, and the one decision.
inline constexpr auto high_decisions = [] {
  std::array<Decisions, high_scales.size()> rows{};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const int det = high_scales[i];
    rows[i] = no_decisions;
    set_decision(rows[i], 0, 0, det, 0, high_levels[0]);
    set_decision(rows[i], 1, (high_decision * det) >> 12, det, high_levels[0], high_levels[1]);
  }
  return rows;
}();

/// What each decision adds to the step of nb, and the step when none is reached.
inline constexpr Int16x8 least_log = {low_logs[0],
                                      low_logs[0],
                                      low_logs[0],
                                      low_logs[0],
                                      high_logs[0],
                                      high_logs[0],
                                      high_logs[0],
                                      high_logs[0]};
constexpr std::int16_t log_rise(std::size_t coarse) {
  return narrowed(low_logs[coarse] - low_logs[coarse - 1]);
}
inline constexpr Int16x8 first_logs = {
    log_rise(1), log_rise(2), log_rise(3), log_rise(4), 0, narrowed(high_logs[1] - high_logs[0]), 0, 0};
inline constexpr Int16x8 second_logs = {log_rise(5), log_rise(6), log_rise(7), 0, 0, 0, 0, 0};

/// nb / 64 of both bands, from nb in halves.
struct ScaleIndex {
  std::uint16_t low;
  std::uint16_t high;
};
inline ScaleIndex scale_index(Int16x8 nb) {
  std::array<std::int16_t, 2> pair{};
  store_halves(pair.data(), nb >> 6);
  return std::bit_cast<ScaleIndex>(pair);
}

/// What the predictor learns of a sample, in halves: the quantised difference and nb's next step.
struct Quantised {
  Int16x8 difference;
  Int16x8 log;
};

inline Quantised quantised(Int16x8 error, ScaleIndex at) {
  using Int64x2 = std::int64_t __attribute__((vector_size(16)));
  const auto halves_of = [](const Decisions::Four& low, const Decisions::Four& high) {
    return reinterpret_cast<Int16x8>(
        Int64x2{std::bit_cast<std::int64_t>(low), std::bit_cast<std::int64_t>(high)});
  };
  const auto low_half = [](const Decisions::Four& low) {
    return reinterpret_cast<Int16x8>(Int64x2{std::bit_cast<std::int64_t>(low), 0});
  };
  const auto& [first, second] = low_decisions[at.low];
  const Decisions& high = high_decisions[at.high];
  const Int16x8 negative = error >> 15;
  const Int16x8 magnitude = error ^ negative;
  const Int16x8 first_reached = magnitude > halves_of(first.last_below, high.last_below);
  // In the higher half nothing rises, reached or not.
  const Int16x8 second_reached = magnitude > low_half(second.last_below);
  const Int16x8 first_rise = halves_of(first.rise, high.rise) + (negative & halves_of(first.more, high.more));
  const Int16x8 second_rise = low_half(second.rise) + (negative & low_half(second.more));
  const Int16x8 level = summed_halves((first_reached & first_rise) + (second_reached & second_rise));
  const Int16x8 logs = summed_halves((first_reached & first_logs) + (second_reached & second_logs));
  return {.difference = (level ^ negative) - negative, .log = logs + least_log};
}

/// QUANTL and QUANTH for eight samples at once: the octets that are sent.
struct Errors {
  Int16x8 low;
  Int16x8 high;
};
struct Scales {
  Int16x8 low;
  Int16x8 high;
};
inline Int16x8 octets_of(const Errors& errors, const Scales& scales) {
  const Int16x8 low_negative = errors.low >> 15;
  const Int16x8 low_magnitude = errors.low ^ low_negative;
  Int16x8 reached = repeated(fine_decisions.size() - 1);
  for (std::size_t i = 1; i < fine_decisions.size(); ++i) {
    const int factor = 16 * fine_decisions[i];
    const Int16x8 least = factor < 32768 ? multiply_high(scales.low, repeated(narrowed(factor)))
                                         : multiply_q15(scales.low, repeated(narrowed(factor / 2)));
    reached += least > low_magnitude;  // −1 for each that is not
  }
  // `code_of`, without a branch.
  const Int16x8 negative_code = 33 - reached + ((reached < 2) & 30);
  const Int16x8 low = (low_negative & negative_code) | (~low_negative & (61 - reached));

  const Int16x8 high_negative = errors.high >> 15;
  const Int16x8 least_outer = multiply_high(scales.high, repeated(16 * high_decision));
  const Int16x8 inner = least_outer > (errors.high ^ high_negative);
  const Int16x8 high = (~high_negative & 2) - inner;
  return low | high << 6;
}

}  // namespace mediaswitch::g722
