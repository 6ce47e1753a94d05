#include "support/far_end.hpp"

#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace mediaswitch::test {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

bool is_readable(int socket, std::chrono::milliseconds patience) {
  pollfd waiting{.fd = socket, .events = POLLIN, .revents = 0};
  return poll(&waiting, 1, static_cast<int>(patience.count())) == 1;
}

}  // namespace

FarEnd::FarEnd() : socket_(socket(AF_INET, SOCK_DGRAM, 0)) {
  sockaddr_in address = loopback(0);
  if (bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    throw std::runtime_error("no socket on 127.0.0.1");
  }
  socklen_t size = sizeof(address);
  getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
}

FarEnd::~FarEnd() { close(socket_); }

void FarEnd::send(std::span<const std::uint8_t> packet, std::uint16_t to_port) const {
  const sockaddr_in to = loopback(to_port);
  sendto(socket_, packet.data(), packet.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof(to));
}

std::optional<Octets> FarEnd::receive(std::chrono::milliseconds patience) const {
  if (!is_readable(socket_, patience)) return std::nullopt;
  Octets packet(65536);
  const ssize_t size = recv(socket_, packet.data(), packet.size(), 0);
  packet.resize(static_cast<std::size_t>(size));
  return packet;
}

bool FarEnd::receives(std::chrono::milliseconds patience) const {
  if (!is_readable(socket_, patience)) return false;
  std::array<std::uint8_t, 2048> packet{};
  return recv(socket_, packet.data(), packet.size(), 0) >= 0;
}

}  // namespace mediaswitch::test
