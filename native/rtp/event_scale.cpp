#include "rtp/event_scale.hpp"

#include <algorithm>

namespace mediaswitch {

EventScale::Place EventScale::scale(RtpTimestamp at, TelephoneEvent& event) {
  if (from_ == to_) return {.press = at, .segment = {0}};
  if (!newest_ || !is_of(*newest_, at, event)) newest_ = Press{.from = at, .event = event.event};
  newest_->has_ended = newest_->has_ended || event.end;
  const std::int32_t before = ticks_between(newest_->from, at);
  if (before < 0) {
    // What was told since counts from a later moment: of this only that the key was down.
    event.duration = 1;
    return {.press = newest_->from, .segment = {0}};
  }
  const auto segment = static_cast<std::uint32_t>(before);
  newest_->last_segment = std::max(newest_->last_segment, segment);
  const std::uint64_t told = (std::uint64_t{segment} + event.duration) * to_.value / from_.value;
  const std::uint64_t full = told > 0 ? (told - 1) / longest_segment : 0;
  event.duration = static_cast<std::uint16_t>(told - full * longest_segment);
  return {.press = newest_->from, .segment = {static_cast<std::uint32_t>(full * longest_segment)}};
}

/// The segment before the first one seen, one from there to the last, or one that follows a press that has
/// not ended.
bool EventScale::is_of(const Press& press, RtpTimestamp at, const TelephoneEvent& event) {
  constexpr std::int32_t step = longest_segment;
  const std::int32_t from_first = ticks_between(press.from, at);
  if (event.event != press.event || from_first % step != 0 || from_first < -step) return false;
  const std::int32_t from_last = from_first - static_cast<std::int32_t>(press.last_segment);
  return from_last <= 0 || (!press.has_ended && from_last <= most_segments_lost * step);
}

}  // namespace mediaswitch
