#include "io/shard.hpp"

#include <atomic>
#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <doctest/doctest.h>

#include "io/endpoint.hpp"
#include "support/allocation_count.hpp"
#include "support/event_log.hpp"
#include "support/far_end.hpp"

using namespace mediaswitch;
using namespace mediaswitch::test;
using namespace std::chrono_literals;

namespace {

std::atomic<std::int64_t> skipped_seconds{0};

/// The real clock and what a test adds to it.
Time skipping_clock() { return monotonic_now() + std::chrono::seconds{skipped_seconds.load()}; }

const auto loopback = boost::asio::ip::make_address("127.0.0.1");

struct OneShard {
  SocketCount sockets{0};
  Events events{1};
  EventLog log;
  Shard shard{0, skipping_clock, events, log};
  boost::asio::io_context binding;
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
            .formats = {{.payload_type = {type}, .format = format}},
            .telephone_event = PayloadType{101}};
  }

  void open(std::uint64_t id, std::uint16_t port, const FarEnd& far_end, AudioFormat format) {
    auto bound = bind_pair(binding, loopback, port, sockets);
    REQUIRE(bound.ok());
    shard.submit(command::Open{.runner = std::make_unique<ChannelRunner>(
                                   ChannelId{id}, Random({id, 0, 0, 0}), std::move(bound.value())),
                               .remote = remote(far_end, format)});
  }

  void take() {
    events.drain([this](Event&& event) {
      if (auto* reply = std::get_if<Reply>(&event)) replies.push_back(*reply);
      if (auto* each = std::get_if<Closed>(&event)) closed.push_back(*each);
      if (std::holds_alternative<KeyPressed>(event)) ++keys;
    });
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
  one.open(1, 41000, alice, AudioFormat::Pcmu);
  one.open(2, 41002, bob, AudioFormat::Pcma);
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
    alice.send(octets, 41000);
    if (bob.receives()) ++received;
  };
  const auto exchange = [&](int rounds) {
    for (int i = 0; i < rounds; ++i) {
      alice.send(junk, 41000);
      alice.send(junk, 41001);
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

  one.shard.submit(command::Ask{.channel = {1}, .asker = {.ticket = {2}, .room = {}}});
  REQUIRE(one.has_replies(2));
  REQUIRE(one.replies[1].statistics);
  CHECK(one.replies[1].statistics->received.packets == 400);
  CHECK(one.replies[1].statistics->dropped.of(Drop::NotMedia) == 200);
  CHECK(one.replies[1].statistics->dropped.of(Drop::NotRtcp) == 200);
  CHECK(one.keys + one.events.lost() == 200);
}

TEST_CASE("a silent channel is closed after 20 s, another that hears something stays") {
  const FarEnd alice;
  const FarEnd bob;
  OneShard one;
  one.open(1, 41000, alice, AudioFormat::Pcmu);
  one.open(2, 41002, bob, AudioFormat::Pcmu);
  skipped_seconds += 15;
  one.shard.submit(command::Ask{.channel = {1}, .asker = {.ticket = {1}, .room = {}}});
  REQUIRE(one.has_replies(1));
  // The shard looks once a second; what it heard in between decides.
  skipped_seconds += 15;
  REQUIRE(one.log.wait_until([&] {
    one.take();
    return one.closed.size() == 2;
  }));
  CHECK(one.closed[0].reason == CloseReason::IdleTimeout);
  CHECK(one.sockets == 0);
  one.shard.submit(command::Unmix{.channel = {1}, .asker = {.ticket = {2}, .room = {}}});
  REQUIRE(one.has_replies(2));
  CHECK(one.replies[1].outcome == Outcome::UnknownChannel);
}

TEST_CASE("datagrams of 0, 1, 9,000 and 60,000 octets are survived and counted") {
  const FarEnd alice;
  OneShard one;
  one.open(1, 41000, alice, AudioFormat::Pcmu);
  const Octets big = RtpBuilder{.payload = Octets(8988, 0x11)}.build();
  CHECK(big.size() == 9000);
  alice.send({}, 41000);
  alice.send(Octets{0x80}, 41000);
  alice.send(big, 41000);
  alice.send(Octets(60000, 0x80), 41000);
  std::optional<Statistics> seen;
  std::uint64_t ticket = 0;
  REQUIRE(one.log.wait_until([&] {
    one.take();
    if (!one.replies.empty()) seen = one.replies.back().statistics;
    if (seen && seen->dropped.of(Drop::Oversize) == 1) return true;
    if (one.replies.size() == ticket) {
      one.shard.submit(command::Ask{.channel = {1}, .asker = {.ticket = {++ticket}, .room = {}}});
    }
    return false;
  }));
  CHECK(seen->dropped.of(Drop::NotMedia) == 1);
  CHECK(seen->dropped.of(Drop::TruncatedHeader) == 1);
  CHECK(seen->dropped.of(Drop::NotBridged) == 1);
  CHECK(seen->received.octets == 8988);
}
