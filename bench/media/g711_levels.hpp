#pragma once

#include <cstdint>

namespace bench {

/// 16-bit linear level of a µ-law octet (ITU-T G.711 table 2a).
constexpr int level_of_pcmu(std::uint8_t octet) {
  const unsigned code = static_cast<std::uint8_t>(~octet);
  const int magnitude = static_cast<int>((((code & 0x0FU) << 3U) + 0x84U) << ((code & 0x70U) >> 4U)) - 0x84;
  return (code & 0x80U) != 0 ? -magnitude : magnitude;
}

/// 16-bit linear level of an A-law octet (ITU-T G.711 table 1a).
constexpr int level_of_pcma(std::uint8_t octet) {
  const unsigned code = octet ^ 0x55U;
  const unsigned segment = (code & 0x70U) >> 4U;
  const unsigned step = ((code & 0x0FU) << 4U) + 8U;
  const int magnitude = static_cast<int>(segment == 0 ? step : (step + 0x100U) << (segment - 1U));
  return (code & 0x80U) != 0 ? magnitude : -magnitude;
}

}  // namespace bench
