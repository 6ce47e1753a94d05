#include "io/shard.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <csignal>
#include <ctime>
#include <utility>
#include <vector>

#include "io/monotonic_clock.hpp"
#include "io/wall_clock.hpp"

namespace mediaswitch {
namespace {

/// Only one thread runs it; others only post.
constexpr int one_thread = 1;
/// Commands carried out before whoever reads the events is woken for them.
constexpr int most_untold = 16;

}  // namespace

Shard::Shard(std::size_t index, Events& events, Waker& waker, Millis idle_period)
    : context_(one_thread),
      work_guard_(context_.get_executor()),
      watch_timer_(context_),
      idle_period_(idle_period),
      ready_(context_, [this] { return next_turn(); }),
      intake_(longest_datagram),
      home_{.receiving = {.ready = ready_, .intake = intake_},
            .events = EventOutlet(events, waker, index),
            .on_broken = [this](ChannelId id) { do_soon([this, id] { close(id, CloseReason::Error); }); },
            .on_needs_arranging = [this](ChannelId id) { arrange_soon(id); }},
      bell_(ready_, [this] { take_commands(); }),
      ticker_(context_) {
  thread_ = std::thread([this] { run(); });
  clockid_t own{};
  if (pthread_getcpuclockid(thread_.native_handle(), &own) == 0) cpu_clock_ = own;
}

Shard::~Shard() {
  if (!thread_.joinable()) return;
  submit(command::Stop{});
  join();
}

template <class Work>
void Shard::do_soon(Work&& work) {
  boost::asio::post(context_, std::forward<Work>(work));
  ready_.interrupt();
}

Time Shard::next_turn() const {
  const Time watch{watch_timer_.expiry().time_since_epoch()};
  return std::min(watch, ticker_.next_at());
}

void Shard::submit(Command command) {
  inbox_.deliver({}, std::move(command));
  bell_.ring();
}

void Shard::take_commands() {
  EventOutlet::Pause pause(home_.events);
  int untold = 0;
  inbox_.drain([&](Command&& command) {
    commands_.push_back(std::move(command));
    work();
    if (++untold % most_untold == 0) pause.tell();
  });
}

void Shard::join() {
  if (thread_.joinable()) thread_.join();
}

void Shard::tell_last_ends() {
  for (auto& [id, ending] : ending_) end(ending);
  ending_.clear();
}

std::chrono::microseconds Shard::cpu() const {
  timespec used{};
  if (!cpu_clock_ || clock_gettime(*cpu_clock_, &used) != 0) return {};
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::seconds{used.tv_sec} +
                                                               std::chrono::nanoseconds{used.tv_nsec});
}

void Shard::run() {
  // Signals are the main thread's business.
  sigset_t all{};
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  watch();
  context_.run();
}

void Shard::work() {
  while (!commands_.empty()) {
    const auto* const awaited = std::get_if<command::Await>(&commands_.front());
    if (awaited != nullptr && !arrived_.contains(awaited->channel)) return;
    Command command = std::move(commands_.front());
    commands_.pop_front();
    std::visit([this](auto& each) { carry_out(each); }, command);
  }
}

void Shard::carry_out(command::Open& command) {
  ChannelRunner& runner = *command.runner;
  if (command.remote) runner.channel().target(*command.remote);
  adopt(std::move(command.runner));
}

void Shard::carry_out(command::Act& command) {
  ChannelRunner* const runner = find(command.channel);
  Outcome outcome = Outcome::UnknownChannel;
  if (runner != nullptr) {
    outcome = command.action->run(*runner);
    arrange(*runner);
  }
  if (command.asker) reply(*command.asker, outcome);
}

void Shard::carry_out(command::Mix& command) {
  ChannelRunner* const one = find(command.one);
  ChannelRunner* const other = find(command.other);
  const bool are_known = one != nullptr && other != nullptr;
  reply(command.asker, are_known ? join_groups(*one, *other) : Outcome::UnknownChannel);
}

void Shard::carry_out(command::Unmix& command) {
  ChannelRunner* const runner = find(command.channel);
  if (runner != nullptr) {
    part(*runner);
    arrange(*runner);
  }
  reply(command.asker, runner != nullptr ? Outcome::Done : Outcome::UnknownChannel);
}

void Shard::carry_out(command::Close& command) {
  if (find(command.channel) == nullptr) {
    reply(command.asker, Outcome::UnknownChannel);
  } else {
    close(command.channel, command.reason, std::move(command.asker));
  }
}

void Shard::carry_out(command::Ask& command) {
  ChannelRunner* const runner = find(command.channel);
  if (runner == nullptr) {
    reply(command.asker, Outcome::UnknownChannel);
    return;
  }
  home_.events.deliver(std::move(command.asker.room),
                       Reply{.ticket = command.asker.ticket,
                             .outcome = Outcome::Done,
                             .statistics = runner->channel().statistics()});
}

void Shard::carry_out(command::Forget& command) {
  if (ChannelRunner* const runner = find(command.channel)) {
    static_cast<void>(runner->forget_recorder(command.recorder));
    arrange(*runner);
    return;
  }
  const auto ending = ending_.find(command.channel);
  if (ending == ending_.end() || !ending->second.runner->forget_recorder(command.recorder)) return;
  end(ending->second);
  ending_.erase(ending);
}

void Shard::carry_out(command::Surrender& command) {
  std::unique_ptr<ChannelRunner> runner;
  if (ChannelRunner* const here = find(command.channel)) {
    part(*here);
    runner = std::move(channels_.extract(command.channel).mapped());
    runner->leave();
  }
  Shard& to = *command.to;
  to.do_soon([&to, id = command.channel, runner = std::move(runner)]() mutable {
    to.arrive(id, std::move(runner));
  });
}

