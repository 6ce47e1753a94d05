#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/drop.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "rtp/outbox.hpp"
#include "rtp/sending_side.hpp"
#include "rtp/telephone_event.hpp"

namespace mediaswitch {

/// Key presses of ours on their way out, as RFC 4733 packets: one a tick while a key is held, all with the
/// timestamp of its start (§2.5.1.2), then three that tell its end (§2.5.1.4), then a pause. Allocates
/// nothing.
class DigitSender {
 public:
  struct Digits {
    /// Each one of `0-9 * # A-D F`.
    std::string_view keys;
    /// Rounded up to whole ticks of 20 ms, one at least.
    Millis duration{220};
    /// After each key; rounded up too.
    Millis pause{200};
    /// dBm0 without its sign, 0–63.
    std::uint8_t volume = 13;
  };

  explicit DigitSender(ChannelId id) : id_(id) {}

  /// How many keys may wait.
  static constexpr std::size_t capacity = 64;

  /// False: they don't all fit or one of them is no key; none was taken then.
  [[nodiscard]] bool queue(const Digits& digits);
  /// A key that another channel holds: it is sent until that one's `release`, for 40 ms at least. A key that
  /// any of them holds already is released first. One for which there is no room is passed over.
  void press(char key, ChannelId holder);
  void release(ChannelId holder);

  [[nodiscard]] bool is_busy() const { return state_ != State::Idle || count_ > 0; }

  /// 20 ms have passed. Why its packet was not sent, if one was due and was not; its time passes all the
  /// same.
  std::optional<Drop> tick(Time now, SendingSide& to, Outbox& outbox);

 private:
  enum class State : std::uint8_t { Idle, Held, Ending, Pausing };
  struct Key {
    std::uint8_t event = 0;
    std::uint8_t volume = 0;
    /// How long it is held at least.
    std::uint32_t ticks = 0;
    std::uint32_t pause_ticks = 0;
    /// Who holds it: it goes on beyond `ticks`.
    std::optional<ChannelId> holder;
  };

  template <class Predicate>
  void release_where(Predicate is_released);
  void push(const Key& key);
  void begin(Time now, const SendingSide& to);
  std::optional<Drop> send(Time now, SendingSide& to, Outbox& outbox);
  std::optional<Drop> send_event(const TelephoneEvent& event, Time now, SendingSide& to, Outbox& outbox);

  ChannelId id_;
  std::array<Key, capacity> waiting_{};
  std::size_t first_ = 0;
  std::size_t count_ = 0;

  State state_ = State::Idle;
  Key key_;
  /// As it was agreed when the key went down.
  ClockRate clock_{8000};
  /// Ticks for which the key was held.
  std::uint32_t held_ = 0;
  /// Packets of its end, ticks of the pause after it.
  std::uint32_t passed_ = 0;
  /// RTP ticks of the press in the segments before this one, and when this one began.
  std::uint32_t told_before_ = 0;
  RtpTimestamp segment_from_;
  bool is_packet_first_ = false;
  std::int64_t sequence_ = 0;
};

}  // namespace mediaswitch
