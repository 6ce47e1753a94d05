#pragma once

#include <cstdint>

#include "core/drop.hpp"

namespace mediaswitch {

struct Traffic {
  std::uint64_t packets = 0;
  /// Payload only: without header, extension and padding.
  std::uint64_t octets = 0;
};

/// Everything counted on one channel.
struct Statistics {
  /// Valid RTP from the far end, whether or not it went any further.
  Traffic received;
  Traffic sent;
  std::uint64_t lost = 0;
  double jitter_millis = 0;
  DropCounts dropped;
};

}  // namespace mediaswitch
