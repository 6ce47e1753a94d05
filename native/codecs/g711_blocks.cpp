#include "codecs/g711_blocks.hpp"

#include <array>
#include <cstddef>

#include "codecs/g711.hpp"

namespace mediaswitch::g711 {
namespace {

/// By sample, taken for an unsigned number. One look-up is all that a sample costs: dividing first, for a
/// table as small as the law allows, takes more than twice as long.
using Codes = std::array<std::uint8_t, 65536>;
/// By octet.
using Decoded = std::array<std::int16_t, 256>;

template <class Encode>
Codes codes_of(Encode encode) {
  Codes codes;
  for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = encode(static_cast<std::int16_t>(i));
  return codes;
}

template <class Decode>
constexpr Decoded decoded_by(Decode decode) {
  Decoded samples{};
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = decode(static_cast<std::uint8_t>(i));
  return samples;
}

const Codes mu_codes = codes_of([](std::int16_t sample) { return encode_mu(sample); });
const Codes a_codes = codes_of([](std::int16_t sample) { return encode_a(sample); });
constexpr Decoded mu_samples = decoded_by([](std::uint8_t octet) { return decode_mu(octet); });
constexpr Decoded a_samples = decoded_by([](std::uint8_t octet) { return decode_a(octet); });

void encode(const Codes& codes, std::span<const std::int16_t> pcm, std::span<std::uint8_t> octets) {
  for (std::size_t i = 0; i < pcm.size(); ++i) octets[i] = codes[static_cast<std::uint16_t>(pcm[i])];
}

void decode(const Decoded& samples, std::span<const std::uint8_t> octets, std::span<std::int16_t> pcm) {
  for (std::size_t i = 0; i < octets.size(); ++i) pcm[i] = samples[octets[i]];
}

}  // namespace

void encode_mu(std::span<const std::int16_t> pcm, std::span<std::uint8_t> octets) {
  encode(mu_codes, pcm, octets);
}
void encode_a(std::span<const std::int16_t> pcm, std::span<std::uint8_t> octets) {
  encode(a_codes, pcm, octets);
}
void decode_mu(std::span<const std::uint8_t> octets, std::span<std::int16_t> pcm) {
  decode(mu_samples, octets, pcm);
}
void decode_a(std::span<const std::uint8_t> octets, std::span<std::int16_t> pcm) {
  decode(a_samples, octets, pcm);
}

}  // namespace mediaswitch::g711
