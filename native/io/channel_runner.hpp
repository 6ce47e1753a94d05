#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "core/random.hpp"
#include "io/event.hpp"
#include "io/udp_pair.hpp"
#include "rtp/channel.hpp"
#include "rtp/outbox.hpp"

namespace mediaswitch {

/// What a shard lends to the channels that live on it.
struct Home {
  boost::asio::io_context& context;
  std::span<std::uint8_t> buffer;
  EventOutlet events;
  /// The channel's sockets can't be read any more.
  std::function<void(ChannelId)> on_broken;
};

/// A channel with its sockets and its way to tell of events. Lives on one shard at a time.
class ChannelRunner final : public Outbox, public UdpPair::Listener {
 public:
  ChannelRunner(ChannelId id, Random random, BoundPair sockets);

  /// Starts reading on a shard's thread. False: the system has no room for it; the channel is to be closed.
  [[nodiscard]] bool settle(Home& home);
  /// Stops reading, so that another shard can go on. On the thread of the shard it leaves.
  void leave();
  /// Closes the sockets and tells that the channel is gone. Only destruction may follow.
  void close(CloseReason reason);

  [[nodiscard]] Channel& channel() { return channel_; }

  std::optional<Drop> send(std::span<const std::uint8_t> packet, const Address& to) override;
  void source_rejected(const Address& from) override;
  void key_pressed(char key) override;

  void on_rtp(const Datagram& datagram) override { channel_.receive(datagram); }
  void on_rtcp(const Datagram& datagram) override { channel_.receive_control(datagram); }
  void on_oversize() override { channel_.receive_oversize(); }
  void on_broken() override { home_->on_broken(channel_.id()); }

 private:
  Channel channel_;
  /// While on no shard.
  std::optional<BoundPair> sockets_;
  /// While on a shard.
  std::shared_ptr<UdpPair> pair_;
  Home* home_ = nullptr;
  Events::Reservation closed_;
};

}  // namespace mediaswitch
