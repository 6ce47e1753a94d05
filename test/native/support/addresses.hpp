#pragma once

#include <cstdint>

#include "rtp/address.hpp"

namespace mediaswitch::test {

/// 192.0.2.`host`:`port`
constexpr Address address(std::uint8_t host, std::uint16_t port = 4000) {
  return {.ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 192, 0, 2, host}, .port = port};
}

}  // namespace mediaswitch::test
