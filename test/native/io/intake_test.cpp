#include "io/intake.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <chrono>
#include <cstdint>
#include <doctest/doctest.h>
#include <unistd.h>

#include "io/monotonic_clock.hpp"
#include "support/allocation_count.hpp"
#include "support/far_end.hpp"

using namespace mediaswitch;
using namespace mediaswitch::test;
using namespace std::chrono_literals;

namespace {

struct Socket {
  Socket() : fd(socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof own;
    REQUIRE(bind(fd, reinterpret_cast<const sockaddr*>(&own), size) == 0);
    getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size);
    port = ntohs(own.sin_port);
  }
  ~Socket() { close(fd); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  Socket(Socket&&) = delete;
  Socket& operator=(Socket&&) = delete;

  int fd;
  std::uint16_t port = 0;
};

}  // namespace

TEST_CASE("several datagrams are read at once, in order, with their source and when they came") {
  const Socket socket;
  const FarEnd phone;
  Intake intake(100);
  Intake::stamp(socket.fd, Intake::Stamping::On);
  CHECK(intake.read(socket.fd) == 0);

  // The wall clock the system stamps with may run a little otherwise than ours.
  constexpr auto drift = 1ms;
  Time before{};
  Time after{};
  // The system begins to stamp a little after it was asked to: what came before that came when it was read.
  for (int round = 0; round < 1000; ++round) {
    before = monotonic_now();
    for (std::uint8_t i = 1; i <= 3; ++i) phone.send(Octets(i, i), socket.port);
    after = monotonic_now();
    while (monotonic_now() < after + 5ms) {
    }
    const std::size_t allocations = allocation_count();
    const int read = intake.read(socket.fd);
    REQUIRE(allocation_count() == allocations);
    REQUIRE(read == 3);
    if (intake.datagram(0).arrived <= after + drift) break;
  }
  for (std::uint8_t i = 0; i < 3; ++i) {
    const Datagram datagram = intake.datagram(i);
    CHECK(datagram.octets.size() == i + 1U);
    CHECK(std::ranges::all_of(datagram.octets, [i](std::uint8_t octet) { return octet == i + 1; }));
    CHECK(datagram.from.port == phone.port());
    CHECK(datagram.arrived >= before - drift);
    CHECK(datagram.arrived <= after + drift);
    CHECK_FALSE(intake.is_cut(i));
  }
}

TEST_CASE("no more than asked for; one that is too long is told") {
  const Socket socket;
  const FarEnd phone;
  Intake intake(10);
  phone.send(Octets(10), socket.port);
  phone.send(Octets(11), socket.port);
  CHECK(intake.read(socket.fd, 1) == 1);
  CHECK(intake.datagram(0).octets.size() == 10);
  CHECK_FALSE(intake.is_cut(0));
  CHECK(intake.read(socket.fd) == 1);
  CHECK(intake.is_cut(0));
}

TEST_CASE("a socket that can't be read is an error") {
  Intake intake(10);
  CHECK(intake.read(-1) == -1);
}
