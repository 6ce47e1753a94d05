#include "io/shard.hpp"

#include <boost/asio/post.hpp>
#include <csignal>
#include <utility>
#include <vector>

namespace mediaswitch {
namespace {

/// Only one thread runs it; others only post.
constexpr int one_thread = 1;

}  // namespace

Shard::Shard(std::size_t index, Events& events, Waker& waker, Millis idle_period)
    : context_(one_thread),
      work_guard_(context_.get_executor()),
      idle_timer_(context_),
      idle_period_(idle_period),
      home_{.context = context_,
            .buffer = buffer_,
            .events = EventOutlet(events, waker, index),
            .on_broken = [this](ChannelId id) {
              boost::asio::post(context_, [this, id] { close(id, CloseReason::Error); });
            }} {
  thread_ = std::thread([this] { run(); });
}

Shard::~Shard() {
  if (!thread_.joinable()) return;
  submit(command::Stop{});
  join();
}

void Shard::submit(Command command) {
  boost::asio::post(context_, [this, command = std::move(command)]() mutable {
    commands_.push_back(std::move(command));
    work();
  });
}

void Shard::join() {
  if (thread_.joinable()) thread_.join();
}

void Shard::run() {
  // Signals are the main thread's business.
  sigset_t all{};
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  watch_idleness();
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

void Shard::carry_out(command::Target& command) {
  ChannelRunner* const runner = find(command.channel);
  if (runner != nullptr) runner->channel().target(command.remote);
  reply(command.asker, runner != nullptr);
}

void Shard::carry_out(command::Mix& command) {
  ChannelRunner* const one = find(command.one);
  ChannelRunner* const other = find(command.other);
  const bool are_known = one != nullptr && other != nullptr;
  if (are_known) Channel::join(one->channel(), other->channel());
  reply(command.asker, are_known);
}

void Shard::carry_out(command::Unmix& command) {
  ChannelRunner* const runner = find(command.channel);
  if (runner != nullptr) runner->channel().part();
  reply(command.asker, runner != nullptr);
}

void Shard::carry_out(command::Close& command) {
  const bool is_known = find(command.channel) != nullptr;
  close(command.channel, CloseReason::Requested);
  reply(command.asker, is_known);
}

void Shard::carry_out(command::Ask& command) {
  ChannelRunner* const runner = find(command.channel);
  if (runner == nullptr) {
    reply(command.asker, false);
    return;
  }
  home_.events.deliver(std::move(command.asker.room),
                       Reply{.ticket = command.asker.ticket,
                             .outcome = Outcome::Done,
                             .statistics = runner->channel().statistics()});
}

void Shard::carry_out(command::Surrender& command) {
  std::unique_ptr<ChannelRunner> runner;
  if (auto node = channels_.extract(command.channel)) {
    runner = std::move(node.mapped());
    runner->leave();
  }
  Shard& to = *command.to;
  boost::asio::post(to.context_, [&to, id = command.channel, runner = std::move(runner)]() mutable {
    to.arrive(id, std::move(runner));
  });
}

void Shard::carry_out(command::Await& command) { arrived_.erase(command.channel); }

void Shard::carry_out(command::Stop& /*command*/) {
  for (auto& [id, runner] : channels_) runner->close(CloseReason::Shutdown);
  channels_.clear();
  idle_timer_.cancel();
  work_guard_.reset();
}

void Shard::arrive(ChannelId id, std::unique_ptr<ChannelRunner> runner) {
  if (runner) adopt(std::move(runner));
  arrived_.insert(id);
  work();
}

void Shard::adopt(std::unique_ptr<ChannelRunner> runner) {
  const ChannelId id = runner->channel().id();
  const bool is_reading = runner->settle(home_);
  channels_.emplace(id, std::move(runner));
  if (!is_reading) close(id, CloseReason::Error);
}

void Shard::close(ChannelId id, CloseReason reason) {
  if (auto node = channels_.extract(id)) node.mapped()->close(reason);
}

void Shard::reply(Asker& asker, bool is_known) {
  home_.events.deliver(std::move(asker.room),
                       Reply{.ticket = asker.ticket,
                             .outcome = is_known ? Outcome::Done : Outcome::UnknownChannel,
                             .statistics = std::nullopt});
}

void Shard::watch_idleness() {
  idle_timer_.expires_after(idle_period_);
  idle_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error || !work_guard_.owns_work()) return;
    pass_time();
    watch_idleness();
  });
}

void Shard::pass_time() {
  std::vector<ChannelId> idle;
  for (const auto& [id, runner] : channels_) {
    if (runner->channel().pass_time(std::chrono::seconds{1})) idle.push_back(id);
  }
  for (const ChannelId id : idle) close(id, CloseReason::IdleTimeout);
}

ChannelRunner* Shard::find(ChannelId id) {
  const auto found = channels_.find(id);
  return found == channels_.end() ? nullptr : found->second.get();
}

}  // namespace mediaswitch
