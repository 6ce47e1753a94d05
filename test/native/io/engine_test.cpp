#include "io/engine.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <doctest/doctest.h>
#include <filesystem>
#include <map>
#include <set>

#include "codecs/g711.hpp"
#include "io/endpoint.hpp"
#include "support/event_log.hpp"
#include "support/far_end.hpp"
#include "support/test_ports.hpp"

using namespace mediaswitch;
using namespace mediaswitch::test;
using namespace std::chrono_literals;

namespace {

const auto loopback = boost::asio::ip::make_address("127.0.0.1");

RemoteMedia remote(const FarEnd& far_end, AudioFormat format) {
  const auto type = static_cast<std::uint8_t>(format == AudioFormat::Pcmu ? 0 : 8);
  return {.address = to_address({loopback, far_end.port()}),
          .formats = {{.payload_type = {type}, .format = format, .receive = std::nullopt}},
          .telephone_event = RemoteMedia::TelephoneEvents{.send = {101}, .receive = {101}},
          .comfort_noise = std::nullopt,
          .ptime = std::nullopt};
}

struct Bench {
  EventLog log;
  Engine engine;
  std::map<std::uint64_t, Reply> replies;
  std::vector<Closed> closed;
  std::uint64_t last_ticket = 0;

  explicit Bench(std::size_t shards, std::uint16_t low = test_port(0), std::uint16_t high = test_port(999))
      : engine(
            {.local = loopback, .low_port = low, .high_port = high, .shards = shards, .seed = {1, 2, 3, 4}},
            log) {}

  Engine::Opened open(const FarEnd& far_end, AudioFormat format) {
    const auto opened = engine.open(remote(far_end, format));
    REQUIRE(opened.ok());
    return opened.value();
  }

  void take() {
    engine.drain([this](const Event& event) {
      if (const auto* reply = std::get_if<Reply>(&event)) replies[reply->ticket.value] = *reply;
      if (const auto* each = std::get_if<Closed>(&event)) closed.push_back(*each);
    });
  }

  Ticket ticket() { return {++last_ticket}; }

  Reply reply_to(Ticket asked) {
    REQUIRE(log.wait_until([&] {
      take();
      return replies.contains(asked.value);
    }));
    return replies[asked.value];
  }

  Outcome mix(ChannelId one, ChannelId other) {
    const Ticket asked = ticket();
    engine.mix(one, other, asked);
    return reply_to(asked).outcome;
  }

  Outcome close(ChannelId channel) {
    const Ticket asked = ticket();
    engine.close(channel, CloseReason::Requested, asked);
    return reply_to(asked).outcome;
  }

  Statistics statistics(ChannelId channel) {
    const Ticket asked = ticket();
    engine.ask(channel, asked);
    const Reply reply = reply_to(asked);
    REQUIRE(reply.statistics);
    return *reply.statistics;
  }
};

}  // namespace

TEST_CASE("two channels of two shards come together and hear each other") {
  const FarEnd alice;
  const FarEnd bob;
  Bench bench(2);
  const auto one = bench.open(alice, AudioFormat::Pcmu);
  const auto other = bench.open(bob, AudioFormat::Pcma);
  CHECK(bench.mix(one.channel, other.channel) == Outcome::Done);
  CHECK(bench.engine.health().moves == 1);
  alice.send(RtpBuilder{.payload = Octets(160, 0x12)}.build(), one.port);
  const auto heard = bob.receive();
  REQUIRE(heard);
  CHECK(payload_of(*heard) == Octets(160, g711::mu_to_a[0x12]));
  bob.send(RtpBuilder{.payload_type = 8, .payload = Octets(160, 0x34)}.build(), other.port);
  const auto answer = alice.receive();
  REQUIRE(answer);
  CHECK(payload_of(*answer) == Octets(160, g711::a_to_mu[0x34]));
}

