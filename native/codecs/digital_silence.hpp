#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "codecs/registry.hpp"

namespace mediaswitch {

/// True when every octet is `code`, the bits of `ignored` set in each before it is compared.
inline bool consists_of(std::span<const std::uint8_t> octets, std::uint8_t code, std::uint8_t ignored) {
  using Word = std::uint64_t;
  const Word each = 0x0101010101010101U;
  std::size_t at = 0;
  for (; octets.size() - at >= sizeof(Word); at += sizeof(Word)) {
    Word word = 0;
    std::memcpy(&word, octets.data() + at, sizeof(word));
    if ((word | each * ignored) != each * code) return false;
  }
  for (; at < octets.size(); ++at) {
    if ((octets[at] | ignored) != code) return false;
  }
  return true;
}

/// Whether a payload is nothing but the code for no signal, in the formats where that can be seen without
/// decoding: either zero of G.711 (ITU-T G.711 tables 1 and 2), zeros of L16.
inline bool is_digital_silence(AudioFormat format, std::span<const std::uint8_t> payload) {
  const std::uint8_t sign = 0x80;
  switch (format) {
    case AudioFormat::Pcmu: return consists_of(payload, 0xFF, sign);
    case AudioFormat::Pcma: return consists_of(payload, 0xD5, sign);
    case AudioFormat::L16Narrow:
    case AudioFormat::L16Wide: return consists_of(payload, 0x00, 0x00);
    case AudioFormat::G722:
    case AudioFormat::Ilbc20:
    case AudioFormat::Ilbc30: return false;
  }
  return false;
}

}  // namespace mediaswitch
