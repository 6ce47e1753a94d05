#pragma once

#include <cstdint>
#include <span>

/// G.711 of many samples at once: the same as `g711.hpp` gives for each of them.
namespace mediaswitch::g711 {

// Both spans of a call are equally long.
void encode_mu(std::span<const std::int16_t> pcm, std::span<std::uint8_t> octets);
void encode_a(std::span<const std::int16_t> pcm, std::span<std::uint8_t> octets);
void decode_mu(std::span<const std::uint8_t> octets, std::span<std::int16_t> pcm);
void decode_a(std::span<const std::uint8_t> octets, std::span<std::int16_t> pcm);

}  // namespace mediaswitch::g711
