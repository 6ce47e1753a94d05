#include "io/udp_pair.hpp"

#include <cerrno>
#include <sys/socket.h>
#include <utility>

#include "io/monotonic_clock.hpp"
#include "io/socket_address.hpp"

namespace mediaswitch {
namespace {

using boost::system::error_code;

/// An ICMP error of an earlier send shows up in one read; a socket that does nothing else is broken.
constexpr int most_failures = 64;

bool is_would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

UdpPair::UdpPair(ReadySockets& ready, std::span<std::uint8_t> buffer, BoundPair sockets)
    : ready_(ready),
      sockets_(std::move(sockets)),
      rtp_(*this, &Listener::on_rtp),
      rtcp_(*this, &Listener::on_rtcp),
      buffer_(buffer) {}

UdpPair::~UdpPair() {
  forget(rtp_);
  forget(rtcp_);
}

error_code UdpPair::start(Listener& listener) {
  listener_ = &listener;
  if (const error_code error = watch(rtp_)) return error;
  return watch(rtcp_);
}

const Descriptor& UdpPair::socket_of(const Side& side) const {
  return &side == &rtp_ ? sockets_.rtp : sockets_.rtcp;
}

error_code UdpPair::watch(Side& side) {
  const error_code error = ready_.add(socket_of(side).get(), side);
  side.is_watched = !error;
  return error;
}

void UdpPair::forget(Side& side) {
  if (std::exchange(side.is_watched, false)) ready_.remove(socket_of(side).get(), side);
}

void UdpPair::read(Side& side) {
  SocketAddress from;
  const ssize_t size =
      recvfrom(socket_of(side).get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT, &from.any, &from.size);
  if (size < 0) {
    if (is_would_block(errno) || ++side.failures < most_failures) return;
    forget(side);
    listener_->on_broken();
    return;
  }
  side.failures = 0;
  const auto octets = buffer_.first(static_cast<std::size_t>(size));
  if (octets.size() == buffer_.size()) {
    listener_->on_oversize();
  } else {
    (listener_->*side.hear)({.octets = octets, .from = to_address(from), .arrived = monotonic_now()});
  }
}

std::optional<Drop> UdpPair::send(std::span<const std::uint8_t> packet, const Address& to) {
  return send_from(sockets_.rtp, packet, to);
}

std::optional<Drop> UdpPair::send_control(std::span<const std::uint8_t> packet, const Address& to) {
  return send_from(sockets_.rtcp, packet, to);
}

std::optional<Drop> UdpPair::send_from(const Descriptor& socket,
                                       std::span<const std::uint8_t> packet,
                                       const Address& to) {
  const SocketAddress there = to_socket_address(to, sockets_.is_ipv6);
  const ssize_t sent =
      sendto(socket.get(), packet.data(), packet.size(), MSG_DONTWAIT | MSG_NOSIGNAL, &there.any, there.size);
  if (sent >= 0) return std::nullopt;
  return is_would_block(errno) ? Drop::SendWouldBlock : Drop::SendFailed;
}

BoundPair UdpPair::release() {
  forget(rtp_);
  forget(rtcp_);
  return std::move(sockets_);
}

}  // namespace mediaswitch
