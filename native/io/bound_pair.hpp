#pragma once

#include <atomic>
#include <boost/asio/ip/address.hpp>
#include <boost/system/error_code.hpp>
#include <cstdint>

#include "core/result.hpp"

namespace mediaswitch {

/// How many sockets are open. Any thread.
using SocketCount = std::atomic<std::uint32_t>;

/// A file descriptor with one owner, closed with it. Counted while it is open.
class Descriptor {
 public:
  Descriptor(int descriptor, SocketCount& count);
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor();

  [[nodiscard]] int get() const { return descriptor_; }

 private:
  int descriptor_;
  SocketCount* count_;
};

/// The bound sockets of one channel, belonging to no thread: this is how they move between shards. What
/// arrives meanwhile waits in the kernel.
struct BoundPair {
  Descriptor rtp;
  Descriptor rtcp;
  bool is_ipv6 = false;
};

/// A UDP socket that never waits, bound to `port`; 0: to whichever is free.
Result<Descriptor, boost::system::error_code> bind_one(const boost::asio::ip::address& local,
                                                       std::uint16_t port,
                                                       SocketCount& count);

/// Binds `port` for RTP and the next for RTCP (RFC 3550 §11).
Result<BoundPair, boost::system::error_code> bind_pair(const boost::asio::ip::address& local,
                                                       std::uint16_t port,
                                                       SocketCount& count);

}  // namespace mediaswitch
