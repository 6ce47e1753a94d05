#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/time.hpp"
#include "core/units.hpp"
#include "rtp/telephone_event.hpp"

namespace mediaswitch {

struct KeyRelease {
  char key = 0;
  Millis held{};
};

/// What one packet told, in this order.
struct KeyNews {
  /// The key before this one is no longer held; its own end never came.
  std::optional<KeyRelease> given_up = std::nullopt;
  std::optional<char> pressed = std::nullopt;
  std::optional<KeyRelease> released = std::nullopt;
};

/// Tells each key press once, and its end once, whatever is repeated, lost, late or out of order: one packet
/// of a press that arrives is enough. Allocates nothing.
class KeyPresses {
 public:
  struct Packet {
    Ssrc ssrc;
    RtpTimestamp timestamp;
    TelephoneEvent event;
    Time arrived;
  };

  /// A press is a source and a timestamp (RFC 4733 §2.5.1.2). One longer than 65,535 ticks goes on under
  /// timestamps moved on by that length (§2.5.1.3) and is still the same press; so is one whose source
  /// changes its SSRC while the key is held. One that arrives when a later one is known already is told with
  /// its release at once. `clock`: by which durations are told.
  KeyNews note(const Packet& packet, ClockRate clock);

  /// A key whose packets stopped without an end is taken as released. To be asked now and then.
  std::optional<KeyRelease> expire(Time now, ClockRate clock);

  /// Whether `expire` has something to wait for.
  [[nodiscard]] bool is_held() const { return newest().names[0] && !newest().is_released; }

 private:
  /// As what a press comes: the source, and the timestamp of its earliest segment seen.
  struct Name {
    Ssrc ssrc;
    RtpTimestamp first;
  };
  struct Press {
    /// The latest first; a second one where the source has changed its SSRC meanwhile. None: no press.
    std::array<std::optional<Name>, 2> names{};
    std::uint8_t event = 0;
    /// Ticks from the earliest segment seen to the latest, and to the end as far as told.
    std::uint32_t last_segment = 0;
    std::uint32_t length = 0;
    /// Its release was told, or it is no key.
    bool is_released = false;
    /// Its source said so: what looks like its next segment is another press.
    bool has_ended = false;
    Time heard;
    /// When the key went down at the latest, by arrivals less the durations they told.
    Time began;
  };
  /// Presses remembered, so that a late packet of an earlier one is known again.
  static constexpr std::size_t memory = 8;

  [[nodiscard]] const Press& newest() const { return presses_[newest_]; }
  Press* find(const Packet& packet);
  Press* find_renamed(const Packet& packet, ClockRate clock);
  [[nodiscard]] std::optional<std::uint32_t> renamed_segment(const Press& press,
                                                             const Packet& packet,
                                                             ClockRate clock) const;
  [[nodiscard]] bool is_late(const Packet& packet, ClockRate clock) const;
  Press& add_newest();
  Press& add_before_newest();

  [[nodiscard]] static const Name* name_of(const Press& press, Ssrc ssrc);
  [[nodiscard]] static bool has_segment(const Press& press, const Name& name, RtpTimestamp timestamp);
  static void extend(Press& press, const Packet& packet, ClockRate clock);
  [[nodiscard]] static std::optional<KeyRelease> release(Press& press, ClockRate clock);

  /// A ring.
  std::array<Press, memory> presses_{};
  std::size_t newest_ = 0;
};

}  // namespace mediaswitch