TEST_CASE("moving to and fro among four shards while packets come loses none") {
  constexpr int shards = 4;
  constexpr int rounds = 100;
  constexpr int per_round = 5;
  // Sending waits for nobody, and the kernel keeps only some hundred packets for a socket.
  constexpr int rounds_ahead = 10;
  Bench bench(shards);
  std::array<FarEnd, shards> phones;
  std::vector<Engine::Opened> channels;
  for (const FarEnd& phone : phones) channels.push_back(bench.open(phone, AudioFormat::Pcmu));
  std::vector<Ticket> asked;
  std::uint16_t sequence = 0;
  const auto all_have_heard = [&] {
    for (const auto& each : channels) {
      Statistics seen;
      for (int tries = 0; tries < 2000 && seen.received.packets < sequence; ++tries) {
        seen = bench.statistics(each.channel);
      }
      CHECK(seen.received.packets == sequence);
      CHECK(seen.of_received.lost == 0);
    }
  };
  for (int round = 0; round < rounds; ++round) {
    // Every pairing in turn, crossing moves included, none waited for.
    constexpr std::array<std::array<std::size_t, 4>, 3> pairings{{{0, 1, 2, 3}, {0, 2, 1, 3}, {0, 3, 1, 2}}};
    for (const auto& each : channels) {
      asked.push_back(bench.ticket());
      bench.engine.unmix(each.channel, asked.back());
    }
    const auto& pairing = pairings.at(static_cast<std::size_t>(round) % pairings.size());
    for (std::size_t pair = 0; pair < pairing.size(); pair += 2) {
      asked.push_back(bench.ticket());
      bench.engine.mix(
          channels[pairing.at(pair)].channel, channels[pairing.at(pair + 1)].channel, asked.back());
    }
    for (int i = 0; i < per_round; ++i) {
      ++sequence;
      for (std::size_t phone = 0; phone < phones.size(); ++phone) {
        phones.at(phone).send(RtpBuilder{.sequence = sequence}.build(), channels[phone].port);
      }
    }
    if (round % rounds_ahead == rounds_ahead - 1) all_have_heard();
  }
  for (const Ticket ticket : asked) CHECK(bench.reply_to(ticket).outcome == Outcome::Done);
  CHECK(bench.engine.health().moves > 10);
  all_have_heard();
}

TEST_CASE("commands follow the channel: what was asked first is done first, moving or not") {
  const FarEnd alice;
  const FarEnd bob;
  Bench bench(2);
  for (int i = 0; i < 50; ++i) {
    const auto one = bench.open(alice, AudioFormat::Pcmu);
    const auto other = bench.open(bob, AudioFormat::Pcmu);
    const Ticket mixed = bench.ticket();
    const Ticket unmixed = bench.ticket();
    const Ticket asked = bench.ticket();
    const Ticket closed = bench.ticket();
    const Ticket again = bench.ticket();
    bench.engine.mix(one.channel, other.channel, mixed);
    bench.engine.unmix(other.channel, unmixed);
    bench.engine.ask(other.channel, asked);
    bench.engine.close(other.channel, CloseReason::Requested, closed);
    bench.engine.close(other.channel, CloseReason::Requested, again);
    CHECK(bench.reply_to(mixed).outcome == Outcome::Done);
    CHECK(bench.reply_to(unmixed).outcome == Outcome::Done);
    CHECK(bench.reply_to(asked).outcome == Outcome::Done);
    CHECK(bench.reply_to(closed).outcome == Outcome::Done);
    CHECK(bench.reply_to(again).outcome == Outcome::UnknownChannel);
    CHECK(bench.mix(one.channel, other.channel) == Outcome::UnknownChannel);
    CHECK(bench.close(one.channel) == Outcome::Done);
  }
  CHECK(bench.closed.size() == 100);
  CHECK(bench.engine.health().sockets == 0);
  CHECK(bench.engine.health().channels == 0);
  CHECK(bench.engine.health().available == 500);
}

TEST_CASE("a channel that closes while it is to be moved: the mix fails, nobody waits for ever") {
  const FarEnd phone;
  Bench bench(2);
  for (int i = 0; i < 50; ++i) {
    const auto one = bench.open(phone, AudioFormat::Pcmu);
    const auto other = bench.open(phone, AudioFormat::Pcmu);
    const Ticket closed = bench.ticket();
    const Ticket mixed = bench.ticket();
    bench.engine.close(other.channel, CloseReason::Requested, closed);
    bench.engine.mix(one.channel, other.channel, mixed);
    CHECK(bench.reply_to(closed).outcome == Outcome::Done);
    CHECK(bench.reply_to(mixed).outcome == Outcome::UnknownChannel);
    CHECK(bench.close(one.channel) == Outcome::Done);
  }
  CHECK(bench.engine.health().sockets == 0);
}