void Shard::carry_out(command::Await& command) { arrived_.erase(command.channel); }

void Shard::carry_out(command::Stop& /*command*/) {
  while (!channels_.empty()) close(channels_.begin()->first, CloseReason::Shutdown);
  ticker_.stop();
  ready_.stop();
  watch_timer_.cancel();
  work_guard_.reset();
}

void Shard::arrive(ChannelId id, std::unique_ptr<ChannelRunner> runner) {
  if (runner) adopt(std::move(runner));
  arrived_.insert(id);
  work();
}

void Shard::adopt(std::unique_ptr<ChannelRunner> runner) {
  const ChannelId id = runner->channel().id();
  ChannelRunner& adopted = *channels_.emplace(id, std::move(runner)).first->second;
  if (adopted.settle(home_)) {
    arrange(adopted);
  } else {
    close(id, CloseReason::Error);
  }
}

/// Who hears it is told first, then what it did itself ends, then it.
void Shard::close(ChannelId id, CloseReason reason, std::optional<Asker> asker) {
  ChannelRunner* const runner = find(id);
  if (runner == nullptr) return;
  part(*runner);
  Ending ending{.runner = std::move(channels_.extract(id).mapped()), .asker = std::move(asker)};
  if (ending.runner->begin_end(reason)) {
    end(ending);
  } else {
    ending_.emplace(id, std::move(ending));
  }
}

void Shard::end(Ending& ending) {
  ending.runner->tell_end();
  if (ending.asker) reply(*ending.asker, Outcome::Done);
}

void Shard::reply(Asker& asker, Outcome outcome) {
  home_.events.deliver(std::move(asker.room),
                       Reply{.ticket = asker.ticket, .outcome = outcome, .statistics = std::nullopt});
}

// --- groups

Group& Shard::group_of(ChannelRunner& runner) {
  if (Group* const group = runner.channel().group()) return *group;
  auto made = std::make_unique<Group>();
  Group& group = *made;
  groups_.emplace(&group, std::move(made));
  group.add(runner.channel());
  return group;
}

/// A channel alone has a group only while there is something to do for it.
void Shard::arrange(ChannelRunner& runner) {
  Channel& channel = runner.channel();
  if (channel.group() == nullptr && !channel.needs_group()) return;
  settle_group(group_of(runner));
}

void Shard::settle_group(Group& group) {
  group.arrange();
  if (group.wants_ticks()) {
    ticker_.add(group);
  } else {
    ticker_.remove(group);
  }
  const bool is_needed =
      group.members().size() > 1 || (group.members().size() == 1 && group.members()[0]->needs_group());
  if (is_needed) return;
  if (!group.members().empty()) group.remove(*group.members()[0]);
  ticker_.remove(group);
  groups_.erase(&group);
}

/// Out of its group, and also who is left there alone.
void Shard::part(ChannelRunner& runner) {
  Group* const group = runner.channel().group();
  if (group == nullptr) return;
  const bool were_several = group->members().size() > 1;
  group->remove(runner.channel());
  if (were_several) {
    runner.tell_mix(false);
    if (group->members().size() == 1) {
      if (ChannelRunner* const last = find(group->members()[0]->id())) last->tell_mix(false);
    }
  }
  settle_group(*group);
}

Outcome Shard::join_groups(ChannelRunner& one, ChannelRunner& other) {
  if (&one == &other) return Outcome::Done;
  const auto is_with_others = [](ChannelRunner& runner) {
    const Group* const group = runner.channel().group();
    return group != nullptr && group->members().size() > 1;
  };
  const bool is_same = one.channel().group() != nullptr && one.channel().group() == other.channel().group();
  if (!is_same && is_with_others(one) && is_with_others(other)) return Outcome::Conflict;
  ChannelRunner& first = is_with_others(other) ? other : one;
  ChannelRunner& second = &first == &one ? other : one;
  if (!is_same) {
    for (ChannelRunner* const each : {&first, &second}) {
      each->channel().stop_playing(PlayEnd::Mix);
      each->channel().echo({.is_on = false});
    }
    part(second);
    Group& group = group_of(first);
    group.add(second.channel());
    settle_group(group);
  }
  one.tell_mix(true);
  other.tell_mix(true);
  return Outcome::Done;
}

/// From within a packet's path or a tick: after it.
void Shard::arrange_soon(ChannelId id) {
  if (!to_arrange_.insert(id).second) return;
  do_soon([this, id] {
    to_arrange_.erase(id);
    if (ChannelRunner* const runner = find(id)) arrange(*runner);
  });
}

// --- time

void Shard::watch() {
  watch_timer_.expires_after(std::chrono::duration_cast<std::chrono::microseconds>(idle_period_) / parts);
  watch_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error || !work_guard_.owns_work()) return;
    pass_time();
    watch();
  });
}

void Shard::pass_time() {
  const std::size_t part = next_part_;
  next_part_ = (next_part_ + 1) % parts;
  const Time now = monotonic_now();
  const std::uint64_t ntp = ntp_now();
  std::vector<ChannelId> idle;
  for (const auto& [id, runner] : channels_) {
    if (id.value % parts != part) continue;
    runner->channel().report(now, ntp);
    if (runner->channel().pass_time(now, std::chrono::seconds{1})) idle.push_back(id);
  }
  for (const ChannelId id : idle) close(id, CloseReason::IdleTimeout);
}

ChannelRunner* Shard::find(ChannelId id) {
  const auto found = channels_.find(id);
  return found == channels_.end() ? nullptr : found->second.get();
}

}  // namespace mediaswitch
