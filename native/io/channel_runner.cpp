#include "io/channel_runner.hpp"

#include <utility>

namespace mediaswitch {

ChannelRunner::ChannelRunner(ChannelId id, Random random, BoundPair sockets)
    : channel_(id, *this, random), sockets_(std::move(sockets)) {}

bool ChannelRunner::settle(Home& home) {
  home_ = &home;
  pair_ = std::make_shared<UdpPair>(home.context, home.buffer, std::move(*sockets_));
  sockets_.reset();
  return !pair_->start(*this);
}

void ChannelRunner::leave() {
  channel_.part();
  sockets_.emplace(pair_->release());
  pair_.reset();
  home_ = nullptr;
}

void ChannelRunner::close(CloseReason reason) {
  EventOutlet events = home_->events;
  const Closed last{.channel = channel_.id(), .reason = reason, .statistics = channel_.statistics()};
  leave();
  sockets_.reset();
  events.deliver(std::move(closed_), last);
}

std::optional<Drop> ChannelRunner::send(std::span<const std::uint8_t> packet, const Address& to) {
  return pair_->send(packet, to);
}

void ChannelRunner::source_rejected(const Address& from) {
  home_->events.offer(SourceRejected{.channel = channel_.id(), .from = from});
}

void ChannelRunner::key_pressed(char key) {
  home_->events.offer(KeyPressed{.channel = channel_.id(), .key = key});
}

}  // namespace mediaswitch