TEST_CASE("out of ports is told; closed ports come back, the oldest first") {
  const FarEnd phone;
  Bench bench(1, test_port(0), test_port(5));
  const auto first = bench.open(phone, AudioFormat::Pcmu);
  const auto second = bench.open(phone, AudioFormat::Pcmu);
  bench.open(phone, AudioFormat::Pcmu);
  const auto refused = bench.engine.open(std::nullopt);
  REQUIRE_FALSE(refused.ok());
  CHECK(std::holds_alternative<Engine::OutOfPorts>(refused.error()));
  bench.close(second.channel);
  bench.close(first.channel);
  CHECK(bench.open(phone, AudioFormat::Pcmu).port == second.port);
  CHECK(bench.open(phone, AudioFormat::Pcmu).port == first.port);
}

TEST_CASE("ports that another program holds, either of the two, are stepped over") {
  const FarEnd phone;
  boost::asio::io_context context;
  using boost::asio::ip::udp;
  const udp::socket rtp_holder(context, udp::endpoint(loopback, test_port(0)));
  const udp::socket rtcp_holder(context, udp::endpoint(loopback, test_port(3)));
  Bench bench(1, test_port(0), test_port(5));
  CHECK(bench.open(phone, AudioFormat::Pcmu).port == test_port(4));
  CHECK(bench.engine.health().sockets == 2);
  CHECK_FALSE(bench.engine.open(std::nullopt).ok());
  CHECK(bench.engine.health().sockets == 2);
}

TEST_CASE("an address that is not this machine's is refused at the start") {
  EventLog log;
  CHECK_THROWS(Engine({.local = boost::asio::ip::make_address("192.0.2.1"),
                       .low_port = test_port(0),
                       .high_port = test_port(999)},
                      log));
}

TEST_CASE("stopping closes every channel, tells of each, and refuses what comes after") {
  const FarEnd phone;
  Bench bench(3);
  std::set<ChannelId> open;
  for (int i = 0; i < 20; ++i) open.insert(bench.open(phone, AudioFormat::Pcmu).channel);
  bench.engine.stop();
  CHECK(bench.engine.health().sockets == 0);
  CHECK_FALSE(bench.engine.open(std::nullopt).ok());
  CHECK(bench.mix(*open.begin(), *open.rbegin()) == Outcome::UnknownChannel);
  for (const Closed& each : bench.closed) {
    CHECK(each.reason == CloseReason::Shutdown);
    open.erase(each.channel);
  }
  CHECK(open.empty());
  bench.engine.stop();
}

TEST_CASE("an engine that is only dropped ends its threads and sockets") {
  const FarEnd phone;
  Bench bench(2);
  bench.open(phone, AudioFormat::Pcmu);
  const auto one = bench.open(phone, AudioFormat::Pcmu);
  const auto other = bench.open(phone, AudioFormat::Pcmu);
  bench.engine.mix(one.channel, other.channel, bench.ticket());
}

TEST_CASE("channels join the group of either; two groups don't become one") {
  const FarEnd phone;
  Bench bench(4);
  std::vector<ChannelId> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(bench.open(phone, AudioFormat::Pcmu).channel);
  CHECK(bench.mix(ids[0], ids[1]) == Outcome::Done);
  CHECK(bench.mix(ids[2], ids[0]) == Outcome::Done);
  CHECK(bench.mix(ids[1], ids[2]) == Outcome::Done);
  CHECK(bench.mix(ids[3], ids[4]) == Outcome::Done);
  CHECK(bench.mix(ids[3], ids[0]) == Outcome::Conflict);
  CHECK(bench.mix(ids[3], ids[3]) == Outcome::Done);
  CHECK(bench.close(ids[4]) == Outcome::Done);
  CHECK_MESSAGE(bench.mix(ids[3], ids[0]) == Outcome::Done, "who was left alone may join");
}

