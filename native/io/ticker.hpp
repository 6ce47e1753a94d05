#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <vector>

#include "core/time.hpp"
#include "rtp/group.hpp"

namespace mediaswitch {

/// Ticks groups every 20 ms, by one timer of the shard. Each group has a slot of the 20 ms, so that they
/// don't all want the thread at the same moment; with no group there is no timer.
class Ticker {
 public:
  explicit Ticker(boost::asio::io_context& context) : timer_(context) {}

  /// A group that is there already stays in its slot.
  void add(Group& group);
  void remove(Group& group);
  /// Nothing is ticked any more.
  void stop();
  /// When it ticks next; Time::max(): there is no group.
  [[nodiscard]] Time next_at() const;

 private:
  static constexpr std::size_t slots = 10;
  static constexpr Time::duration slot_length = frame_length / slots;

  void arm();
  void run_due();

  boost::asio::steady_timer timer_;
  std::array<std::vector<Group*>, slots> groups_;
  std::size_t count_ = 0;
  /// The slot whose time comes next, and when.
  std::size_t next_slot_ = 0;
  Time next_at_{};
};

}  // namespace mediaswitch
