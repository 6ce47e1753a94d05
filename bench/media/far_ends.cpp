#include "far_ends.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <sys/epoll.h>
#include <system_error>
#include <time.h>
#include <unistd.h>

namespace bench {
namespace {

constexpr int receive_buffer = 32 << 20;
constexpr std::size_t receive_batch = 64;

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

/// Room for one message's kernel time stamp.
struct alignas(cmsghdr) Control {
  std::array<std::uint8_t, CMSG_SPACE(sizeof(timespec))> octets;
};

WallTime wall_time(const timespec& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

WallTime stamp_of(msghdr& message, WallTime otherwise) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SO_TIMESTAMPNS) {
      timespec time{};
      std::memcpy(&time, CMSG_DATA(part), sizeof time);
      return wall_time(time);
    }
  }
  return otherwise;
}

/// sin_port and sin6_port lie at the same place, after the family.
std::uint16_t port_of(const sockaddr_storage& address) {
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

}  // namespace

WallTime wall_clock_now() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return wall_time(now);
}

SocketAddress socket_address(const std::string& address, std::uint16_t port) {
  SocketAddress result;
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&result.storage, &v4, sizeof v4);
    result.length = sizeof v4;
  } else if (inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&result.storage, &v6, sizeof v6);
    result.length = sizeof v6;
  } else {
    throw std::runtime_error("this is no IP address: " + address);
  }
  return result;
}

FarEnds::FarEnds(std::string local_address)
    : local_address_(std::move(local_address)), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) fail("epoll_create1");
}

FarEnds::~FarEnds() {
  for (const auto& socket : sockets_) {
    close(socket->rtp);
    close(socket->rtcp);
  }
  close(epoll_);
}

int FarEnds::bound(std::uint16_t port) {
  const SocketAddress address = socket_address(local_address_, port);
  const int socket_fd = socket(address.storage.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket_fd < 0) fail("socket");
  if (bind(socket_fd, reinterpret_cast<const sockaddr*>(&address.storage), address.length) != 0) {
    fail("bind");
  }
  // The first is for root and passes the system's limit.
  if (setsockopt(socket_fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer, sizeof receive_buffer) != 0) {
    setsockopt(socket_fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  return socket_fd;
}

std::size_t FarEnds::open(std::uint16_t local_port) {
  const auto known = std::ranges::find_if(
      sockets_, [local_port](const auto& socket) { return socket->local_port == local_port; });
  if (known != sockets_.end()) return static_cast<std::size_t>(known - sockets_.begin());

  auto socket = std::make_unique<Socket>();
  socket->local_port = local_port;
  socket->rtp = bound(local_port);
  socket->rtcp = bound(static_cast<std::uint16_t>(local_port + 1));
  const int on = 1;
  if (setsockopt(socket->rtp, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) != 0) fail("SO_TIMESTAMPNS");

  const std::size_t index = sockets_.size();
  epoll_event event{.events = EPOLLIN, .data = {.u64 = index * 2}};
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, socket->rtp, &event) != 0) fail("epoll_ctl");
  event.data.u64 = index * 2 + 1;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, socket->rtcp, &event) != 0) fail("epoll_ctl");
  sockets_.push_back(std::move(socket));
  return index;
}

std::span<std::uint8_t> FarEnds::compose(std::size_t socket,
                                         const Outgoing& packet,
                                         std::size_t size,
                                         const OnSent& on_sent) {
  Socket& from = *sockets_[socket];
  if (from.pending == batch) send(from, on_sent);
  const std::size_t place = from.pending++;
  from.packets[place] = packet;
  from.sizes[place] = std::min(size, longest_packet);
  return std::span(from.octets[place]).first(from.sizes[place]);
}

void FarEnds::flush(const OnSent& on_sent) {
  for (const auto& socket : sockets_) send(*socket, on_sent);
}

void FarEnds::send(Socket& socket, const OnSent& on_sent) {
  if (socket.pending == 0) return;
  std::array<mmsghdr, batch> messages{};
  std::array<iovec, batch> parts{};
  for (std::size_t i = 0; i < socket.pending; ++i) {
    const SocketAddress& to = *socket.packets[i].to;
    parts[i] = {.iov_base = socket.octets[i].data(), .iov_len = socket.sizes[i]};
    messages[i].msg_hdr.msg_name = const_cast<sockaddr_storage*>(&to.storage);
    messages[i].msg_hdr.msg_namelen = to.length;
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  const WallTime now = wall_clock_now();
  for (std::size_t sent = 0; sent < socket.pending;) {
    const int count =
        sendmmsg(socket.rtp, &messages[sent], static_cast<unsigned>(socket.pending - sent), MSG_DONTWAIT);
    if (count <= 0) {
      // A port that nobody listens on any more tells so here; the packet is gone either way.
      ++refused_sends_;
      ++sent;
      continue;
    }
    for (int i = 0; i < count; ++i, ++sent) {
      on_sent({.flow = socket.packets[sent].flow, .sequence = socket.packets[sent].sequence, .at = now});
    }
  }
  socket.pending = 0;
}

void FarEnds::receive(std::chrono::nanoseconds timeout, const OnArrived& on_arrived) {
  std::array<epoll_event, 64> events{};
  timespec patience{};
  patience.tv_nsec = std::clamp<std::int64_t>(timeout.count(), 0, 999'999'999);
  const int count = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &patience, nullptr);
  for (int i = 0; i < count; ++i) {
    const std::uint64_t key = events[static_cast<std::size_t>(i)].data.u64;
    if (key % 2 == 0) {
      drain_rtp(key / 2, on_arrived);
    } else {
      drain_rtcp(sockets_[key / 2]->rtcp);
    }
  }
}

void FarEnds::drain_rtp(std::size_t index, const OnArrived& on_arrived) {
  static thread_local std::array<std::array<std::uint8_t, longest_packet>, receive_batch> octets;
  static thread_local std::array<sockaddr_storage, receive_batch> from;
  static thread_local std::array<Control, receive_batch> control;
  std::array<mmsghdr, receive_batch> messages{};
  std::array<iovec, receive_batch> parts{};
  for (std::size_t i = 0; i < receive_batch; ++i) {
    parts[i] = {.iov_base = octets[i].data(), .iov_len = octets[i].size()};
    msghdr& message = messages[i].msg_hdr;
    message.msg_name = &from[i];
    message.msg_namelen = sizeof from[i];
    message.msg_iov = &parts[i];
    message.msg_iovlen = 1;
    message.msg_control = control[i].octets.data();
    message.msg_controllen = control[i].octets.size();
  }
  const int count = recvmmsg(sockets_[index]->rtp, messages.data(), receive_batch, MSG_DONTWAIT, nullptr);
  const WallTime now = wall_clock_now();
  for (int n = 0; n < count; ++n) {
    const auto i = static_cast<std::size_t>(n);
    on_arrived({.socket = index,
                .server_port = port_of(from[i]),
                .octets = std::span(octets[i]).first(messages[i].msg_len),
                .at = stamp_of(messages[i].msg_hdr, now)});
  }
}

void FarEnds::drain_rtcp(int socket) {
  std::array<std::uint8_t, longest_packet> octets{};
  while (recv(socket, octets.data(), octets.size(), MSG_DONTWAIT) >= 0) ++rtcp_packets_;
}

}  // namespace bench
