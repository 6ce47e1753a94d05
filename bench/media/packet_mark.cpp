#include "packet_mark.hpp"

#include <cmath>
#include <cstdlib>

#include "g711_levels.hpp"

namespace bench {
namespace {

using Octets = std::array<std::uint8_t, 16>;
using Levels = std::array<int, 16>;

/// Two levels of each of the eight µ-law segments.
constexpr Octets pcmu_octets = [] {
  Octets octets{};
  for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = static_cast<std::uint8_t>(0x80U | (i << 3U));
  return octets;
}();

constexpr Levels levels = [] {
  Levels all{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = level_of_pcmu(pcmu_octets[i]);
  return all;
}();

constexpr std::uint8_t nearest_pcma(int level) {
  unsigned best = 0;
  for (unsigned octet = 1; octet < 256; ++octet) {
    const auto away = [level](unsigned code) {
      const int difference = level_of_pcma(static_cast<std::uint8_t>(code)) - level;
      return difference < 0 ? -difference : difference;
    };
    if (away(octet) < away(best)) best = octet;
  }
  return static_cast<std::uint8_t>(best);
}

constexpr Octets pcma_octets = [] {
  Octets octets{};
  for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = nearest_pcma(levels[i]);
  return octets;
}();

constexpr std::uint8_t no_digit = 0xFF;
using Digits = std::array<std::uint8_t, 256>;

/// What each octet of a coding tells: the digit of the level it is near to.
template <int (*LevelOf)(std::uint8_t)>
constexpr Digits digits_of() {
  Digits digits{};
  for (unsigned octet = 0; octet < digits.size(); ++octet) {
    const int level = LevelOf(static_cast<std::uint8_t>(octet));
    digits[octet] = no_digit;
    for (std::size_t i = 0; i < levels.size(); ++i) {
      const int difference = level < levels[i] ? levels[i] - level : level - levels[i];
      // A-law's step is at most a sixteenth of the level; near silence it is 16.
      if (difference <= levels[i] / 16 + 12) digits[octet] = static_cast<std::uint8_t>(i);
    }
  }
  return digits;
}

constexpr Digits pcmu_digits = digits_of<level_of_pcmu>();
constexpr Digits pcma_digits = digits_of<level_of_pcma>();

constexpr bool is_told_by_both() {
  for (std::size_t i = 0; i < levels.size(); ++i) {
    if (pcmu_digits[pcmu_octets[i]] != i || pcma_digits[pcma_octets[i]] != i) return false;
  }
  return true;
}
static_assert(is_told_by_both());

}  // namespace

void PacketMark::write(Coding coding, std::span<std::uint8_t> payload) const {
  const Octets& octets = coding == Coding::Pcmu ? pcmu_octets : pcma_octets;
  const std::uint32_t word = (std::uint32_t{flow} << 16U) | sequence;
  for (std::size_t i = 0; i < size; ++i) payload[i] = octets[(word >> (28U - 4U * i)) & 0xFU];
}

std::optional<PacketMark> PacketMark::read(Coding coding, std::span<const std::uint8_t> payload) {
  if (payload.size() < size) return std::nullopt;
  const Digits& digits = coding == Coding::Pcmu ? pcmu_digits : pcma_digits;
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const std::uint8_t digit = digits[payload[i]];
    if (digit == no_digit) return std::nullopt;
    word = (word << 4U) | digit;
  }
  return PacketMark{.flow = static_cast<std::uint16_t>(word >> 16U),
                    .sequence = static_cast<std::uint16_t>(word)};
}

}  // namespace bench
