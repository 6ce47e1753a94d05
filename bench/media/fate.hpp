#pragma once

#include <chrono>
#include <cstdint>

#include "core/random.hpp"

namespace bench {

/// How bad the network between the telephones and the server is.
struct Network {
  /// Shares of all packets, 0–1.
  double lost = 0;
  double duplicated = 0;
  /// Held back until after the packet that follows.
  double reordered = 0;
  /// Each packet is late by a time between 0 and this one, evenly spread.
  std::chrono::microseconds jitter{0};
};

/// What happens to one packet on its way.
struct Fate {
  unsigned copies = 1;
  bool is_held_back = false;
  std::chrono::microseconds late{0};
};

/// The same seed gives the same fates.
class Fates {
 public:
  Fates(const Network& network, std::uint64_t seed)
      : network_(network), random_({seed, seed ^ 0x9E3779B97F4A7C15U, ~seed, 1}) {}

  Fate next() {
    Fate fate;
    if (happens(network_.lost)) {
      fate.copies = 0;
    } else if (happens(network_.duplicated)) {
      fate.copies = 2;
    }
    fate.is_held_back = happens(network_.reordered);
    if (network_.jitter.count() > 0) {
      fate.late = std::chrono::microseconds(random_.next32() % (network_.jitter.count() + 1));
    }
    return fate;
  }

 private:
  bool happens(double share) {
    constexpr double all = 4294967296.0;
    return share > 0 && random_.next32() < share * all;
  }

  Network network_;
  mediaswitch::Random random_;
};

}  // namespace bench
