#include "rtp/channel.hpp"

#include <chrono>
#include <doctest/doctest.h>
#include <map>
#include <memory>
#include <vector>

#include "codecs/g711.hpp"
#include "rtp/group.hpp"
#include "support/addresses.hpp"
#include "support/allocation_count.hpp"
#include "support/recording_outbox.hpp"

using namespace mediaswitch;
using namespace mediaswitch::test;
using namespace std::chrono_literals;

namespace {

constexpr Address alice_address = address(1, 4000);
constexpr Address bob_address = address(2, 5000);

RemoteMedia remote(const Address& at, AudioFormat format) {
  return {.address = at,
          .formats = {{.payload_type = {static_cast<std::uint8_t>(format == AudioFormat::Pcmu ? 0 : 8)},
                       .format = format,
                       .receive = std::nullopt}},
          .telephone_event = RemoteMedia::TelephoneEvents{.send = {101}, .receive = {101}},
          .comfort_noise = std::nullopt,
          .ptime = std::nullopt};
}

/// Alice speaks PCMU, Bob PCMA.
struct Call {
  RecordingOutbox from_alice_port;
  RecordingOutbox from_bob_port;
  Channel alice{{1}, from_alice_port, Random({1, 0, 0, 0})};
  Channel bob{{2}, from_bob_port, Random({2, 0, 0, 0})};
  Time now{1h};
  Group group;

