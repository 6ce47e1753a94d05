#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "io/event.hpp"

namespace mediaswitch::test {

/// Lets a test wait for the events of media threads.
class EventLog final : public Waker {
 public:
  void wake() override {
    const std::lock_guard lock(mutex_);
    is_woken_ = true;
    woken_.notify_one();
  }

  /// Calls `look` after each wake-up until it gives true. False: it never did, for ten seconds.
  template <class Look>
  bool wait_until(Look&& look) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (!look()) {
      std::unique_lock lock(mutex_);
      if (!woken_.wait_until(lock, deadline, [this] { return is_woken_; })) return false;
      is_woken_ = false;
    }
    return true;
  }

 private:
  std::mutex mutex_;
  std::condition_variable woken_;
  bool is_woken_ = false;
};

}  // namespace mediaswitch::test
