#pragma once

#include <atomic>
#include <functional>

#include "io/ready_sockets.hpp"

namespace mediaswitch {

/// Calls somebody on the thread that waits in a set of ready sockets, as one of the set: the thread goes on
/// waiting there afterwards. Once for all rings since the last call.
class Doorbell final : ReadySockets::Reader {
 public:
  /// `answer` is called on the thread of `ready`, and sees what was written before the rings.
  /// Throws std::system_error when the system has no descriptor for us.
  Doorbell(ReadySockets& ready, std::function<void()> answer);
  Doorbell(const Doorbell&) = delete;
  Doorbell& operator=(const Doorbell&) = delete;
  Doorbell(Doorbell&&) = delete;
  Doorbell& operator=(Doorbell&&) = delete;
  ~Doorbell();

  /// Any thread; never waits. One system call, and none where a ring has not been answered yet.
  void ring();

 private:
  void on_readable() override;

  ReadySockets& ready_;
  std::function<void()> answer_;
  int descriptor_;
  std::atomic<bool> is_rung_{false};
};

}  // namespace mediaswitch