  Call() {
    alice.target(remote(alice_address, AudioFormat::Pcmu));
    bob.target(remote(bob_address, AudioFormat::Pcma));
    group.add(alice);
    group.add(bob);
    group.arrange();
  }
  ~Call() {
    while (!group.members().empty()) group.remove(*group.members().front());
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  Call(Call&&) = delete;
  Call& operator=(Call&&) = delete;

  /// As the shard does after each command.
  void target(Channel& channel, const RemoteMedia& media) {
    channel.target(media);
    group.arrange();
  }
  /// `leaver` goes, `other` comes.
  void swap(Channel& leaver, Channel& other) {
    group.remove(leaver);
    group.add(other);
    group.arrange();
  }

  void receive(Channel& channel, Octets octets, const Address& from) {
    channel.receive({.octets = octets, .from = from, .arrived = now});
  }
  void alice_sends(const RtpBuilder& builder) { receive(alice, builder.build(), alice_address); }
  void bob_sends(const RtpBuilder& builder) { receive(bob, builder.build(), bob_address); }
};

/// What a channel dropped: only the reasons that occurred.
std::map<Drop, std::uint64_t> drops_of(const Channel& channel) {
  std::map<Drop, std::uint64_t> drops;
  const Statistics statistics = channel.statistics();
  for (const Drop drop : all_drops) {
    if (statistics.dropped.of(drop) > 0) drops[drop] = statistics.dropped.of(drop);
  }
  return drops;
}

using Drops = std::map<Drop, std::uint64_t>;

}  // namespace

TEST_CASE("a call with two codecs: each hears the other, counted on both sides") {
  Call call;
  call.alice_sends({.payload_type = 0, .payload = Octets(160, 0x12)});
  call.bob_sends({.payload_type = 8, .payload = Octets(80, 0x34)});

  REQUIRE(call.from_bob_port.sent.size() == 1);
  CHECK(call.from_bob_port.sent[0].to == bob_address);
  CHECK(payload_type_of(call.from_bob_port.sent[0].packet) == 8);
  CHECK(payload_of(call.from_bob_port.sent[0].packet) == Octets(160, g711::mu_to_a[0x12]));
  REQUIRE(call.from_alice_port.sent.size() == 1);
  CHECK(call.from_alice_port.sent[0].to == alice_address);
  CHECK(payload_of(call.from_alice_port.sent[0].packet) == Octets(80, g711::a_to_mu[0x34]));

  const Statistics alice = call.alice.statistics();
  CHECK(alice.received.packets == 1);
  CHECK(alice.received.octets == 160);
  CHECK(alice.sent.packets == 1);
  CHECK(alice.sent.octets == 80);
  CHECK(drops_of(call.alice).empty());
}

TEST_CASE("any agreed format is taken, the first is sent") {
  Call call;
  RemoteMedia both = remote(alice_address, AudioFormat::Pcma);
  both.formats.push_back({.payload_type = {0}, .format = AudioFormat::Pcmu, .receive = std::nullopt});
  call.target(call.alice, both);
  call.alice_sends({.payload_type = 0, .payload = Octets(160, 0x12)});
  call.alice_sends({.payload_type = 8, .sequence = 2, .payload = Octets(160, 0x12)});
  REQUIRE(call.from_bob_port.sent.size() == 2);
  CHECK(payload_of(call.from_bob_port.sent[0].packet) == Octets(160, g711::mu_to_a[0x12]));
  CHECK(payload_of(call.from_bob_port.sent[1].packet) == Octets(160, 0x12));
  call.bob_sends({.payload_type = 8});
  CHECK(payload_type_of(call.from_alice_port.sent.at(0).packet) == 8);
}

TEST_CASE("the receiver sees loss, reordering and duplicates as they came") {
  Call call;
  for (const std::uint16_t sequence : std::vector<std::uint16_t>{10, 11, 14, 13, 13, 15}) {
    call.alice_sends({.sequence = sequence, .timestamp = sequence * 160U});
  }
  std::vector<int> seen;
  const auto& sent = call.from_bob_port.sent;
  for (const auto& each : sent) {
    seen.push_back(static_cast<std::int16_t>(sequence_of(each.packet) - sequence_of(sent[0].packet)));
    CHECK(timestamp_of(each.packet) - timestamp_of(sent[0].packet) ==
          static_cast<std::uint32_t>(seen.back()) * 160U);
  }
  CHECK(seen == std::vector<int>{0, 1, 4, 3, 3, 5});
  CHECK(call.alice.statistics().of_received.lost == 0);
}

TEST_CASE("a change of SSRC goes on in one stream of ours") {
  Call call;
  call.alice_sends({.sequence = 10, .timestamp = 1600, .ssrc = 1});
  call.now += 60ms;
  call.alice_sends({.sequence = 61000, .timestamp = 5, .ssrc = 2});
  const auto& sent = call.from_bob_port.sent;
  REQUIRE(sent.size() == 2);
  CHECK(ssrc_of(sent[0].packet) == ssrc_of(sent[1].packet));
  CHECK(static_cast<std::uint16_t>(sequence_of(sent[1].packet) - sequence_of(sent[0].packet)) == 1);
  CHECK(timestamp_of(sent[1].packet) - timestamp_of(sent[0].packet) == 480);
}

TEST_CASE("in another bridge the stream goes on too, and the old partner hears nothing more") {
  Call call;
  RecordingOutbox from_carol_port;
  Channel carol({3}, from_carol_port, Random({3, 0, 0, 0}));
  carol.target(remote(address(3), AudioFormat::Pcmu));
  call.alice_sends({.sequence = 10});
  call.now += 20ms;
  call.swap(call.alice, carol);
  call.alice_sends({.sequence = 11});
  CHECK(drops_of(call.alice) == Drops{{Drop::NotBridged, 1}});
  call.receive(carol, RtpBuilder{.sequence = 777}.build(), address(3));
  call.group.remove(carol);
  const auto& sent = call.from_bob_port.sent;
  REQUIRE(sent.size() == 2);
  CHECK(ssrc_of(sent[0].packet) == ssrc_of(sent[1].packet));
  CHECK(static_cast<std::uint16_t>(sequence_of(sent[1].packet) - sequence_of(sent[0].packet)) == 1);
}

TEST_CASE("a partner that leaves is not heard any more, and hears nothing") {
  Call call;
  call.alice_sends({.sequence = 1});
  CHECK(call.from_bob_port.sent.size() == 1);
  call.group.remove(call.bob);
  call.group.arrange();
  call.alice_sends({.sequence = 2});
  call.bob_sends({.payload_type = 8});
  CHECK(drops_of(call.alice) == Drops{{Drop::NotBridged, 1}});
  CHECK(drops_of(call.bob) == Drops{{Drop::NotBridged, 1}});
  CHECK(call.from_bob_port.sent.size() == 1);
  CHECK(call.from_alice_port.sent.empty());
}

TEST_CASE("a key press is told once and each packet is passed on under the other side's payload type") {
  Call call;
  RemoteMedia other_type = remote(bob_address, AudioFormat::Pcma);
  other_type.telephone_event = RemoteMedia::TelephoneEvents{.send = {96}, .receive = {97}};
  call.target(call.bob, other_type);
  for (std::uint16_t i = 0; i < 14; ++i) {
    call.alice_sends({.marker = i == 0,
                      .payload_type = 101,
                      .sequence = static_cast<std::uint16_t>(i + 1),
                      .timestamp = 8000,
                      .payload = {11, 10, static_cast<std::uint8_t>(i), 160}});
  }
  CHECK(call.from_alice_port.keys == "#");
  CHECK(call.from_bob_port.keys.empty());
  REQUIRE(call.from_bob_port.sent.size() == 14);
  CHECK(marker_of(call.from_bob_port.sent[0].packet));
  CHECK(payload_type_of(call.from_bob_port.sent[13].packet) == 96);
  CHECK(timestamp_of(call.from_bob_port.sent[13].packet) == timestamp_of(call.from_bob_port.sent[0].packet));
}

TEST_CASE("telephone-events by another clock, agreed on anew in mid-call, are told and passed on by it") {
  Call call;
  call.alice_sends({.payload_type = 101, .payload = {5, 0x8A, 0, 160}});
  CHECK(payload_of(call.from_bob_port.sent.at(0).packet) == Octets{5, 0x8A, 0, 160});
  RemoteMedia anew = remote(alice_address, AudioFormat::Pcmu);
  anew.telephone_event->clock = {16000};
  call.target(call.alice, anew);
  call.alice_sends({.payload_type = 101, .sequence = 2, .timestamp = 8000, .payload = {6, 0x8A, 1, 0x40}});
  CHECK(payload_of(call.from_bob_port.sent.at(1).packet) == Octets{6, 0x8A, 0, 160});
  REQUIRE(call.from_alice_port.releases.size() == 2);
  CHECK(call.from_alice_port.releases[0].held == 20ms);
  CHECK(call.from_alice_port.releases[1].held == 20ms);
  // Of the leg that is sent to.
  anew = remote(bob_address, AudioFormat::Pcma);
  anew.telephone_event->clock = {48000};
  call.target(call.bob, anew);
  call.alice_sends({.payload_type = 101, .sequence = 3, .timestamp = 9000, .payload = {7, 0x8A, 1, 0x40}});
  CHECK(payload_of(call.from_bob_port.sent.at(2).packet) == Octets{7, 0x8A, 3, 0xC0});
}

TEST_CASE("where the other side takes no telephone-events they are told and dropped") {
  Call call;
  RemoteMedia without = remote(bob_address, AudioFormat::Pcma);
  without.telephone_event.reset();
  call.target(call.bob, without);
  call.alice_sends({.payload_type = 101, .payload = {1, 10, 0, 160}});
  CHECK(call.from_alice_port.keys == "1");
  CHECK(call.from_bob_port.sent.empty());
  CHECK(drops_of(call.alice) == Drops{{Drop::TelephoneEventRefused, 1}});
}

TEST_CASE("directions: what we don't take and what we don't send") {
  Call call;
  RemoteMedia deaf = remote(alice_address, AudioFormat::Pcmu);
  deaf.may_receive = false;
  call.target(call.alice, deaf);
  call.alice_sends({.sequence = 1});
  CHECK(drops_of(call.alice) == Drops{{Drop::ReceiveOff, 1}});
  call.bob_sends({.payload_type = 8});
  CHECK(call.from_alice_port.sent.size() == 1);

  RemoteMedia mute = remote(bob_address, AudioFormat::Pcma);
  mute.may_send = false;
  call.target(call.bob, mute);
  call.target(call.alice, remote(alice_address, AudioFormat::Pcmu));
  call.alice_sends({.sequence = 2});
  CHECK(drops_of(call.alice) == Drops{{Drop::ReceiveOff, 1}, {Drop::SendOff, 1}});
  CHECK(call.from_bob_port.sent.empty());
}

TEST_CASE("the address 0.0.0.0 means: send nothing (RFC 3264 §8.4)") {
  Call call;
  RemoteMedia held = remote(bob_address, AudioFormat::Pcma);
  held.address = {.ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0}, .port = 5000};
  call.target(call.bob, held);
  call.alice_sends({});
  CHECK(call.from_bob_port.sent.empty());
  CHECK(drops_of(call.alice) == Drops{{Drop::SendOff, 1}});
}

