#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/units.hpp"

namespace mediaswitch {

/// One event report of an RFC 4733 payload (§2.3).
struct TelephoneEvent {
  std::uint8_t event = 0;
  bool end = false;
  /// dBm0 without its sign, 0–63.
  std::uint8_t volume = 0;
  /// Since the packet's timestamp, on the RTP clock; 16 bits on the wire.
  std::uint16_t duration = 0;
  friend constexpr bool operator==(const TelephoneEvent&, const TelephoneEvent&) = default;
};

inline constexpr std::size_t telephone_event_size = 4;
/// The longest duration that one segment of an event can tell (§2.5.1.3).
inline constexpr std::uint16_t longest_segment = 0xFFFF;
/// Segments in a row of which nothing arrives, and what follows is still the same press.
inline constexpr std::int32_t most_segments_lost = 16;

/// nullopt: too short. Octets beyond the first report are left alone (§2.5.1.5 allows several).
std::optional<TelephoneEvent> read_telephone_event(std::span<const std::uint8_t> payload);

void write_telephone_event(const TelephoneEvent& event,
                           std::span<std::uint8_t, telephone_event_size> payload);

/// `0-9 * # A-D`, and `F` for hook flash (RFC 4733 §3.2, RFC 2833 §3.10); nullopt for events that are no
/// keys.
std::optional<char> key_of(const TelephoneEvent& event);

/// The event code of a key as `key_of` names it, small letters too; nullopt: it is none.
std::optional<std::uint8_t> event_of(char key);

}  // namespace mediaswitch
