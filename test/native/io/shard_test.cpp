#include "io/shard.hpp"

#include <array>
#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <doctest/doctest.h>
#include <thread>
#include <vector>

#include "io/endpoint.hpp"
#include "support/allocation_count.hpp"
#include "support/event_log.hpp"
#include "support/far_end.hpp"
#include "support/test_ports.hpp"

using namespace mediaswitch;
using namespace mediaswitch::test;
using namespace std::chrono_literals;

namespace {

const auto loopback = boost::asio::ip::make_address("127.0.0.1");

/// What the shard takes for a second when it looks for idle channels.
constexpr Millis quick_second{20};

struct OneShard {
  SocketCount sockets{0};
  Events events{1};
  EventLog log;
  Shard shard{0, events, log, quick_second};
  std::vector<Closed> closed;
  std::vector<Reply> replies;
  std::size_t keys = 0;

  ~OneShard() {
    shard.submit(command::Stop{});
    shard.join();
  }

  RemoteMedia remote(const FarEnd& far_end, AudioFormat format) {
    const auto type = static_cast<std::uint8_t>(format == AudioFormat::Pcmu ? 0 : 8);
    return {.address = to_address({loopback, far_end.port()}),
            .formats = {{.payload_type = {type}, .format = format, .receive = std::nullopt}},
            .telephone_event = RemoteMedia::TelephoneEvents{.send = {101}, .receive = {101}},
            .comfort_noise = std::nullopt,
            .ptime = std::nullopt};
  }

  void open(std::uint64_t id,
            std::uint16_t port,
            const FarEnd& far_end,
            AudioFormat format,
            bool may_receive = true) {
    auto bound = bind_pair(loopback, port, sockets);
    REQUIRE(bound.ok());
    RemoteMedia far = remote(far_end, format);
    far.may_receive = may_receive;
    shard.submit(command::Open{.runner = std::make_unique<ChannelRunner>(
                                   ChannelId{id}, Random({id, 0, 0, 0}), std::move(bound.value())),
                               .remote = std::move(far)});
  }

  void take() {
    events.drain([this](const Event& event) {
      if (const auto* reply = std::get_if<Reply>(&event)) replies.push_back(*reply);
      if (const auto* each = std::get_if<Closed>(&event)) closed.push_back(*each);
      if (std::holds_alternative<KeyPressed>(event) || std::holds_alternative<KeyReleased>(event)) ++keys;
    });
  }

  /// Asks for a channel's statistics until they are as wanted; sending to it does not wait for its reading.
  template <class AsWanted>
  std::optional<Statistics> statistics_when(ChannelId channel, AsWanted&& as_wanted) {
    std::optional<Statistics> seen;
    const std::size_t replies_before = replies.size();
    std::size_t asked = 0;
    const bool came = log.wait_until([&] {
      take();
      if (replies.size() > replies_before) seen = replies.back().statistics;
      if (seen && as_wanted(*seen)) return true;
      if (replies.size() == replies_before + asked) {
        shard.submit(command::Ask{.channel = channel, .asker = {.ticket = {++asked}, .room = {}}});
      }
      return false;
    });
    return came ? seen : std::nullopt;
  }

  bool has_replies(std::size_t count) {
    return log.wait_until([&] {
      take();
      return replies.size() >= count;
    });
  }
};

}  // namespace

TEST_CASE("through real sockets: 1,000 packets of a transcoded call allocate nothing") {
  const FarEnd alice;
  const FarEnd bob;
  OneShard one;
  one.open(1, test_port(0), alice, AudioFormat::Pcmu);
  one.open(2, test_port(2), bob, AudioFormat::Pcma);
  one.shard.submit(command::Mix{.one = {1}, .other = {2}, .asker = {.ticket = {1}, .room = {}}});
  REQUIRE(one.has_replies(1));

  Octets packet = RtpBuilder{}.build();
  Octets event = RtpBuilder{.payload_type = 101, .payload = {5, 10, 0, 160}}.build();
  const Octets junk(100, 0x77);
  std::uint16_t sequence = 0;
  int received = 0;
  std::uint16_t press = 0;
  const auto send = [&](Octets& octets) {
    ++sequence;
    octets[2] = static_cast<std::uint8_t>(sequence >> 8U);
    octets[3] = static_cast<std::uint8_t>(sequence & 0xFFU);
    alice.send(octets, test_port(0));
    if (bob.receives()) ++received;
  };
  const auto exchange = [&](int rounds) {
    for (int i = 0; i < rounds; ++i) {
      alice.send(junk, test_port(0));
      alice.send(junk, test_port(1));
      send(packet);
      // A new press each time: the event to JavaScript is part of what may not allocate.
      ++press;
      event[5] = static_cast<std::uint8_t>(press >> 8U);
      event[6] = static_cast<std::uint8_t>(press & 0xFFU);
      send(event);
    }
  };
  // The first packets let Asio set up what it keeps for each thread.
  exchange(10);
  const std::size_t before = allocation_count();
  exchange(100);
  exchange(90);
  const std::size_t after = allocation_count();
  CHECK(after - before == 0);
  CHECK(received == 400);

  const auto statistics = one.statistics_when({1}, [](const Statistics& seen) {
    return seen.dropped.of(Drop::NotMedia) == 200 && seen.dropped.of(Drop::NotRtcp) == 200;
  });
  REQUIRE(statistics);
  CHECK(statistics->received.packets == 400);
  // Each press gives up the one before it; the last one is let go when its packets have stopped for a while.
  const std::size_t told = one.keys + one.events.lost();
  CHECK(told >= 399);
  CHECK(told <= 400);
}

