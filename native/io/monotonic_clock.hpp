#pragma once

#include <chrono>

#include "core/time.hpp"

namespace mediaswitch {

/// Reads a monotonic clock. `monotonic_now` is the real one; tests give one they move.
using ReadClock = Time (*)();

inline Time monotonic_now() { return Time{std::chrono::steady_clock::now().time_since_epoch()}; }

}  // namespace mediaswitch