TEST_CASE("a leg whose far end is not known hears nothing yet") {
  Call call;
  RecordingOutbox outbox;
  Channel carol({3}, outbox, Random({3, 0, 0, 0}));
  call.swap(call.bob, carol);
  call.alice_sends({});
  CHECK(drops_of(call.alice) == Drops{{Drop::NoDestination, 1}});
  call.receive(carol, RtpBuilder{}.build(), address(3));
  CHECK(drops_of(carol) == Drops{{Drop::NoTarget, 1}});
  call.group.remove(carol);
}

TEST_CASE("what a phone behind a NAT hears goes where its packets come from") {
  Call call;
  const Address nat = address(9, 9999);
  for (const std::uint16_t sequence : std::vector<std::uint16_t>{1, 2, 3})
    call.receive(call.alice, RtpBuilder{.sequence = sequence}.build(), nat);
  CHECK(call.from_bob_port.sent.size() == 1);
  call.bob_sends({.payload_type = 8});
  REQUIRE(call.from_alice_port.sent.size() == 1);
  CHECK(call.from_alice_port.sent[0].to == nat);
  CHECK(drops_of(call.alice) == Drops{{Drop::SourceUnconfirmed, 2}});
}

TEST_CASE("strangers are not heard, get nothing, and are told of once each") {
  Call call;
  call.alice_sends({.sequence = 1});
  for (std::uint16_t i = 0; i < 50; ++i) {
    call.receive(call.alice, RtpBuilder{.sequence = i}.build(), address(66, 6666));
    call.receive(call.alice, RtpBuilder{.sequence = i}.build(), address(66, 6668));
  }
  call.bob_sends({.payload_type = 8});
  CHECK(call.from_bob_port.sent.size() == 1);
  CHECK(call.from_alice_port.sent.at(0).to == alice_address);
  CHECK(call.from_alice_port.rejected == std::vector{address(66, 6666), address(66, 6668)});
  CHECK(drops_of(call.alice) == Drops{{Drop::UnknownSource, 100}});
}

