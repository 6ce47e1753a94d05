#include "io/datagram_port.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <net/if.h>
#include <unistd.h>
#include <utility>

namespace mediaswitch {
namespace {

constexpr int no_descriptor = -1;

std::error_code system_refusal() { return {errno, std::generic_category()}; }

/// Of an interface: its name, or its number where it has no such name.
std::uint32_t read_zone(const std::string& text) {
  if (const unsigned index = if_nametoindex(text.c_str()); index != 0) return index;
  std::uint32_t index = 0;
  std::from_chars(text.data(), text.data() + text.size(), index);
  return index;
}

std::error_code configure(int descriptor, const SocketAddress& local, int receive_buffer) {
  const int on = 1;
  // Else IPv4 peers would appear as ::ffff:a.b.c.d, which is no address to put into a Via.
  if (local.any.sa_family == AF_INET6 &&
      setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0) {
    return system_refusal();
  }
  if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer) != 0) {
    return system_refusal();
  }
  return bind(descriptor, &local.any, local.size) == 0 ? std::error_code{} : system_refusal();
}

}  // namespace

Result<DatagramPort, std::error_code> DatagramPort::bind(const SocketAddress& local, int receive_buffer) {
  const int descriptor = socket(local.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return system_refusal();
  DatagramPort port(descriptor);
  if (const std::error_code error = configure(descriptor, local, receive_buffer)) return error;
  return port;
}

DatagramPort::DatagramPort(DatagramPort&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, no_descriptor)), from_(other.from_) {}

DatagramPort::~DatagramPort() { close(); }

void DatagramPort::close() {
  if (descriptor_ != no_descriptor) ::close(std::exchange(descriptor_, no_descriptor));
}

SocketAddress DatagramPort::local() const {
  SocketAddress address;
  getsockname(descriptor_, &address.any, &address.size);
  return address;
}

int DatagramPort::receive_buffer() const {
  int octets = 0;
  socklen_t size = sizeof octets;
  getsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &octets, &size);
  return octets;
}

Result<std::size_t, std::error_code> DatagramPort::read(std::span<std::uint8_t> into, Headers& headers) {
  std::array<iovec, most> places;
  std::array<mmsghdr, most> messages;
  for (std::size_t i = 0; i < most; ++i) {
    places[i] = {.iov_base = into.subspan(i * octets_each, octets_each).data(), .iov_len = octets_each};
    messages[i].msg_hdr = {.msg_name = &from_[i].any,
                           .msg_namelen = sizeof(sockaddr_in6),
                           .msg_iov = &places[i],
                           .msg_iovlen = 1,
                           .msg_control = nullptr,
                           .msg_controllen = 0,
                           .msg_flags = 0};
  }
  const int count = recvmmsg(descriptor_, messages.data(), most, MSG_DONTWAIT, nullptr);
  if (count < 0) {
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return std::size_t{0};
    return system_refusal();
  }
  const auto read = static_cast<std::size_t>(count);
  for (std::size_t i = 0; i < read; ++i) headers[i] = {.octets = messages[i].msg_len, .from = &from_[i]};
  return read;
}

std::error_code DatagramPort::send(std::span<const std::uint8_t> octets, const SocketAddress& to) const {
  const ssize_t sent =
      sendto(descriptor_, octets.data(), octets.size(), MSG_DONTWAIT | MSG_NOSIGNAL, &to.any, to.size);
  return sent < 0 ? system_refusal() : std::error_code{};
}

SocketAddress read_address(const std::string& text, std::uint16_t port) {
  SocketAddress address;
  if (inet_pton(AF_INET, text.c_str(), &address.ipv4.sin_addr) == 1) {
    address.ipv4.sin_family = AF_INET;
    address.ipv4.sin_port = turned_round(port);
    address.size = sizeof address.ipv4;
    return address;
  }
  const std::size_t zone = text.find('%');
  if (inet_pton(AF_INET6, text.substr(0, zone).c_str(), &address.ipv6.sin6_addr) != 1) {
    address.size = 0;
    return address;
  }
  address.ipv6.sin6_family = AF_INET6;
  address.ipv6.sin6_port = turned_round(port);
  if (zone != std::string::npos) address.ipv6.sin6_scope_id = read_zone(text.substr(zone + 1));
  return address;
}

std::string address_text(const SocketAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool is_ipv6 = address.any.sa_family == AF_INET6;
  const void* const octets = is_ipv6 ? static_cast<const void*>(&address.ipv6.sin6_addr)
                                     : static_cast<const void*>(&address.ipv4.sin_addr);
  inet_ntop(address.any.sa_family, octets, text.data(), text.size());
  // A link-local address says nothing without its interface (RFC 4007 §11).
  if (!is_ipv6 || address.ipv6.sin6_scope_id == 0 || !IN6_IS_ADDR_LINKLOCAL(&address.ipv6.sin6_addr)) {
    return text.data();
  }
  std::array<char, IF_NAMESIZE> zone{};
  const bool has_name = if_indextoname(address.ipv6.sin6_scope_id, zone.data()) != nullptr;
  return std::string(text.data()) + '%' +
         (has_name ? std::string(zone.data()) : std::to_string(address.ipv6.sin6_scope_id));
}

std::uint16_t port_of(const SocketAddress& address) {
  return turned_round(address.any.sa_family == AF_INET6 ? address.ipv6.sin6_port : address.ipv4.sin_port);
}

}  // namespace mediaswitch
