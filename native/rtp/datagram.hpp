#pragma once

#include <cstdint>
#include <span>

#include "core/time.hpp"
#include "rtp/address.hpp"

namespace mediaswitch {

/// What a socket gave us. The octets belong to the reader's buffer and may be rewritten in place; they are
/// gone when the call that got them returns.
struct Datagram {
  std::span<std::uint8_t> octets;
  Address from;
  Time arrived;
};

}  // namespace mediaswitch
