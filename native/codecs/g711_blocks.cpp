#include "codecs/g711_blocks.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "codecs/g711.hpp"
#include "codecs/int16x8.hpp"

namespace mediaswitch::g711 {
namespace {

/// By octet.
using Decoded = std::array<std::int16_t, 256>;

template <class Decode>
constexpr Decoded decoded_by(Decode decode) {
  Decoded samples{};
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = decode(static_cast<std::uint8_t>(i));
  return samples;
}

constexpr Decoded mu_samples = decoded_by([](std::uint8_t octet) { return decode_mu(octet); });
constexpr Decoded a_samples = decoded_by([](std::uint8_t octet) { return decode_a(octet); });

/// Samples that are encoded in one go.
constexpr std::size_t block = 16;

using Float32x4 = float __attribute__((vector_size(16)));
using Uint8x16 = std::uint8_t __attribute__((vector_size(16)));

/// Segment and step of magnitudes from 128 to 32767. A floating-point number is made of the same: the width,
/// and what follows the first bit.
Int32x4 segment_and_step(Int32x4 magnitude) {
  constexpr std::int32_t bias_of_exponent = 127;
  constexpr std::int32_t width_below_segments = 7;
  constexpr std::int32_t all_but_four_bits = 19;
  const auto number = reinterpret_cast<Int32x4>(__builtin_convertvector(magnitude, Float32x4));
  return (number >> all_but_four_bits) - ((bias_of_exponent + width_below_segments) << 4);
}
Int16x8 segment_and_step(Int16x8 magnitude) {
  const Int32x4 even = segment_and_step(widened_even(magnitude));
  const Int32x4 odd = segment_and_step(widened_odd(magnitude));
  return reinterpret_cast<Int16x8>(even | odd << 16);
}

/// As `encode_mu` and `encode_a` for one sample.
Int16x8 mu_codes(Int16x8 samples) {
  constexpr std::int16_t bias = 0x84;
  const Int16x8 is_negative = samples >> 15;
  const Int16x8 magnitude = subtract_saturated(samples ^ is_negative, is_negative);
  const Int16x8 biased = lesser(magnitude, repeated(0x7FFF - bias)) + bias;
  return segment_and_step(biased) ^ 0xFF ^ (is_negative & 0x80);
}
Int16x8 a_codes(Int16x8 samples) {
  const Int16x8 is_negative = samples >> 15;
  const Int16x8 magnitude = samples ^ is_negative;
  // The lowest segment is as coarse as the one above it, but has no first bit.
  const auto is_lowest = reinterpret_cast<Int16x8>(magnitude < 0x100);
  const Int16x8 code = segment_and_step(magnitude + (is_lowest & 0x100)) - (is_lowest & 0x10);
  return code ^ 0xD5 ^ (is_negative & 0x80);
}

template <class Codes, class Code>
void encode(Codes codes, Code code, std::span<const std::int16_t> pcm, std::span<std::uint8_t> octets) {
  std::size_t at = 0;
  for (; at + block <= pcm.size(); at += block) {
    const auto first = reinterpret_cast<Uint8x16>(codes(load(&pcm[at])));
    const auto second = reinterpret_cast<Uint8x16>(codes(load(&pcm[at + block / 2])));
    const Uint8x16 packed =
        __builtin_shufflevector(first, second, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    std::memcpy(&octets[at], &packed, sizeof packed);
  }
  for (; at < pcm.size(); ++at) octets[at] = code(pcm[at]);
}

void decode(const Decoded& samples, std::span<const std::uint8_t> octets, std::span<std::int16_t> pcm) {
  for (std::size_t i = 0; i < octets.size(); ++i) pcm[i] = samples[octets[i]];
}

}  // namespace

void encode_mu(std::span<const std::int16_t> pcm, std::span<std::uint8_t> octets) {
  encode(
      mu_codes, [](std::int16_t sample) { return encode_mu(sample); }, pcm, octets);
}
void encode_a(std::span<const std::int16_t> pcm, std::span<std::uint8_t> octets) {
  encode(
      a_codes, [](std::int16_t sample) { return encode_a(sample); }, pcm, octets);
}
void decode_mu(std::span<const std::uint8_t> octets, std::span<std::int16_t> pcm) {
  decode(mu_samples, octets, pcm);
}
void decode_a(std::span<const std::uint8_t> octets, std::span<std::int16_t> pcm) {
  decode(a_samples, octets, pcm);
}

}  // namespace mediaswitch::g711
