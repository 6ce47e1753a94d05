#pragma once

#include <atomic>
#include <optional>
#include <utility>

#include "io/event.hpp"

namespace mediaswitch {

/// An event that one thread asks for and another sends, once for each time it was asked for. The place for it
/// in the mailbox is reserved by the first, so that the second neither allocates nor can fail.
class Alarm {
 public:
  Alarm(Events& events, Waker& waker) : outlet_(events, waker, no_pool) {}

  /// Listener's thread: the next `sound` is heard.
  void arm() {
    if (is_armed_.load(std::memory_order_acquire)) return;
    if (!room_) room_.emplace();
    is_armed_.store(true, std::memory_order_release);
  }

  /// Teller's thread: sends the event if it was asked for, and is then disarmed.
  void sound(const Event& event) {
    if (!is_armed_.load(std::memory_order_acquire)) return;
    Events::Reservation room = std::move(*room_);
    room_.reset();
    // Before it is sent: who takes it may arm again at once.
    is_armed_.store(false, std::memory_order_release);
    outlet_.deliver(std::move(room), event);
  }

 private:
  /// Only `deliver` is used, which needs no sender's number.
  static constexpr std::size_t no_pool = 0;

  EventOutlet outlet_;
  std::atomic<bool> is_armed_{false};
  /// The listener's while disarmed, the teller's while armed.
  std::optional<Events::Reservation> room_;
};

}  // namespace mediaswitch
