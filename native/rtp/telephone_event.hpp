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

/// nullopt: too short. Octets beyond the first report are left alone (§2.5.1.5 allows several).
std::optional<TelephoneEvent> read_telephone_event(std::span<const std::uint8_t> payload);

void write_telephone_event(const TelephoneEvent& event,
                           std::span<std::uint8_t, telephone_event_size> payload);

/// `0-9 * # A-D`, and `F` for hook flash (RFC 4733 §3.2, RFC 2833 §3.10); nullopt for events that are no
/// keys.
std::optional<char> key_of(const TelephoneEvent& event);

/// Tells each key press once, whatever is repeated, lost or late.
class KeyPresses {
 public:
  /// The key when this packet is the first seen of a press.
  ///
  /// A press is a source and a timestamp (§2.5.1.2). One longer than 65,535 ticks goes on under a timestamp
  /// moved on by that length (§2.5.1.3) and is still the same press.
  std::optional<char> note(Ssrc ssrc, RtpTimestamp timestamp, const TelephoneEvent& event);

 private:
  struct Press {
    Ssrc ssrc;
    RtpTimestamp timestamp;
    std::uint8_t event;
    bool ended;
  };
  std::optional<Press> last_;
};

}  // namespace mediaswitch
