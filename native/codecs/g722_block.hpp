#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "codecs/int16x8.hpp"

/// How G.722's signals lie in memory while a block of them is worked on.
namespace mediaswitch::g722 {

/// Octets worked on at once: 20 ms.
inline constexpr std::size_t block = 160;
/// Beyond them: what completes the last eight, and what a filter reads on.
inline constexpr std::size_t margin = 16;

/// One number per octet.
struct alignas(16) Row : std::array<std::int16_t, block + margin> {};
/// Two per octet: of the lower band and of the higher one, or of the first and the second sample.
struct alignas(16) PairRow : std::array<std::int16_t, 2 * (block + margin)> {};

/// A row that begins with the last `Before` numbers of the block before.
template <std::size_t Before>
class alignas(16) ContinuedRow {
 public:
  explicit ContinuedRow(std::span<const std::int16_t, Before> past) {
    std::copy(past.begin(), past.end(), numbers_.begin());
  }

  std::int16_t* now() { return numbers_.data() + Before; }
  [[nodiscard]] const std::int16_t* now() const { return numbers_.data() + Before; }
  [[nodiscard]] const std::int16_t* oldest() const { return numbers_.data(); }

  /// What the next block begins with, when this one has been `count` long.
  void keep(std::size_t count, std::span<std::int16_t, Before> past) const {
    std::copy_n(numbers_.data() + count, Before, past.begin());
  }

 private:
  std::array<std::int16_t, Before + block + margin> numbers_;
};

/// Eight pairs from eight numbers of each kind.
inline void store_pairs(std::int16_t* to, Int16x8 first, Int16x8 second) {
  store(to, interleave_low(first, second));
  store(to + 8, interleave_high(first, second));
}

/// One pair, in the first two elements.
inline Int16x8 load_pair(const std::int16_t* pair) {
  std::int32_t both;  // NOLINT(cppcoreguidelines-init-variables): the next line writes it
  std::memcpy(&both, pair, sizeof both);
  return reinterpret_cast<Int16x8>(Int32x4{both, 0, 0, 0});
}
inline void store_pair(std::int16_t* to, Int16x8 value) {
  const std::int32_t both = reinterpret_cast<Int32x4>(value)[0];
  std::memcpy(to, &both, sizeof both);
}

/// One pair in halves: four times its first number, then four times its second.
inline Int16x8 load_halves(const std::int16_t* pair) {
  const Int16x8 value = load_pair(pair);
  const auto twice = reinterpret_cast<Int32x4>(interleave_low(value, value));
  return reinterpret_cast<Int16x8>(__builtin_shufflevector(twice, twice, 0, 0, 1, 1));
}
inline void store_halves(std::int16_t* to, Int16x8 halves) {
  store_pair(to, __builtin_shufflevector(halves, Int16x8{}, 3, 4, 5, 6, 7, 8, 9, 10));
}

}  // namespace mediaswitch::g722
