#pragma once

#include <atomic>
#include <cstddef>
#include <vector>

#include "io/event.hpp"

namespace mediaswitch::test {

/// A mailbox, and how often its reader was woken.
class EventBox final : public Waker {
 public:
  void wake() override { wakes_.fetch_add(1); }

  Events& events() { return events_; }
  [[nodiscard]] int wakes() const { return wakes_.load(); }

  /// What has come since the last time, in order.
  std::vector<Event> take() {
    std::vector<Event> taken;
    events_.drain([&](Event&& event) { taken.push_back(std::move(event)); });
    return taken;
  }

  /// How many of those that have come since the last time are of this kind. The others are gone.
  template <class Kind>
  std::size_t take_count() {
    std::size_t count = 0;
    for (const Event& event : take()) count += std::holds_alternative<Kind>(event) ? 1 : 0;
    return count;
  }

 private:
  static constexpr std::size_t senders = 2;
  Events events_{senders};
  std::atomic<int> wakes_{0};
};

}  // namespace mediaswitch::test
