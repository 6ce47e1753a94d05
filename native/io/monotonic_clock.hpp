#pragma once

#include <chrono>

#include "core/time.hpp"

namespace mediaswitch {

/// The machine's monotonic clock.
inline Time monotonic_now() { return Time{std::chrono::steady_clock::now().time_since_epoch()}; }

}  // namespace mediaswitch
