#pragma once

#include <atomic>
#include <optional>

#include "core/time.hpp"

namespace mediaswitch {

/// Wakes one thread that waits. Ringing takes no lock of ours and never waits: at most one octet is in a
/// pipe.
class Bell {
 public:
  /// Throws std::system_error when the system has no pipe for us.
  Bell();
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;
  Bell(Bell&&) = delete;
  Bell& operator=(Bell&&) = delete;
  ~Bell();

  /// Any thread. What was written before is seen by whom it wakes.
  void ring();

  /// One thread: waits until the bell rings or rang since the last time, at most for `patience` if there is
  /// one.
  void wait(std::optional<Millis> patience);

 private:
  int hearing_ = -1;
  int ringing_ = -1;
  std::atomic<bool> is_rung_{false};
};

}  // namespace mediaswitch
