#include "io/bound_pair.hpp"

#include <boost/asio/ip/udp.hpp>
#include <cerrno>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace mediaswitch {
namespace {

using boost::asio::ip::udp;
using boost::system::error_code;

error_code last_error() { return {errno, boost::system::system_category()}; }

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

// Not by a socket of Asio's, which its reactor is told of and takes out again: that costs as much as the
// binding.
Result<Descriptor, error_code> bind_one(const boost::asio::ip::address& local,
                                        std::uint16_t port,
                                        SocketCount& count) {
  const int made = socket(local.is_v6() ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (made < 0) return last_error();
  Descriptor descriptor(made, count);
  if (local.is_v6()) {
    const int v6_only = local.is_unspecified() ? 0 : 1;
    if (setsockopt(made, IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof v6_only) != 0) return last_error();
  }
  const udp::endpoint endpoint(local, port);
  if (bind(made, endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0) return last_error();
  return descriptor;
}

Result<BoundPair, error_code> bind_pair(const boost::asio::ip::address& local,
                                        std::uint16_t port,
                                        SocketCount& count) {
  auto rtp = bind_one(local, port, count);
  if (!rtp.ok()) return rtp.error();
  auto rtcp = bind_one(local, static_cast<std::uint16_t>(port + 1), count);
  if (!rtcp.ok()) return rtcp.error();
  return BoundPair{.rtp = std::move(rtp.value()), .rtcp = std::move(rtcp.value()), .is_ipv6 = local.is_v6()};
}

}  // namespace mediaswitch
