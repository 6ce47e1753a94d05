#include "io/bound_pair.hpp"

#include <boost/asio/ip/udp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <unistd.h>
#include <utility>

namespace mediaswitch {
namespace {

using boost::asio::ip::udp;
using boost::system::error_code;

Result<Descriptor, error_code> bind_one(boost::asio::io_context& context,
                                        const udp::endpoint& local,
                                        SocketCount& count) {
  udp::socket socket(context);
  error_code error;
  socket.open(local.protocol(), error);
  if (!error && local.address().is_v6()) {
    socket.set_option(boost::asio::ip::v6_only(!local.address().is_unspecified()), error);
  }
  if (!error) socket.bind(local, error);
  if (error) return error;
  const int descriptor = socket.release(error);
  if (error) return error;
  return Descriptor(descriptor, count);
}

}  // namespace

Descriptor::Descriptor(int descriptor, SocketCount& count) : descriptor_(descriptor), count_(&count) {
  ++*count_;
}

Descriptor::Descriptor(Descriptor&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), count_(other.count_) {}

Descriptor::~Descriptor() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  --*count_;
}

Result<BoundPair, error_code> bind_pair(boost::asio::io_context& context,
                                        const boost::asio::ip::address& local,
                                        std::uint16_t port,
                                        SocketCount& count) {
  auto rtp = bind_one(context, {local, port}, count);
  if (!rtp.ok()) return rtp.error();
  auto rtcp = bind_one(context, {local, static_cast<std::uint16_t>(port + 1)}, count);
  if (!rtcp.ok()) return rtcp.error();
  return BoundPair{.rtp = std::move(rtp.value()), .rtcp = std::move(rtcp.value()), .is_ipv6 = local.is_v6()};
}

}  // namespace mediaswitch
