#pragma once

#include <cstdint>

#include "core/units.hpp"

namespace mediaswitch {

/// One RTP clock's timestamps on another clock. Counts the wraps of the first, so that the second runs on
/// evenly where it is slower. The first timestamp seen is where both begin.
class TimestampScale {
 public:
  TimestampScale(ClockRate from, ClockRate to) : from_(from), to_(to) {}

  RtpTimestamp scale(RtpTimestamp at) {
    if (from_ == to_) return at;
    unwrapped_ += ticks_between(last_, at);
    last_ = at;
    return {static_cast<std::uint32_t>(static_cast<std::uint64_t>(scaled(unwrapped_)))};
  }
  [[nodiscard]] ClockRate from() const { return from_; }
  [[nodiscard]] RtpTicks scale(RtpTicks length) const {
    return {static_cast<std::uint32_t>(scaled(length.value))};
  }

 private:
  [[nodiscard]] std::int64_t scaled(std::int64_t ticks) const { return ticks * to_.value / from_.value; }

  ClockRate from_;
  ClockRate to_;
  RtpTimestamp last_;
  std::int64_t unwrapped_ = 0;
};

}  // namespace mediaswitch
