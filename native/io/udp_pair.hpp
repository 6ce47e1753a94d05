#pragma once

#include <boost/asio/basic_datagram_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/system/error_code.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "core/drop.hpp"
#include "io/bound_pair.hpp"
#include "rtp/datagram.hpp"

namespace mediaswitch {

/// The two sockets of a channel on a shard's `io_context`: tells a listener of every datagram that comes,
/// and sends.
class UdpPair : public std::enable_shared_from_this<UdpPair> {
 public:
  /// Named at `start`, told until `release`.
  class Listener {
   public:
    Listener() = default;
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    Listener(Listener&&) = delete;
    Listener& operator=(Listener&&) = delete;
    virtual ~Listener() = default;

    virtual void on_rtp(const Datagram& datagram) = 0;
    virtual void on_rtcp(const Datagram& datagram) = 0;
    /// It filled the buffer; its end may be missing.
    virtual void on_oversize() = 0;
    /// Nothing will be read any more. The pair is still to be released.
    virtual void on_broken() = 0;
  };

  /// `buffer` is the shard's, shared by all its pairs; a datagram lives in it until the listener returns.
  UdpPair(boost::asio::io_context& context, std::span<std::uint8_t> buffer, BoundPair sockets);
  UdpPair(const UdpPair&) = delete;
  UdpPair& operator=(const UdpPair&) = delete;
  UdpPair(UdpPair&&) = delete;
  UdpPair& operator=(UdpPair&&) = delete;
  /// Closes the sockets, unless they were released.
  ~UdpPair();

  /// An error: the system has no room to watch the sockets, and nothing is read.
  [[nodiscard]] boost::system::error_code start(Listener& listener);

  /// Never waits: a full send buffer is SendWouldBlock.
  std::optional<Drop> send(std::span<const std::uint8_t> packet, const Address& to);
  /// The same from the RTCP port.
  std::optional<Drop> send_control(std::span<const std::uint8_t> packet, const Address& to);

  /// Stops reading and gives the sockets back, with all the kernel holds for them.
  BoundPair release();

 private:
  using Socket =
      boost::asio::basic_datagram_socket<boost::asio::ip::udp, boost::asio::io_context::executor_type>;
  using Hear = void (Listener::*)(const Datagram&);

  static boost::system::error_code open(Socket& socket, const Descriptor& descriptor, bool is_ipv6);
  /// The descriptors are `sockets_`'s: Asio must not close them.
  void detach();
  std::optional<Drop> send_from(Socket& socket, std::span<const std::uint8_t> packet, const Address& to);
  void wait(Socket& socket, Hear hear);
  void read_all(Socket& socket, Hear hear);

  BoundPair sockets_;
  Socket rtp_;
  Socket rtcp_;
  std::span<std::uint8_t> buffer_;
  Listener* listener_ = nullptr;
};

}  // namespace mediaswitch
