#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>

#include "rtp/address.hpp"

namespace mediaswitch {

static_assert(std::endian::native == std::endian::little, "ports are turned round");

/// An address as the system takes and gives it.
struct SocketAddress {
  union {
    sockaddr any;
    sockaddr_in ipv4;
    sockaddr_in6 ipv6;
  };
  socklen_t size = sizeof(sockaddr_in6);

  SocketAddress() : ipv6{} {}
};

/// Where the four octets of an IPv4 address are in an IPv4-mapped one (RFC 4291 §2.5.5.2).
constexpr std::size_t mapped_at = 12;

constexpr std::uint16_t turned_round(std::uint16_t port) {
  return static_cast<std::uint16_t>(port << 8 | port >> 8);
}

/// For a socket of the given family. An IPv6 socket takes IPv4 destinations in their mapped form.
inline SocketAddress to_socket_address(const Address& address, bool is_ipv6_socket) {
  SocketAddress to;
  if (is_ipv6_socket) {
    to.ipv6.sin6_family = AF_INET6;
    to.ipv6.sin6_port = turned_round(address.port);
    std::memcpy(&to.ipv6.sin6_addr, address.ip.data(), address.ip.size());
  } else {
    to.ipv4 = {};
    to.ipv4.sin_family = AF_INET;
    to.ipv4.sin_port = turned_round(address.port);
    std::memcpy(&to.ipv4.sin_addr, address.ip.data() + mapped_at, sizeof to.ipv4.sin_addr);
    to.size = sizeof to.ipv4;
  }
  return to;
}

inline Address to_address(const SocketAddress& from) {
  Address address;
  if (from.any.sa_family == AF_INET6) {
    std::memcpy(address.ip.data(), &from.ipv6.sin6_addr, address.ip.size());
    address.port = turned_round(from.ipv6.sin6_port);
  } else {
    address.ip[mapped_at - 2] = address.ip[mapped_at - 1] = 0xFF;
    std::memcpy(address.ip.data() + mapped_at, &from.ipv4.sin_addr, sizeof from.ipv4.sin_addr);
    address.port = turned_round(from.ipv4.sin_port);
  }
  return address;
}

}  // namespace mediaswitch
