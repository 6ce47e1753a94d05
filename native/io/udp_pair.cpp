#include "io/udp_pair.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <utility>

#include "io/endpoint.hpp"
#include "io/monotonic_clock.hpp"

namespace mediaswitch {
namespace {

using boost::asio::ip::udp;
using boost::system::error_code;

/// After so many datagrams of one socket the others get their turn.
constexpr int batch = 64;

bool is_would_block(const error_code& error) {
  return error == boost::asio::error::would_block || error == boost::asio::error::try_again;
}

}  // namespace

UdpPair::UdpPair(boost::asio::io_context& context, std::span<std::uint8_t> buffer, BoundPair sockets)
    : sockets_(std::move(sockets)), rtp_(context), rtcp_(context), buffer_(buffer) {}

UdpPair::~UdpPair() { detach(); }

error_code UdpPair::start(Listener& listener) {
  error_code error = open(rtp_, sockets_.rtp, sockets_.is_ipv6);
  if (!error) error = open(rtcp_, sockets_.rtcp, sockets_.is_ipv6);
  if (error) return error;
  listener_ = &listener;
  wait(rtp_, &Listener::on_rtp);
  wait(rtcp_, &Listener::on_rtcp);
  return {};
}

error_code UdpPair::open(Socket& socket, const Descriptor& descriptor, bool is_ipv6) {
  error_code error;
  socket.assign(is_ipv6 ? udp::v6() : udp::v4(), descriptor.get(), error);
  if (!error) socket.non_blocking(true, error);
  return error;
}

void UdpPair::detach() {
  listener_ = nullptr;
  error_code ignored;
  if (rtp_.is_open()) rtp_.release(ignored);
  if (rtcp_.is_open()) rtcp_.release(ignored);
}

void UdpPair::wait(Socket& socket, Hear hear) {
  socket.async_wait(Socket::wait_read, [self = shared_from_this(), &socket, hear](const error_code& error) {
    if (self->listener_ == nullptr) return;
    if (error) {
      self->listener_->on_broken();
      return;
    }
    self->read_all(socket, hear);
  });
}

void UdpPair::read_all(Socket& socket, Hear hear) {
  udp::endpoint from;
  int failures = 0;
  for (int i = 0; i < batch; ++i) {
    error_code error;
    const std::size_t size =
        socket.receive_from(boost::asio::buffer(buffer_.data(), buffer_.size()), from, 0, error);
    if (is_would_block(error)) break;
    if (error) {
      // An ICMP error of an earlier send shows up here once; only a socket that does nothing else is broken.
      ++failures;
      continue;
    }
    if (size == buffer_.size()) {
      listener_->on_oversize();
      continue;
    }
    (listener_->*hear)({.octets = buffer_.first(size), .from = to_address(from), .arrived = monotonic_now()});
  }
  if (failures == batch) {
    listener_->on_broken();
    return;
  }
  wait(socket, hear);
}

std::optional<Drop> UdpPair::send(std::span<const std::uint8_t> packet, const Address& to) {
  return send_from(rtp_, packet, to);
}

std::optional<Drop> UdpPair::send_control(std::span<const std::uint8_t> packet, const Address& to) {
  return send_from(rtcp_, packet, to);
}

std::optional<Drop> UdpPair::send_from(Socket& socket,
                                       std::span<const std::uint8_t> packet,
                                       const Address& to) {
  error_code error;
  socket.send_to(
      boost::asio::buffer(packet.data(), packet.size()), to_endpoint(to, sockets_.is_ipv6), 0, error);
  if (!error) return std::nullopt;
  return is_would_block(error) ? Drop::SendWouldBlock : Drop::SendFailed;
}

BoundPair UdpPair::release() {
  detach();
  return std::move(sockets_);
}

}  // namespace mediaswitch
