#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "core/random.hpp"
#include "core/result.hpp"
#include "core/units.hpp"
#include "io/bound_pair.hpp"
#include "io/event.hpp"
#include "io/port_pool.hpp"
#include "io/shard.hpp"
#include "rtp/remote_media.hpp"

namespace mediaswitch {

/// The shards, the ports, and which channel lives where. Used by one thread only (JavaScript's).
///
/// Every command is answered by a Reply with its ticket among the events; `drain` hands those out.
class Engine {
 public:
  struct Options {
    /// All sockets are bound to it.
    boost::asio::ip::address local;
    std::uint16_t low_port = 0;
    std::uint16_t high_port = 0;
    std::size_t shards = 1;
    Random::Seed seed{};
  };

  struct Opened {
    ChannelId channel;
    std::uint16_t port = 0;
  };
  struct OutOfPorts {};
  using OpenRefusal = std::variant<OutOfPorts, boost::system::error_code>;

  struct Health {
    std::size_t channels = 0;
    std::size_t available = 0;
    std::uint32_t sockets = 0;
    std::uint64_t events_lost = 0;
    /// Channels moved between shards, since the start.
    std::uint64_t moves = 0;
  };

  /// Throws boost::system::system_error when `local` is no address of this machine.
  Engine(const Options& options, Waker& waker);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  Engine(Engine&&) = delete;
  Engine& operator=(Engine&&) = delete;
  /// Stops.
  ~Engine();

  /// On the least loaded shard.
  Result<Opened, OpenRefusal> open(std::optional<RemoteMedia> remote);
  void target(ChannelId channel, RemoteMedia remote, Ticket ticket);
  /// Channels of two shards come together on the less loaded one: one of them moves, between two packets.
  void mix(ChannelId one, ChannelId other, Ticket ticket);
  void unmix(ChannelId channel, Ticket ticket);
  /// The channel's Closed event comes before the Reply.
  void close(ChannelId channel, Ticket ticket);
  void ask(ChannelId channel, Ticket ticket);

  /// Hands every waiting event to `take`, in order.
  template <class Take>
  void drain(Take&& take) {
    events_.drain([&](const Event& event) {
      if (const auto* closed = std::get_if<Closed>(&event)) forget(closed->channel);
      take(event);
    });
  }

  [[nodiscard]] Health health() const;
  /// Whether a packet to that address can leave from our sockets.
  [[nodiscard]] bool can_reach(const Address& address) const;

  /// Closes every channel and ends the threads; the Closed events are left to `drain`. After that every
  /// command is refused.
  void stop();

 private:
  struct Place {
    std::size_t shard;
    std::uint16_t port;
  };

  [[nodiscard]] std::size_t least_loaded() const;
  void forget(ChannelId channel);
  void move(ChannelId channel, std::size_t to);
  void refuse(Ticket ticket);
  template <class Make>
  void submit_to(ChannelId channel, Ticket ticket, Make&& make);

  Options options_;
  Events events_;
  EventOutlet outlet_;
  Random random_;
  PortPool ports_;
  SocketCount sockets_{0};
  /// For binding only; nothing runs it.
  boost::asio::io_context binding_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<std::size_t> load_;
  std::unordered_map<ChannelId, Place> places_;
  std::uint64_t last_channel_ = 0;
  std::uint64_t moves_ = 0;
};

}  // namespace mediaswitch
