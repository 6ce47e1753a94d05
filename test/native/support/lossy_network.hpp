#pragma once

#include <algorithm>
#include <vector>

#include "core/random.hpp"
#include "core/time.hpp"

namespace mediaswitch::test {

/// What a network does to packets, each by itself. The same seed does the same.
struct NetworkFaults {
  /// Percent.
  unsigned lost = 0;
  unsigned doubled = 0;
  /// Each packet and each double is late by some of it.
  Millis jitter{0};
};

template <class Packet>
struct Delivered {
  Time arrived;
  Packet packet;
};

/// What of `sent` arrives, in the order of its arrival. `sent` tells when each left.
template <class Packet>
std::vector<Delivered<Packet>> deliver(const std::vector<Delivered<Packet>>& sent,
                                       const NetworkFaults& faults,
                                       Random& random) {
  std::vector<Delivered<Packet>> arrivals;
  const auto pass = [&](const Delivered<Packet>& each) {
    const auto late = faults.jitter.count() == 0 ? 0 : random.next32() % (faults.jitter.count() + 1);
    arrivals.push_back({.arrived = each.arrived + Millis{late}, .packet = each.packet});
  };
  for (const Delivered<Packet>& each : sent) {
    if (random.next32() % 100 < faults.lost) continue;
    pass(each);
    if (random.next32() % 100 < faults.doubled) pass(each);
  }
  std::ranges::stable_sort(arrivals, {}, &Delivered<Packet>::arrived);
  return arrivals;
}

}  // namespace mediaswitch::test