TEST_CASE("everything that is no RTP has its reason, whoever sends it") {
  Call call;
  const auto drop_of = [&](const Octets& octets) {
    RecordingOutbox outbox;
    Channel channel({9}, outbox, Random({9, 0, 0, 0}));
    channel.target(remote(alice_address, AudioFormat::Pcmu));
    call.receive(channel, octets, alice_address);
    const Drops drops = drops_of(channel);
    REQUIRE(drops.size() == 1);
    CHECK(channel.statistics().received.packets == (drops.begin()->first >= Drop::SequenceJump ? 1 : 0));
    return drops.begin()->first;
  };
  CHECK(drop_of({}) == Drop::NotMedia);
  CHECK(drop_of({0, 1, 0, 0}) == Drop::Stun);
  CHECK(drop_of({22, 0xFE, 0xFD}) == Drop::Dtls);
  CHECK(drop_of({0x10, 0}) == Drop::Zrtp);
  CHECK(drop_of({0x40, 0}) == Drop::TurnChannel);
  CHECK(drop_of({0xFF, 0xFF}) == Drop::NotMedia);
  CHECK(drop_of({0x80, 200, 0, 6}) == Drop::RtcpOnRtpPort);
  CHECK(drop_of({0x80, 0}) == Drop::TruncatedHeader);
  CHECK(drop_of(RtpBuilder{.payload_type = 13}.build()) == Drop::UnexpectedPayloadType);
  CHECK(drop_of(RtpBuilder{.payload_type = 101, .payload = {1, 2, 3}}.build()) == Drop::BadTelephoneEvent);
  CHECK(drop_of(RtpBuilder{}.build()) == Drop::NotBridged);
}

