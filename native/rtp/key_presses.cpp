#include "rtp/key_presses.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace mediaswitch {
namespace {

/// Updates come every 20 ms, at most 50 ms (RFC 4733 §2.5.1.2): when that many are missing in a row, the key
/// was let go.
constexpr Millis silence_means_released{200};

/// A packet may end so long before the newest press and still be one of an earlier press.
constexpr Millis latest{2000};

/// By how much arrivals of one press may differ in their delay, and how much later the repetitions of its end
/// come (§2.5.1.4).
constexpr Millis most_jitter{100};
constexpr Millis end_repetition{50};

Time::duration time_of(std::int64_t ticks, ClockRate clock) {
  return Time::duration{ticks * 1'000'000'000 / clock.value};
}

}  // namespace

KeyNews KeyPresses::note(const Packet& packet, ClockRate clock) {
  KeyNews news;
  Press* press = find(packet);
  if (press == nullptr) press = find_renamed(packet, clock);
  bool is_over = packet.event.end;
  if (press == nullptr) {
    if (is_late(packet, clock)) {
      press = &add_before_newest();
      is_over = true;
    } else {
      if (is_held()) news.given_up = release(presses_[newest_], clock);
      press = &add_newest();
    }
    *press = Press{.names = {Name{.ssrc = packet.ssrc, .first = packet.timestamp}, std::nullopt},
                   .event = packet.event.event,
                   .heard = packet.arrived,
                   .began = packet.arrived};
    news.pressed = key_of(packet.event);
  }
  extend(*press, packet, clock);
  if (is_over && !press->is_released) news.released = release(*press, clock);
  return news;
}

KeyPresses::Press* KeyPresses::find(const Packet& packet) {
  for (Press& press : presses_) {
    if (press.event != packet.event.event) continue;
    const Name* const name = name_of(press, packet.ssrc);
    if (name != nullptr && has_segment(press, *name, packet.timestamp)) return &press;
  }
  return nullptr;
}

/// A press under a new SSRC. Neither SSRC nor timestamp tell of it then; but its durations go on, so that it
/// is seen to have begun at the same moment.
KeyPresses::Press* KeyPresses::find_renamed(const Packet& packet, ClockRate clock) {
  for (Press& press : presses_) {
    const auto segment = renamed_segment(press, packet, clock);
    if (!segment) continue;
    press.names[1] = press.names[0];
    press.names[0] = Name{.ssrc = packet.ssrc, .first = {packet.timestamp.value - *segment}};
    return &press;
  }
  return nullptr;
}

/// Ticks from the press's earliest segment to the one that the packet tells of; nullopt: it is of no segment
/// of this press.
std::optional<std::uint32_t> KeyPresses::renamed_segment(const Press& press,
                                                         const Packet& packet,
                                                         ClockRate clock) const {
  if (!press.names[0] || press.event != packet.event.event) return std::nullopt;
  if (name_of(press, packet.ssrc) != nullptr) return std::nullopt;
  const auto late_by = [&](std::uint32_t segment) {
    return packet.arrived - time_of(std::int64_t{segment} + packet.event.duration, clock) - press.began;
  };
  std::uint32_t segment = press.last_segment;
  const bool is_going_on =
      &press == &newest() && is_held() && packet.arrived - press.heard < silence_means_released;
  if (is_going_on && late_by(segment) > time_of(longest_segment, clock) / 2) segment += longest_segment;
  const Millis most_late = packet.event.end ? most_jitter + end_repetition : most_jitter;
  if (late_by(segment) < -most_jitter || late_by(segment) > most_late) return std::nullopt;
  return segment;
}

/// Of an earlier press, of which nothing had arrived. Further back it is no delay: the clock began anew.
bool KeyPresses::is_late(const Packet& packet, ClockRate clock) const {
  const Name* const name = name_of(newest(), packet.ssrc);
  if (name == nullptr) return false;
  const RtpTimestamp newest_from = name->first + RtpTicks{newest().last_segment};
  const std::int32_t before = ticks_between(packet.timestamp + RtpTicks{packet.event.duration}, newest_from);
  return before >= 0 && before < static_cast<std::int32_t>(ticks_in(latest, clock).value);
}

KeyPresses::Press& KeyPresses::add_newest() {
  newest_ = (newest_ + 1) % memory;
  return presses_[newest_];
}

KeyPresses::Press& KeyPresses::add_before_newest() {
  Press& place = presses_[newest_];
  add_newest() = place;
  return place;
}

const KeyPresses::Name* KeyPresses::name_of(const Press& press, Ssrc ssrc) {
  const auto found = std::ranges::find_if(
      press.names, [ssrc](const std::optional<Name>& name) { return name && name->ssrc == ssrc; });
  return found == press.names.end() ? nullptr : &**found;
}

/// The timestamp of one of its segments, of the one before them, or of one that may follow.
bool KeyPresses::has_segment(const Press& press, const Name& name, RtpTimestamp timestamp) {
  const std::int32_t from_first = ticks_between(name.first, timestamp);
  const std::int32_t from_last = ticks_between(name.first + RtpTicks{press.last_segment}, timestamp);
  if (from_first == 0 || from_last == 0) return true;
  if (from_last % longest_segment != 0) return false;
  if (from_last > 0) return !press.has_ended && from_last <= most_segments_lost * longest_segment;
  return from_first >= -longest_segment;
}

void KeyPresses::extend(Press& press, const Packet& packet, ClockRate clock) {
  const std::int32_t before_first = ticks_between(packet.timestamp, name_of(press, packet.ssrc)->first);
  if (before_first > 0 && before_first <= longest_segment) {
    const auto earlier = static_cast<std::uint32_t>(before_first);
    for (auto& name : press.names) {
      if (name) name->first = {name->first.value - earlier};
    }
    press.last_segment += earlier;
    press.length += earlier;
  }
  const std::uint32_t segment = packet.timestamp.value - name_of(press, packet.ssrc)->first.value;
  press.last_segment = std::max(press.last_segment, segment);
  press.length = std::max(press.length, segment + packet.event.duration);
  press.has_ended = press.has_ended || packet.event.end;
  press.heard = std::max(press.heard, packet.arrived);
  const auto told = std::int64_t{segment} + packet.event.duration;
  press.began = std::min(press.began, packet.arrived - time_of(told, clock));
}

std::optional<KeyRelease> KeyPresses::release(Press& press, ClockRate clock) {
  press.is_released = true;
  const auto key = key_of({.event = press.event});
  if (!key) return std::nullopt;
  return KeyRelease{.key = *key, .held = Millis{std::int64_t{press.length} * 1000 / clock.value}};
}

std::optional<KeyRelease> KeyPresses::expire(Time now, ClockRate clock) {
  if (!is_held() || now - newest().heard < silence_means_released) return std::nullopt;
  return release(presses_[newest_], clock);
}

}  // namespace mediaswitch
