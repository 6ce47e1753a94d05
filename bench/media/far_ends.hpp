#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <netinet/in.h>
#include <span>
#include <string>
#include <sys/socket.h>
#include <vector>

namespace bench {

/// Since 1970, by the system's clock: the one the kernel stamps arriving packets with.
using WallTime = std::chrono::nanoseconds;

WallTime wall_clock_now();

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

/// @throws std::runtime_error when `address` is not a numeric IP address.
SocketAddress socket_address(const std::string& address, std::uint16_t port);

/// The sockets of all telephones. A few sockets stand for thousands of flows: each flow has a port of the
/// server's to itself, by which its packets are told apart.
class FarEnds {
 public:
  static constexpr std::size_t longest_packet = 1500;
  static constexpr std::size_t batch = 8;

  explicit FarEnds(std::string local_address);
  ~FarEnds();
  FarEnds(const FarEnds&) = delete;
  FarEnds& operator=(const FarEnds&) = delete;

  /// Binds the port, and the next for RTCP, once; the number of its socket.
  /// @throws std::system_error
  std::size_t open(std::uint16_t local_port);

  struct Sent {
    std::uint32_t flow;
    std::uint16_t sequence;
    /// Just before the system was given the packet and at most `batch` - 1 others.
    WallTime at;
  };
  using OnSent = std::function<void(const Sent&)>;

  struct Outgoing {
    std::uint32_t flow;
    std::uint16_t sequence;
    const SocketAddress* to;
  };
  /// Room for a packet of `size` octets that leaves with the next `flush`, or before it when a batch is full.
  std::span<std::uint8_t> compose(std::size_t socket,
                                  const Outgoing& packet,
                                  std::size_t size,
                                  const OnSent& on_sent);
  void flush(const OnSent& on_sent);

  struct Arrived {
    std::size_t socket;
    std::uint16_t server_port;
    std::span<const std::uint8_t> octets;
    WallTime at;
  };
  using OnArrived = std::function<void(const Arrived&)>;
  /// Waits no longer than `timeout` for anything to arrive, and takes what has.
  void receive(std::chrono::nanoseconds timeout, const OnArrived& on_arrived);

  [[nodiscard]] std::uint64_t rtcp_packets() const { return rtcp_packets_; }
  [[nodiscard]] std::uint64_t refused_sends() const { return refused_sends_; }

 private:
  struct Socket {
    int rtp = -1;
    int rtcp = -1;
    std::uint16_t local_port = 0;
    std::size_t pending = 0;
    std::array<Outgoing, batch> packets{};
    std::array<std::size_t, batch> sizes{};
    std::array<std::array<std::uint8_t, longest_packet>, batch> octets{};
  };
  int bound(std::uint16_t port);
  void send(Socket& socket, const OnSent& on_sent);
  void drain_rtp(std::size_t index, const OnArrived& on_arrived);
  void drain_rtcp(int socket);

  std::string local_address_;
  int epoll_;
  std::vector<std::unique_ptr<Socket>> sockets_;
  std::uint64_t rtcp_packets_ = 0;
  std::uint64_t refused_sends_ = 0;
};

}  // namespace bench
