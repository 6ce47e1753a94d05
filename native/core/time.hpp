#pragma once

#include <chrono>

namespace mediaswitch {

/// Tag of the monotonic clock that `io/` reads. It has no `now()`: below `io/` time is an argument.
struct MediaClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MediaClock>;
  static constexpr bool is_steady = true;
};

/// A monotonic instant, in nanoseconds from an arbitrary start.
using Time = MediaClock::time_point;
using Millis = std::chrono::milliseconds;

}  // namespace mediaswitch
