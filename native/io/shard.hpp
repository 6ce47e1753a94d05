#pragma once

#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include "core/units.hpp"
#include "io/channel_runner.hpp"
#include "io/command.hpp"
#include "io/event.hpp"

namespace mediaswitch {

/// One thread, one `io_context`, the channels that live on it and the bridges between them. Nothing of it is
/// shared: whoever wants something of it gives a command.
class Shard {
 public:
  /// `index` is this shard's sender number in `events`.
  ///
  /// Idle channels are looked for once in `idle_period`, which counts as one second whatever the clock says:
  /// a process that was stopped for a while has not lost its calls.
  Shard(std::size_t index, Events& events, Waker& waker, Millis idle_period = std::chrono::seconds{1});
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;
  Shard(Shard&&) = delete;
  Shard& operator=(Shard&&) = delete;
  /// `join` has to have been called, if ever a command was.
  ~Shard();

  /// Any thread; never waits. From one thread, commands are carried out in the order they were given.
  void submit(Command command);

  /// Waits for the thread to end, which `Stop` makes it do.
  void join();

 private:
  /// Larger than any datagram that a network without jumbo frames carries, and than most with them.
  static constexpr std::size_t buffer_size = 9216;

  void run();
  void work();
  void arrive(ChannelId id, std::unique_ptr<ChannelRunner> runner);
  void adopt(std::unique_ptr<ChannelRunner> runner);
  void close(ChannelId id, CloseReason reason);
  void reply(Asker& asker, bool is_known);
  void watch_idleness();
  void pass_time();
  ChannelRunner* find(ChannelId id);

  void carry_out(command::Open& command);
  void carry_out(command::Target& command);
  void carry_out(command::Mix& command);
  void carry_out(command::Unmix& command);
  void carry_out(command::Close& command);
  void carry_out(command::Ask& command);
  void carry_out(command::Surrender& command);
  void carry_out(command::Await& command);
  void carry_out(command::Stop& command);

  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_guard_;
  boost::asio::steady_timer idle_timer_;
  Millis idle_period_;
  std::array<std::uint8_t, buffer_size> buffer_{};
  Home home_;
  std::deque<Command> commands_;
  std::unordered_set<ChannelId> arrived_;
  std::unordered_map<ChannelId, std::unique_ptr<ChannelRunner>> channels_;
  std::thread thread_;
};

}  // namespace mediaswitch
