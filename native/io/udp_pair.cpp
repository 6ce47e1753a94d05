#include "io/udp_pair.hpp"

#include <cerrno>
#include <sys/socket.h>
#include <utility>

#include "io/socket_address.hpp"

namespace mediaswitch {
namespace {

using boost::system::error_code;

/// An ICMP error of an earlier send shows up in one read; a socket that does nothing else is broken.
constexpr int most_failures = 64;
/// Of one socket before others have their turn.
constexpr int most_reads = 16;

bool is_would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

UdpPair::UdpPair(const Receiving& receiving, BoundPair sockets)
    : receiving_(receiving),
      sockets_(std::move(sockets)),
      rtp_(*this, &Listener::on_rtp),
      rtcp_(*this, &Listener::on_rtcp) {}

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
  const error_code error = receiving_.ready.add(socket_of(side).get(), side);
  side.is_watched = !error;
  return error;
}

void UdpPair::forget(Side& side) {
  if (std::exchange(side.is_watched, false)) receiving_.ready.remove(socket_of(side).get(), side);
}

void UdpPair::read(Reading when) {
  if (when == reading_) return;
  reading_ = when;
  switch (when) {
    case Reading::AtOnce:
      Intake::stamp(sockets_.rtp.get(), Intake::Stamping::Off);
      if (watch(rtp_)) listener_->on_broken();
      return;
    case Reading::AtTicks:
      forget(rtp_);
      Intake::stamp(sockets_.rtp.get(), Intake::Stamping::On);
      return;
  }
}

void UdpPair::read_gathered() {
  if (reading_ == Reading::AtOnce) return;
  for (int i = 0; i < most_reads && read_some(rtp_, Intake::most) == Intake::most; ++i) {
  }
}

std::size_t UdpPair::read_some(Side& side, std::size_t most) {
  Intake& intake = receiving_.intake;
  const int count = intake.read(socket_of(side).get(), most);
  if (count < 0) {
    note_failure(side);
    return 0;
  }
  const auto read = static_cast<std::size_t>(count);
  if (read > 0) side.failures = 0;
  for (std::size_t i = 0; i < read; ++i) {
    if (intake.is_cut(i)) {
      listener_->on_oversize();
    } else {
      (listener_->*side.hear)(intake.datagram(i));
    }
  }
  return read;
}

void UdpPair::note_failure(Side& side) {
  if (++side.failures < most_failures) return;
  forget(side);
  listener_->on_broken();
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