TEST_CASE("what a channel does ends before it: playing, recording, reading, and then it is closed") {
  const FarEnd phone;
  EventLog log;
  std::vector<std::string> told;
  const std::string path = std::filesystem::temp_directory_path() / "mediaswitch-engine-test.wav";
  Engine engine(
      {.local = loopback, .low_port = test_port(0), .high_port = test_port(99), .shards = 1, .seed = {1}},
      log);
  const auto opened = engine.open(remote(phone, AudioFormat::Pcmu));
  REQUIRE(opened.ok());
  const ChannelId channel = opened.value().channel;
  const auto has_told = [&](const std::string& what) {
    return log.wait_until([&] {
      engine.drain([&](const Event& event) {
        if (std::holds_alternative<PlayChanged>(event)) told.emplace_back("play start");
        if (const auto* end = std::get_if<PlayEnded>(&event)) {
          told.emplace_back(end->reason == PlayEnd::ChannelClosed ? "play end" : "play end early");
        }
        if (const auto* changed = std::get_if<RecordChanged>(&event)) {
          CHECK(engine.file_of(changed->recorder) == path);
          told.emplace_back("recording");
        }
        if (const auto* finished = std::get_if<RecordFinished>(&event)) {
          CHECK(engine.file_of(finished->recorder) == path);
          CHECK(finished->reason == RecordEnd::ChannelClosed);
          CHECK(finished->octets == std::filesystem::file_size(path));
          told.emplace_back("record end");
        }
        if (std::holds_alternative<ReaderEnded>(event)) told.emplace_back("reader end");
        if (std::holds_alternative<Closed>(event)) {
          CHECK(engine.health().channels == 0);
          told.emplace_back("closed");
        }
      });
      return std::ranges::find(told, what) != told.end();
    });
  };
  const PlaylistTone for_ever{.cadences = {{.length = Millis{1000}, .waves = {{.from = 440, .to = 440}}}},
                              .plays = 0};
  engine.play(channel, {.entries = {for_ever}}, {1});
  engine.record(channel, path, {}, {2});
  REQUIRE(engine.open_reader(channel, ReadDirection::Both, AudioFormat::L16Narrow));
  REQUIRE(phone.receive());
  REQUIRE(has_told("recording"));
  engine.close(channel, CloseReason::Requested, {3});
  REQUIRE(has_told("closed"));
  // The file is written by a thread of its own: whether it or the reader ends first is not said.
  std::ranges::sort(told.begin() + 3, told.end() - 1);
  CHECK(told == std::vector<std::string>{
                    "play start", "recording", "play end", "reader end", "record end", "closed"});
  std::filesystem::remove(path);
}

TEST_CASE("a script's own audio is played, and it reads what comes") {
  const FarEnd phone;
  Bench bench(1);
  const auto one = bench.open(phone, AudioFormat::Pcmu);
  const auto writer = bench.engine.open_writer(one.channel, narrowband);
  const auto reader = bench.engine.open_reader(one.channel, ReadDirection::In, AudioFormat::Pcmu);
  REQUIRE(writer);
  REQUIRE(reader);
  const std::vector<std::int16_t> loud(800, 8000);
  CHECK(bench.engine.writer(*writer)->write(loud) == 800);
  bench.engine.writer(*writer)->end();
  for (int i = 0; i < 5; ++i) {
    const auto heard = phone.receive();
    REQUIRE(heard);
    CHECK(payload_of(*heard) == Octets(160, g711::encode_mu(8000)));
  }
  for (std::uint16_t i = 0; i < 10; ++i) {
    phone.send(RtpBuilder{.sequence = i, .timestamp = i * 160U, .payload = Octets(160, 0x12)}.build(),
               one.port);
  }
  Octets chunk(160);
  bool has_come = false;
  CHECK(bench.log.wait_until([&] {
    bench.take();
    while (bench.engine.reader(*reader)->read(chunk) > 0) has_come = has_come || chunk[80] == 0x12;
    return has_come;
  }));
  bench.engine.close_reader(*reader);
  CHECK(bench.engine.reader(*reader) == nullptr);
  CHECK_FALSE(bench.engine.open_writer({99}, narrowband));
}

TEST_CASE("which far ends our sockets can reach") {
  EventLog log;
  const auto options = [](const char* local) {
    return Engine::Options{
        .local = boost::asio::ip::make_address(local), .low_port = test_port(0), .high_port = test_port(999)};
  };
  const Address ipv4 = to_address({boost::asio::ip::make_address("192.0.2.1"), 1});
  const Address ipv6 = to_address({boost::asio::ip::make_address("2001:db8::1"), 1});
  const Engine loopback4(options("127.0.0.1"), log);
  CHECK(loopback4.can_reach(ipv4));
  CHECK_FALSE(loopback4.can_reach(ipv6));
  const Engine loopback6(options("::1"), log);
  CHECK_FALSE(loopback6.can_reach(ipv4));
  CHECK(loopback6.can_reach(ipv6));
  const Engine any6(options("::"), log);
  CHECK(any6.can_reach(ipv4));
  CHECK(any6.can_reach(ipv6));
}
