#pragma once

#include <cstdint>
#include <optional>

#include "core/units.hpp"
#include "rtp/telephone_event.hpp"

namespace mediaswitch {

/// The reports of one source's telephone-events on another clock. A duration has 16 bits, so that a long
/// press is told in segments of 65,535 ticks, each under a timestamp that is so much later (RFC 4733
/// §2.5.1.3): on a quicker clock it has more of them, on a slower one fewer. Each report is brought to the
/// segment it falls in, one for one.
class EventScale {
 public:
  EventScale(ClockRate from, ClockRate to) : from_(from), to_(to) {}

  [[nodiscard]] ClockRate to() const { return to_; }

  struct Place {
    /// On the source's clock: where the press begins, as far as is known.
    RtpTimestamp press;
    /// On the other clock: from there to the segment.
    RtpTicks segment;
  };
  /// Changes the duration.
  Place scale(RtpTimestamp at, TelephoneEvent& event);

 private:
  struct Press {
    RtpTimestamp from;
    std::uint8_t event = 0;
    /// Ticks to the latest segment seen.
    std::uint32_t last_segment = 0;
    bool has_ended = false;
  };
  [[nodiscard]] static bool is_of(const Press& press, RtpTimestamp at, const TelephoneEvent& event);

  ClockRate from_;
  ClockRate to_;
  std::optional<Press> newest_;
};

}  // namespace mediaswitch