TEST_CASE("the RTCP port reads RTCP of the far end's host, and counts all else") {
  Call call;
  Octets report{0x80, 201, 0, 1, 1, 2, 3, 4};
  Octets broken{0x80, 201, 0, 9, 1, 2, 3, 4};
  Octets junk{0x80, 0, 1, 2};
  const auto receive = [&](Octets& octets, const Address& from) {
    call.alice.receive_control({.octets = octets, .from = from, .arrived = call.now});
  };
  receive(report, alice_address);
  receive(report, address(66));
  receive(broken, alice_address);
  receive(junk, alice_address);
  call.alice.receive_oversize();
  CHECK(call.alice.statistics().consumed == 1);
  CHECK(call.alice.statistics().datagrams == 5);
  CHECK(drops_of(call.alice) ==
        Drops{{Drop::NotRtcp, 1}, {Drop::BadRtcp, 1}, {Drop::Oversize, 1}, {Drop::UnknownSource, 1}});
}

TEST_CASE("RTCP on the RTP port is read where that was agreed, and answered there") {
  Call call;
  Octets report{0x80, 201, 0, 1, 1, 2, 3, 4};
  RemoteMedia muxed = remote(alice_address, AudioFormat::Pcmu);
  muxed.has_rtcp_mux = true;
  call.target(call.alice, muxed);
  call.receive(call.alice, report, alice_address);
  CHECK(call.alice.statistics().consumed == 1);
  for (int i = 0; i < 40; ++i) {
    call.now += 250ms;
    call.alice.report(call.now, 0);
    call.bob.report(call.now, 0);
  }
  REQUIRE_FALSE(call.from_alice_port.sent.empty());
  CHECK(call.from_alice_port.sent[0].packet[1] == 201);
  CHECK(call.from_alice_port.control.empty());
  REQUIRE_FALSE(call.from_bob_port.control.empty());
  CHECK(call.from_bob_port.control[0].to == address(2, 5001));
}

TEST_CASE("a report that the system refuses is counted by the channel that it is of") {
  for (const bool is_muxed : {false, true}) {
    Call call;
    RemoteMedia media = remote(alice_address, AudioFormat::Pcmu);
    media.has_rtcp_mux = is_muxed;
    call.target(call.alice, media);
    // Who never sent anything says no goodbye (RFC 3550 §6.3.7).
    call.bob_sends({.payload_type = 8, .sequence = 1});
    REQUIRE(call.alice.statistics().sent.packets == 1);
    call.from_alice_port.refusal = Drop::SendFailed;
    call.alice.leave_session(call.now, 0);
    CHECK(call.alice.statistics().refused.of(Drop::SendFailed) == 1);
    CHECK(call.bob.statistics().refused.of(Drop::SendFailed) == 0);
  }
}

TEST_CASE("when the far end was heard is told: from where, since when, and its longest silence") {
  Call call;
  CHECK_FALSE(call.alice.statistics().heard);
  call.receive(call.alice, RtpBuilder{.sequence = 9}.build(), address(66));
  CHECK_MESSAGE(!call.alice.statistics().heard, "a stranger is not heard");
  const Time first = call.now;
  for (std::uint16_t sequence = 1; sequence < 4; ++sequence) {
    call.alice_sends({.sequence = sequence});
    call.now += 20ms;
  }
  call.now += 7s;
  call.alice_sends({.sequence = 4});
  const auto heard = call.alice.statistics().heard;
  REQUIRE(heard);
  CHECK(heard->from == alice_address);
  CHECK(heard->first == first);
  CHECK(heard->last == call.now);
  CHECK(heard->longest_gap == 7020ms);
  CHECK(heard->gap_over == call.now);

  call.alice.direct({.may_send = true, .may_receive = false});
  call.now += 60s;
  call.alice.direct({.may_send = true, .may_receive = true});
  call.alice_sends({.sequence = 5});
  CHECK_MESSAGE(call.alice.statistics().heard->longest_gap == 7020ms, "a hold is no silence of its own");
  CHECK(call.alice.statistics().heard->last == call.now);

  call.target(call.alice, remote(alice_address, AudioFormat::Pcmu));
  for (std::uint16_t sequence = 6; sequence < 9; ++sequence) {
    call.receive(call.alice, RtpBuilder{.sequence = sequence}.build(), address(1, 4444));
  }
  CHECK_MESSAGE(call.alice.statistics().heard->from == address(1, 4444), "the address that was learnt");
}

