#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ratio>

#include "core/time.hpp"
#include "core/units.hpp"

namespace mediaswitch {

/// Media time, in 1/16,000 s: every RTP clock and every sampling rate spoken here has whole numbers of it.
/// An instant is a span since an origin of its context: that of a sender's timestamps, or of our own clock.
using MediaSpan = std::chrono::duration<std::int64_t, std::ratio<1, 16000>>;

constexpr MediaSpan media_instant(Time at) { return std::chrono::floor<MediaSpan>(at.time_since_epoch()); }

constexpr MediaSpan span_of(std::int64_t ticks, ClockRate clock) {
  return MediaSpan{ticks * (MediaSpan::period::den / clock.value)};
}

constexpr MediaSpan span_of_samples(std::size_t samples, ClockRate sampling) {
  return span_of(static_cast<std::int64_t>(samples), sampling);
}

/// Whole samples in it; it is not negative.
constexpr std::size_t samples_within(MediaSpan span, ClockRate sampling) {
  return static_cast<std::size_t>(span.count() / (MediaSpan::period::den / sampling.value));
}

}  // namespace mediaswitch
