#pragma once

#include <cstdint>

namespace mediaswitch {

/// When what comes for a channel is read: as soon as it comes, or where nobody needs it sooner when its group
/// ticks, which costs the thread no wake-up for it.
enum class Reading : std::uint8_t { AtOnce, AtTicks };

}  // namespace mediaswitch
