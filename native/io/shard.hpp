#pragma once

#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <deque>
#include <memory>
#include <optional>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include "core/mailbox.hpp"
#include "core/units.hpp"
#include "io/channel_runner.hpp"
#include "io/command.hpp"
#include "io/doorbell.hpp"
#include "io/event.hpp"
#include "io/ticker.hpp"
#include "rtp/group.hpp"

namespace mediaswitch {

/// One thread, one `io_context`, the channels that live on it and their groups. Nothing of it is shared:
/// whoever wants something of it gives a command.
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

  /// After `join`, when every recorder has finished: tells of the channels whose end waited for that.
  void tell_last_ends();

  /// CPU that the thread has used; zero when it has ended. The thread that made the shard.
  [[nodiscard]] std::chrono::microseconds cpu() const;

 private:
  /// Larger than any datagram that a network without jumbo frames carries, and than most with them.
  static constexpr std::size_t longest_datagram = 9216;
  /// Channels are looked at in parts, so that not all of them report by RTCP in one moment.
  static constexpr std::size_t parts = 10;

  /// A channel that is closed but for its recorders, and who waits for that.
  struct Ending {
    std::unique_ptr<ChannelRunner> runner;
    std::optional<Asker> asker;
  };

  void run();
  void take_commands();
  /// Has the thread do something after what it is doing now. Any thread; commands have a cheaper way.
  template <class Work>
  void do_soon(Work&& work);
  /// When one of the timers wants the thread.
  [[nodiscard]] Time next_turn() const;
  void work();
  void arrive(ChannelId id, std::unique_ptr<ChannelRunner> runner);
  void adopt(std::unique_ptr<ChannelRunner> runner);
  void close(ChannelId id, CloseReason reason, std::optional<Asker> asker = std::nullopt);
  void end(Ending& ending);
  void reply(Asker& asker, Outcome outcome);
  void watch();
  void pass_time();
  void arrange_soon(ChannelId id);
  ChannelRunner* find(ChannelId id);

  Group& group_of(ChannelRunner& runner);
  void arrange(ChannelRunner& runner);
  void settle_group(Group& group);
  void part(ChannelRunner& runner);
  [[nodiscard]] Outcome join_groups(ChannelRunner& one, ChannelRunner& other);

  void carry_out(command::Open& command);
  void carry_out(command::Act& command);
  void carry_out(command::Mix& command);
  void carry_out(command::Unmix& command);
  void carry_out(command::Close& command);
  void carry_out(command::Ask& command);
  void carry_out(command::Forget& command);
  void carry_out(command::Surrender& command);
  void carry_out(command::Await& command);
  void carry_out(command::Stop& command);

  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_guard_;
  boost::asio::steady_timer watch_timer_;
  Millis idle_period_;
  ReadySockets ready_;
  Intake intake_;
  Home home_;
  /// Given, and not yet seen by the thread.
  Mailbox<Command> inbox_{0};
  Doorbell bell_;
  /// Not yet carried out: they wait for a channel.
  std::deque<Command> commands_;
  std::unordered_set<ChannelId> arrived_;
  std::unordered_map<ChannelId, std::unique_ptr<ChannelRunner>> channels_;
  std::unordered_map<ChannelId, Ending> ending_;
  std::unordered_map<Group*, std::unique_ptr<Group>> groups_;
  std::unordered_set<ChannelId> to_arrange_;
  Ticker ticker_;
  std::size_t next_part_ = 0;
  std::thread thread_;
  /// What `thread_` has used; nothing where the system can't tell.
  std::optional<clockid_t> cpu_clock_;
};

}  // namespace mediaswitch