TEST_CASE("silence ends a channel, packets of strangers do not keep it") {
  Call call;
  CHECK_FALSE(call.alice.pass_time(call.now, 19s));
  call.alice_sends({.sequence = 1});
  CHECK_FALSE(call.alice.pass_time(call.now, 19s));
  call.receive(call.alice, RtpBuilder{}.build(), address(66));
  CHECK(call.alice.pass_time(call.now, 1s));
}

TEST_CASE("jitter is told in milliseconds") {
  Call call;
  call.alice_sends({.sequence = 1, .timestamp = 0});
  call.now += 36ms;
  call.alice_sends({.sequence = 2, .timestamp = 160});
  CHECK(*call.alice.statistics().of_received.jitter_millis == doctest::Approx(1.0));
}

TEST_CASE("100,000 datagrams of chance from the phone's own address: nothing breaks, each is accounted for") {
  Call call;
  call.from_bob_port.is_counting_only = true;
  call.from_alice_port.is_counting_only = true;
  Random random({4, 3, 2, 1});
  std::uint64_t total = 0;
  Octets octets;
  for (int i = 0; i < 100'000; ++i) {
    octets.resize(random.next32() % 64);
    for (auto& octet : octets) octet = static_cast<std::uint8_t>(random.next32());
    if (octets.size() > 1 && i % 2 == 0) {
      octets[0] = static_cast<std::uint8_t>(0x80 | (octets[0] & 0x3F));
      octets[1] = static_cast<std::uint8_t>(i % 4 == 0 ? 0 : 101);
    }
    call.alice.receive({.octets = octets, .from = alice_address, .arrived = call.now});
    ++total;
  }
  CHECK(call.from_bob_port.sent_count > 1000);
  CHECK(call.alice.statistics().datagrams == total);
  std::uint64_t accounted = call.alice.statistics().forwarded;
  for (const auto& [drop, count] : drops_of(call.alice)) accounted += count;
  CHECK(accounted == total);
}

TEST_CASE("no allocation over 1,000 packets: same codec, transcoding, telephone-events and drops") {
  Call call;
  for (RecordingOutbox* each : {&call.from_alice_port, &call.from_bob_port}) each->is_counting_only = true;
  Octets audio = RtpBuilder{}.build();
  Octets event = RtpBuilder{.payload_type = 101, .payload = {5, 10, 0, 160}}.build();
  Octets unexpected = RtpBuilder{.payload_type = 50}.build();
  Octets junk(100, 0x77);
  std::uint16_t sequence = 0;
  const auto deliver = [&](Octets& octets, const Address& from) {
    ++sequence;
    octets[2] = static_cast<std::uint8_t>(sequence >> 8U);
    octets[3] = static_cast<std::uint8_t>(sequence & 0xFFU);
    call.now += 20ms;
    call.alice.receive({.octets = octets, .from = from, .arrived = call.now});
  };
  const auto a_mix_of_everything = [&](int packets) {
    for (int i = 0; i < packets; ++i) {
      audio[0] = 0x80;
      audio[1] = 0;
      deliver(audio, alice_address);
      event[0] = 0x80;
      event[1] = 101;
      event[5] = static_cast<std::uint8_t>(i);
      deliver(event, alice_address);
      unexpected[1] = 50;
      deliver(unexpected, alice_address);
      deliver(junk, alice_address);
      audio[0] = 0x80;
      audio[1] = 0;
      deliver(audio, address(66, static_cast<std::uint16_t>(i % 20 + 1)));
    }
  };
  const std::size_t before = allocation_count();
  a_mix_of_everything(250);
  const std::size_t after = allocation_count();
  CHECK(after - before == 0);
  CHECK(call.from_bob_port.sent_count == 500);

  // What the test itself reports allocates too: everything is counted before.
  const std::size_t control = allocation_count();
  const auto probe = std::make_unique<Octets>(10);
  const std::size_t counted = allocation_count() - control;
  CHECK_MESSAGE(counted == 2, "the counter counts");
}
