/// The floor: the least that a relay over ordinary sockets can do. Pairs of UDP sockets; what comes to one
/// leaves by the other, unchanged. Nothing is read, counted or checked.
///
///   floor_relay <address> <first port> <number of sockets> < "<far address> <far port>" lines, one a socket
///
/// Prints "ready" when all sockets are open, and runs until it is killed.

#include <arpa/inet.h>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <netinet/in.h>
#include <string>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace {

sockaddr_in address_of(const std::string& address, int port) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(static_cast<std::uint16_t>(port));
  if (inet_pton(AF_INET, address.c_str(), &result.sin_addr) != 1) std::exit(2);
  return result;
}

void require(bool is_done, const char* what) {
  if (is_done) return;
  std::perror(what);
  std::exit(1);
}

int connected_socket(const sockaddr_in& own, const sockaddr_in& far) {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  require(fd >= 0, "socket");
  require(bind(fd, reinterpret_cast<const sockaddr*>(&own), sizeof own) == 0, "bind");
  require(connect(fd, reinterpret_cast<const sockaddr*>(&far), sizeof far) == 0, "connect");
  return fd;
}

}  // namespace

int main(int count, char** words) {
  if (count != 4) return 2;
  const int first_port = std::atoi(words[2]);
  std::vector<int> sockets(static_cast<std::size_t>(std::atoi(words[3])));
  const int epoll = epoll_create1(0);
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    std::string far;
    int far_port = 0;
    require(static_cast<bool>(std::cin >> far >> far_port), "reading where to send");
    const int port = first_port + 2 * static_cast<int>(i);
    sockets[i] = connected_socket(address_of(words[1], port), address_of(far, far_port));
    epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
    require(epoll_ctl(epoll, EPOLL_CTL_ADD, sockets[i], &event) == 0, "epoll_ctl");
  }
  std::puts("ready");
  std::fflush(stdout);

  std::array<epoll_event, 256> events{};
  std::array<char, 2048> packet{};
  for (;;) {
    const int ready = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
    for (int n = 0; n < ready; ++n) {
      const std::size_t from = events[static_cast<std::size_t>(n)].data.u64;
      const std::size_t other = from ^ 1U;
      const ssize_t size = recv(sockets[from], packet.data(), packet.size(), 0);
      if (size > 0) send(sockets[other], packet.data(), static_cast<std::size_t>(size), 0);
    }
  }
}
