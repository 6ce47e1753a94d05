#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

/// Linear PCM of 16 bits a sample, most significant octet first (RFC 3551 §4.5.11).
namespace mediaswitch::l16 {

/// `octets` is twice as long as `pcm`.
inline void encode(std::span<const std::int16_t> pcm, std::span<std::uint8_t> octets) {
  for (std::size_t i = 0; i < pcm.size(); ++i) {
    const auto bits = static_cast<std::uint16_t>(pcm[i]);
    octets[2 * i] = static_cast<std::uint8_t>(bits >> 8U);
    octets[2 * i + 1] = static_cast<std::uint8_t>(bits);
  }
}

/// `pcm` is half as long as `octets`, which are an even number.
inline void decode(std::span<const std::uint8_t> octets, std::span<std::int16_t> pcm) {
  for (std::size_t i = 0; i < octets.size() / 2; ++i) {
    pcm[i] = static_cast<std::int16_t>(octets[2 * i] << 8U | octets[2 * i + 1]);
  }
}

}  // namespace mediaswitch::l16
