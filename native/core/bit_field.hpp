#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace mediaswitch {

/// Some bits of one octet of a wire format, described once, read and written through the same description.
/// The caller has checked that the octet is there.
struct BitField {
  std::size_t octet;
  /// Bits below the field.
  unsigned shift;
  /// Bits in the field, 1–8.
  unsigned width;

  [[nodiscard]] constexpr unsigned mask() const { return ((1U << width) - 1U) << shift; }

  [[nodiscard]] constexpr std::uint8_t read(std::span<const std::uint8_t> octets) const {
    return static_cast<std::uint8_t>((octets[octet] & mask()) >> shift);
  }

  /// Bits of `value` above the field's width are cut off; the octet's other bits stay.
  constexpr void write(std::span<std::uint8_t> octets, unsigned value) const {
    octets[octet] = static_cast<std::uint8_t>((octets[octet] & ~mask()) | ((value << shift) & mask()));
  }
};

/// A whole number in network byte order, most significant octet first.
template <class Word>
struct WordField {
  std::size_t octet;

  [[nodiscard]] constexpr Word read(std::span<const std::uint8_t> octets) const {
    Word value = 0;
    for (std::size_t i = 0; i < sizeof(Word); ++i) {
      value = static_cast<Word>((value << 8U) | octets[octet + i]);
    }
    return value;
  }

  constexpr void write(std::span<std::uint8_t> octets, Word value) const {
    for (std::size_t i = 0; i < sizeof(Word); ++i) {
      octets[octet + i] = static_cast<std::uint8_t>(value >> (8U * (sizeof(Word) - 1 - i)));
    }
  }
};

}  // namespace mediaswitch
