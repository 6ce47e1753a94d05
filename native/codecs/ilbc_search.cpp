#include "codecs/ilbc_kernels.hpp"

#if defined(__SSE2__)

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "codecs/int16x8.hpp"

namespace mediaswitch::ilbc_kernels {
namespace {

using Uint16x8 = std::uint16_t __attribute__((vector_size(16)));

/// How far a positive number can be shifted left.
int headroom(std::int32_t number) {
  return number == 0 ? 0 : std::countl_zero(static_cast<std::uint32_t>(number)) - 1;
}

/// a · b.
struct Products {
  Int32x4 first;
  Int32x4 last;
};
Products wide_products(Int16x8 a, Int16x8 b) {
  const Int16x8 low =
      reinterpret_cast<Int16x8>(reinterpret_cast<Uint16x8>(a) * reinterpret_cast<Uint16x8>(b));
  const Int16x8 high = multiply_high(a, b);
  return {.first = reinterpret_cast<Int32x4>(interleave_low(low, high)),
          .last = reinterpret_cast<Int32x4>(interleave_high(low, high))};
}

template <class Number>
std::size_t index_of(const Number* found, const Number* values) {
  return static_cast<std::size_t>(found - values);
}

}  // namespace

extern "C" {

void WebRtcIlbcfix_CbSearchCore(std::int32_t* correlations,
                                std::size_t range,
                                std::int16_t stage,
                                std::int16_t* inverse_energies,
                                std::int16_t* inverse_energy_shifts,
                                std::int32_t* criteria,
                                std::size_t* best_index,
                                std::int32_t* best_criterion,
                                std::int16_t* best_criterion_shift) {
  if (stage == 0) {
    for (std::size_t i = 0; i < range; ++i) correlations[i] = std::max(correlations[i], 0);
  }
  const int shift = headroom(WebRtcSpl_MaxAbsValueW32C(correlations, range));

  const std::int16_t none = std::numeric_limits<std::int16_t>::min();
  Int16x8 most_shifts = repeated(none);
  const auto eight_at = [&](std::size_t i) {
    Int32x4 first;  // NOLINT(cppcoreguidelines-init-variables): the next lines write it
    Int32x4 last;   // NOLINT(cppcoreguidelines-init-variables): the next lines write it
    std::memcpy(&first, correlations + i, sizeof first);
    std::memcpy(&last, correlations + i + 4, sizeof last);
    const Int16x8 normalised = narrow_saturated(first << shift >> 16, last << shift >> 16);
    const Int16x8 squares = multiply_high(normalised, normalised);
    const Int16x8 energies = load(inverse_energies + i);
    const Products products_ = wide_products(squares, energies);
    std::memcpy(criteria + i, &products_.first, sizeof first);
    std::memcpy(criteria + i + 4, &products_.last, sizeof last);
    const Int16x8 is_zero = (squares == 0) | (energies == 0);
    most_shifts = greater(most_shifts, (is_zero & none) | (~is_zero & load(inverse_energy_shifts + i)));
  };
  std::int16_t most = none;
  if (range >= 8) {
    for (std::size_t i = 0; i + 8 <= range; i += 8) eight_at(i);
    if (range % 8 != 0) eight_at(range - 8);
    for (int i = 0; i < 8; ++i) most = std::max(most, most_shifts[i]);
  } else {
    for (std::size_t i = 0; i < range; ++i) {
      const auto normalised = static_cast<std::int16_t>(
          static_cast<std::int32_t>(static_cast<std::uint32_t>(correlations[i]) << shift) >> 16);
      criteria[i] = ((normalised * normalised) >> 16) * inverse_energies[i];
      if (criteria[i] != 0) most = std::max(most, inverse_energy_shifts[i]);
    }
  }
  if (most == none) most = 0;

  std::size_t index = 0;
  std::int32_t best = std::numeric_limits<std::int32_t>::min();
  for (std::size_t i = 0; i < range; ++i) {
    // Zeros alone have more shifts than that, and stay zeros.
    const int down = std::min(16, most - inverse_energy_shifts[i]) & 31;
    criteria[i] >>= down;
    if (criteria[i] > best) {
      best = criteria[i];
      index = i;
    }
  }
  *best_index = index;
  *best_criterion = criteria[index];
  *best_criterion_shift = static_cast<std::int16_t>(32 - 2 * shift + most);
}

std::int16_t WebRtcSpl_MaxAbsValueW16C(const std::int16_t* values, std::size_t length) {
  int most = 0;
  if (length >= 8) {
    Int16x8 highest = load(values + length - 8);
    Int16x8 lowest = highest;
    for (std::size_t i = 0; i + 8 <= length; i += 8) {
      highest = greater(highest, load(values + i));
      lowest = lesser(lowest, load(values + i));
    }
    const Int16x8 magnitudes = greater(highest, subtract_saturated(Int16x8{}, lowest));
    for (int i = 0; i < 8; ++i) most = std::max<int>(most, magnitudes[i]);
  } else {
    for (std::size_t i = 0; i < length; ++i) most = std::max(most, std::abs(int{values[i]}));
  }
  return static_cast<std::int16_t>(std::min(most, 32767));
}

std::int32_t WebRtcSpl_MaxAbsValueW32C(const std::int32_t* values, std::size_t length) {
  std::int32_t highest = 0;
  std::int32_t lowest = 0;
  for (std::size_t i = 0; i < length; ++i) {
    highest = std::max(highest, values[i]);
    lowest = std::min(lowest, values[i]);
  }
  const std::int64_t most = std::max<std::int64_t>(highest, -std::int64_t{lowest});
  return static_cast<std::int32_t>(std::min<std::int64_t>(most, std::numeric_limits<std::int32_t>::max()));
}

std::int16_t WebRtcSpl_MaxValueW16C(const std::int16_t* values, std::size_t length) {
  return *std::max_element(values, values + length);
}
std::int32_t WebRtcSpl_MaxValueW32C(const std::int32_t* values, std::size_t length) {
  return *std::max_element(values, values + length);
}
std::int16_t WebRtcSpl_MinValueW16C(const std::int16_t* values, std::size_t length) {
  return *std::min_element(values, values + length);
}
std::int32_t WebRtcSpl_MinValueW32C(const std::int32_t* values, std::size_t length) {
  return *std::min_element(values, values + length);
}
std::size_t WebRtcSpl_MaxAbsIndexW16(const std::int16_t* values, std::size_t length) {
  const auto less = [](std::int16_t a, std::int16_t b) { return std::abs(int{a}) < std::abs(int{b}); };
  return index_of(std::max_element(values, values + length, less), values);
}
std::size_t WebRtcSpl_MaxIndexW16(const std::int16_t* values, std::size_t length) {
  return index_of(std::max_element(values, values + length), values);
}
std::size_t WebRtcSpl_MaxIndexW32(const std::int32_t* values, std::size_t length) {
  std::int32_t most = std::numeric_limits<std::int32_t>::min();
  for (std::size_t i = 0; i < length; ++i) most = std::max(most, values[i]);
  return index_of(std::find(values, values + length, most), values);
}
std::size_t WebRtcSpl_MinIndexW16(const std::int16_t* values, std::size_t length) {
  return index_of(std::min_element(values, values + length), values);
}
std::size_t WebRtcSpl_MinIndexW32(const std::int32_t* values, std::size_t length) {
  return index_of(std::min_element(values, values + length), values);
}

}  // extern "C"

}  // namespace mediaswitch::ilbc_kernels

#endif
