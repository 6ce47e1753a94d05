#include "io/datagram_port.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <net/if.h>
#include <ostream>
#include <poll.h>
#include <string>
#include <utility>
#include <vector>

#include "support/allocation_count.hpp"

using namespace mediaswitch;
using namespace mediaswitch::test;

namespace {

constexpr int receive_buffer = 1 << 20;

DatagramPort open_port(const std::string& address, std::uint16_t port = 0) {
  auto bound = DatagramPort::bind(read_address(address, port), receive_buffer);
  REQUIRE(bound.ok());
  return std::move(bound.value());
}

std::vector<std::uint8_t> memory() {
  return std::vector<std::uint8_t>(DatagramPort::most * DatagramPort::octets_each);
}

std::size_t read(DatagramPort& port, std::span<std::uint8_t> into, DatagramPort::Headers& headers) {
  const auto count = port.read(into, headers);
  REQUIRE(count.ok());
  return count.value();
}

void wait_for(const DatagramPort& port) {
  pollfd wanted{.fd = port.descriptor(), .events = POLLIN, .revents = 0};
  REQUIRE(poll(&wanted, 1, 5000) == 1);
}

}  // namespace

TEST_CASE("a batch of datagrams: each in its place, with length and source, and the rest by the next read") {
  for (const std::string address : {"127.0.0.1", "::1"}) {
    CAPTURE(address);
    const DatagramPort from = open_port(address);
    DatagramPort to = open_port(address);
    auto into = memory();
    DatagramPort::Headers headers{};
    CHECK(read(to, into, headers) == 0);

    constexpr std::size_t sent = DatagramPort::most + 3;
    for (std::size_t i = 0; i < sent; ++i) {
      const std::vector<std::uint8_t> octets(i, static_cast<std::uint8_t>(i));
      REQUIRE_FALSE(from.send(octets, to.local()));
    }
    wait_for(to);
    const std::size_t before = allocation_count();
    const std::size_t counted = read(to, into, headers);
    CHECK(allocation_count() == before);
    CHECK(counted == DatagramPort::most);
    for (std::size_t i = 0; i < DatagramPort::most; ++i) {
      CHECK(headers[i].octets == i);
      CHECK(address_text(*headers[i].from) == address);
      CHECK(port_of(*headers[i].from) == port_of(from.local()));
      const auto octets = std::span(into).subspan(i * DatagramPort::octets_each, i);
      CHECK(std::ranges::all_of(octets, [i](std::uint8_t octet) { return octet == i; }));
    }
    CHECK(read(to, into, headers) == 3);
    CHECK(headers[2].octets == sent - 1);
    CHECK(read(to, into, headers) == 0);
  }
}

TEST_CASE("errors are the system's, and a closed port is free") {
  DatagramPort port = open_port("127.0.0.1");
  const std::uint16_t number = port_of(port.local());
  const auto taken = DatagramPort::bind(read_address("127.0.0.1", number), receive_buffer);
  REQUIRE_FALSE(taken.ok());
  CHECK(taken.error().value() == EADDRINUSE);
  // TEST-NET-1 (RFC 5737) is nobody's.
  const auto strange = DatagramPort::bind(read_address("192.0.2.1", 0), receive_buffer);
  REQUIRE_FALSE(strange.ok());
  CHECK(strange.error().value() == EADDRNOTAVAIL);

  CHECK(port.send(std::vector<std::uint8_t>(70'000), port.local()).value() == EMSGSIZE);
  CHECK(port.send({}, read_address("::1", 5060)).value() == EAFNOSUPPORT);

  CHECK((fcntl(port.descriptor(), F_GETFD) & FD_CLOEXEC) != 0);
  CHECK((fcntl(port.descriptor(), F_GETFL) & O_NONBLOCK) != 0);
  CHECK(port.receive_buffer() > 0);
  const SocketAddress local = port.local();
  port.close();
  port.close();
  CHECK(port.send({}, local).value() == EBADF);
  auto into = memory();
  DatagramPort::Headers headers{};
  const auto count = port.read(into, headers);
  REQUIRE_FALSE(count.ok());
  CHECK(count.error().value() == EBADF);
  CHECK(port_of(open_port("127.0.0.1", number).local()) == number);
}

TEST_CASE("an IPv6 port leaves IPv4 to another") {
  const DatagramPort six = open_port("::");
  const DatagramPort four = open_port("0.0.0.0", port_of(six.local()));
  CHECK(address_text(six.local()) == "::");
  CHECK(address_text(four.local()) == "0.0.0.0");
}

TEST_CASE("addresses as text") {
  for (const std::string text : {"192.0.2.7", "255.255.255.255", "2001:db8::1", "fe80::1"}) {
    CAPTURE(text);
    const SocketAddress address = read_address(text, 5060);
    CHECK(address_text(address) == text);
    CHECK(port_of(address) == 5060);
  }
  const SocketAddress named = read_address("fe80::1%lo", 5060);
  CHECK(named.ipv6.sin6_scope_id == if_nametoindex("lo"));
  CHECK(address_text(named) == "fe80::1%lo");
  CHECK(address_text(read_address("fe80::1%123456", 1)) == "fe80::1%123456");
  for (const std::string text : {"", "localhost", "1.2.3", "1.2.3.4.5", "[::1]", "::1 ", "1.2.3.4%lo"}) {
    CAPTURE(text);
    CHECK(read_address(text, 5060).size == 0);
  }
}
