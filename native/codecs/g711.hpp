#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

/// ITU-T G.711: 8 bits per sample from 16-bit linear PCM. An octet is a sign, a three-bit segment (each
/// twice as coarse as the one below) and a four-bit step within it.
namespace mediaswitch::g711 {

/// Width of the number's binary form: 0 → 0, 1 → 1, 255 → 8.
constexpr int width_of(std::int32_t magnitude) {
  return static_cast<int>(std::bit_width(static_cast<std::uint32_t>(magnitude)));
}

/// µ-law, table 2a/2b: every bit of the octet is sent inverted.
constexpr std::uint8_t encode_mu(std::int16_t sample) {
  const std::int32_t bias = 0x84;
  const std::uint32_t sign = sample < 0 ? 0x7FU : 0xFFU;
  const std::int32_t biased = bias + (sample < 0 ? -static_cast<std::int32_t>(sample) : sample);
  const int segment = width_of(biased) - 8;
  if (segment > 7) return static_cast<std::uint8_t>(0x7FU ^ sign);
  const auto step = static_cast<std::uint32_t>(biased >> (segment + 3)) & 0x0FU;
  return static_cast<std::uint8_t>((static_cast<std::uint32_t>(segment) << 4U | step) ^ sign);
}

constexpr std::int16_t decode_mu(std::uint8_t octet) {
  const std::int32_t bias = 0x84;
  const std::uint32_t bits = octet ^ 0xFFU;
  const std::uint32_t segment = bits >> 4U & 7U;
  const std::int32_t magnitude = static_cast<std::int32_t>(((bits & 0x0FU) << 3U) + bias) << segment;
  return static_cast<std::int16_t>((bits & 0x80U) != 0 ? bias - magnitude : magnitude - bias);
}

/// A-law, table 1a/1b: even bits are sent inverted.
constexpr std::uint8_t encode_a(std::int16_t sample) {
  const std::uint32_t sign = sample < 0 ? 0x55U : 0xD5U;
  const std::int32_t magnitude = sample < 0 ? -static_cast<std::int32_t>(sample) - 1 : sample;
  const int segment = magnitude < 256 ? 0 : width_of(magnitude) - 8;
  const int shift = segment == 0 ? 4 : segment + 3;
  const auto step = static_cast<std::uint32_t>(magnitude >> shift) & 0x0FU;
  return static_cast<std::uint8_t>((static_cast<std::uint32_t>(segment) << 4U | step) ^ sign);
}

constexpr std::int16_t decode_a(std::uint8_t octet) {
  const std::uint32_t bits = octet ^ 0x55U;
  const std::uint32_t segment = bits >> 4U & 7U;
  const auto middle = static_cast<std::int32_t>((bits & 0x0FU) << 4U) + 8;
  const std::int32_t magnitude = segment == 0 ? middle : (middle + 0x100) << (segment - 1);
  return static_cast<std::int16_t>((bits & 0x80U) != 0 ? magnitude : -magnitude);
}

/// One octet in, one octet out.
using Table = std::array<std::uint8_t, 256>;

/// For each octet of one law the octet of the other that decoding and encoding give.
inline constexpr Table mu_to_a = [] {
  Table table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    table[i] = encode_a(decode_mu(static_cast<std::uint8_t>(i)));
  }
  return table;
}();

inline constexpr Table a_to_mu = [] {
  Table table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    table[i] = encode_mu(decode_a(static_cast<std::uint8_t>(i)));
  }
  return table;
}();

}  // namespace mediaswitch::g711
