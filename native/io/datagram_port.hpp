#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <sys/socket.h>
#include <system_error>

#include "core/result.hpp"
#include "io/socket_address.hpp"

namespace mediaswitch {

/// A bound UDP socket that never waits, for one thread. One address family.
class DatagramPort {
 public:
  /// Datagrams of one `read`, at most.
  static constexpr std::size_t most = 32;
  /// Room for each: no datagram is longer.
  static constexpr std::size_t octets_each = 65'536;

  /// `receive_buffer`: octets asked of the system, which may give less.
  static Result<DatagramPort, std::error_code> bind(const SocketAddress& local, int receive_buffer);

  DatagramPort(const DatagramPort&) = delete;
  DatagramPort& operator=(const DatagramPort&) = delete;
  DatagramPort(DatagramPort&& other) noexcept;
  DatagramPort& operator=(DatagramPort&&) = delete;
  ~DatagramPort();

  /// Of the open socket; −1 once it is closed.
  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] SocketAddress local() const;
  /// Octets the system holds for us between two reads.
  [[nodiscard]] int receive_buffer() const;

  /// What was read of a datagram.
  struct Header {
    std::size_t octets;
    const SocketAddress* from;
  };
  using Headers = std::array<Header, most>;

  /// How many have come, which may be none: each stands in its `octets_each` of `into`, which has `most`
  /// times that. `headers` are valid until the next read.
  Result<std::size_t, std::error_code> read(std::span<std::uint8_t> into, Headers& headers);

  /// No error: the system has taken it.
  [[nodiscard]] std::error_code send(std::span<const std::uint8_t> octets, const SocketAddress& to) const;

  /// The port is free from now on. Again: nothing.
  void close();

 private:
  explicit DatagramPort(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
  std::array<SocketAddress, most> from_;
};

/// `127.0.0.1`, `::1` or `fe80::1%eth0`. Size 0: the text is no address.
SocketAddress read_address(const std::string& text, std::uint16_t port);
/// The same way round.
std::string address_text(const SocketAddress& address);
std::uint16_t port_of(const SocketAddress& address);

}  // namespace mediaswitch