TEST_CASE(
    "a silent channel is closed after 20 s; one that hears something stays, and one that takes nothing") {
  const FarEnd phone;
  OneShard one;
  one.open(1, test_port(0), phone, AudioFormat::Pcmu);
  one.open(2, test_port(2), phone, AudioFormat::Pcmu);
  one.open(3, test_port(4), phone, AudioFormat::Pcmu, false);
  const auto opened_at = std::chrono::steady_clock::now();
  std::uint16_t sequence = 0;
  const auto told = [&] {
    one.take();
    return !one.closed.empty();
  };
  while (!told() && std::chrono::steady_clock::now() - opened_at < 10s) {
    phone.send(RtpBuilder{.sequence = ++sequence}.build(), test_port(2));
    static_cast<void>(phone.receives(1ms));
  }
  REQUIRE(one.closed.size() == 1);
  CHECK(std::chrono::steady_clock::now() - opened_at >= 19 * quick_second);
  CHECK(one.closed[0].channel == ChannelId{1});
  CHECK(one.closed[0].reason == CloseReason::IdleTimeout);
  one.shard.submit(command::Unmix{.channel = {1}, .asker = {.ticket = {1}, .room = {}}});
  REQUIRE(one.has_replies(1));
  CHECK(one.replies[0].outcome == Outcome::UnknownChannel);
  CHECK_MESSAGE(one.sockets == 4, "the two others still have theirs");
}

TEST_CASE("datagrams of 0, 1, 9,000 and 60,000 octets are survived and counted") {
  const FarEnd alice;
  OneShard one;
  one.open(1, test_port(0), alice, AudioFormat::Pcmu);
  const Octets big = RtpBuilder{.payload = Octets(8988, 0x11)}.build();
  CHECK(big.size() == 9000);
  alice.send({}, test_port(0));
  alice.send(Octets{0x80}, test_port(0));
  alice.send(big, test_port(0));
  alice.send(Octets(60000, 0x80), test_port(0));
  const auto seen = one.statistics_when(
      {1}, [](const Statistics& statistics) { return statistics.dropped.of(Drop::Oversize) == 1; });
  REQUIRE(seen);
  CHECK(seen->dropped.of(Drop::NotMedia) == 1);
  CHECK(seen->dropped.of(Drop::TruncatedHeader) == 1);
  CHECK(seen->dropped.of(Drop::NotBridged) == 1);
  CHECK(seen->received.octets == 8988);
}

TEST_CASE("commands of two threads are carried out in the order of each") {
  constexpr std::uint64_t each = 500;
  constexpr std::uint64_t senders = 2;
  OneShard one;
  std::vector<std::thread> threads;
  for (std::uint64_t sender = 0; sender < senders; ++sender) {
    threads.emplace_back([&one, sender] {
      for (std::uint64_t i = 0; i < each; ++i) {
        one.shard.submit(
            command::Ask{.channel = {7}, .asker = {.ticket = {i * senders + sender}, .room = {}}});
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  REQUIRE(one.has_replies(senders * each));
  std::array<std::uint64_t, senders> next{};
  for (const Reply& reply : one.replies) {
    CHECK(reply.outcome == Outcome::UnknownChannel);
    std::uint64_t& expected = next.at(reply.ticket.value % senders);
    CHECK(reply.ticket.value / senders == expected);
    ++expected;
  }
}
