/// Every reason there is to drop a packet: each fault that is put in is counted once, under its reason and no
/// other, and nothing else is amiss in the books.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "audio/frame_tap.hpp"
#include "codecs/codec.hpp"
#include "core/drop.hpp"
#include "rtp/channel.hpp"
#include "rtp/group.hpp"
#include "support/addresses.hpp"
#include "support/recording_outbox.hpp"

using namespace mediaswitch;
using namespace mediaswitch::test;
using namespace std::chrono_literals;

namespace {

constexpr Address alice_address = address(1, 4000);
constexpr Address bob_address = address(2, 5000);

constexpr std::uint8_t pcmu = 0;
constexpr std::uint8_t comfort_noise = 13;
constexpr std::uint8_t ilbc = 97;
constexpr std::uint8_t telephone_event = 101;

struct Deaf final : FrameTap {
  void take(const Frame* /*in*/, const Frame* /*out*/) override {}
};

/// Faults of each kind.
constexpr int faults = 3;

/// Alice speaks PCMU or iLBC and is bridged with Bob, who hears PCMA.
struct Scene {
  RecordingOutbox from_alice_port;
  RecordingOutbox from_bob_port;
  Channel alice{{1}, from_alice_port, Random({1, 0, 0, 0})};
  Channel bob{{2}, from_bob_port, Random({2, 0, 0, 0})};
  /// Her far end is not known.
  RecordingOutbox from_carol_port;
  Channel carol{{3}, from_carol_port, Random({3, 0, 0, 0})};
  Deaf tap;
  Group group;
  Time now{1h};
  std::uint16_t sequence = 100;

  Scene() {
    alice.target(alice_media());
    bob.target(bob_media());
    group.add(alice);
    group.add(bob);
    group.arrange();
  }
  ~Scene() {
    if (alice.has_taps()) alice.remove_tap(tap);
    while (!group.members().empty()) group.remove(*group.members().front());
  }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;
  Scene(Scene&&) = delete;
  Scene& operator=(Scene&&) = delete;

  static RemoteMedia alice_media() {
    return {.address = alice_address,
            .formats = {{.payload_type = {pcmu}, .format = AudioFormat::Pcmu, .receive = std::nullopt},
                        {.payload_type = {ilbc}, .format = AudioFormat::Ilbc20, .receive = std::nullopt}},
            .telephone_event = RemoteMedia::TelephoneEvents{.send = {101}, .receive = {telephone_event}},
            .comfort_noise = PayloadType{comfort_noise},
            .ptime = std::nullopt};
  }
  static RemoteMedia bob_media() {
    return {.address = bob_address,
            .formats = {{.payload_type = {8}, .format = AudioFormat::Pcma, .receive = std::nullopt}},
            .telephone_event = RemoteMedia::TelephoneEvents{.send = {101}, .receive = {telephone_event}},
            .comfort_noise = PayloadType{comfort_noise},
            .ptime = std::nullopt};
  }

  /// To Alice's RTP port.
  void receive(Octets octets, const Address& from = alice_address) {
    alice.receive({.octets = octets, .from = from, .arrived = now});
  }
  void receive_control(Octets octets) {
    alice.receive_control({.octets = octets, .from = alice_address, .arrived = now});
  }
  /// The next packet of her stream.
  void say(RtpBuilder packet = {}) {
    packet.sequence = ++sequence;
    packet.timestamp = sequence * 160U;
    receive(packet.build());
    now += 20ms;
  }
  /// The same packet, or an earlier one, again.
  void repeat(RtpBuilder packet, int back) {
    packet.sequence = static_cast<std::uint16_t>(sequence - back);
    packet.timestamp = packet.sequence * 160U;
    receive(packet.build());
  }
  /// Nobody else is there, and somebody listens.
  void listen_alone() {
    group.remove(bob);
    alice.add_tap(tap);
    group.arrange();
  }
  void arrange_bob(const RemoteMedia& media) {
    bob.target(media);
    group.arrange();
  }
};

RtpBuilder speech_in_ilbc() {
  Octets payload(38);
  const std::array<std::int16_t, 160> silence{};
  Encoder(AudioFormat::Ilbc20).encode(silence, payload);
  return {.payload_type = ilbc, .payload = payload};
}

void repeat(const auto& what) {
  for (int i = 0; i < faults; ++i) what(i);
}

/// Puts the faults of one kind in, among packets that are right.
void put_in(Drop drop, Scene& scene) {
  const auto datagrams = [&](const Octets& octets) { repeat([&](int) { scene.receive(octets); }); };
  const auto packets = [&](const RtpBuilder& packet) { repeat([&](int) { scene.say(packet); }); };
  switch (drop) {
    case Drop::NotMedia: return datagrams({0xFF, 0xFF});
    case Drop::Stun: return datagrams({0, 1, 0, 0});
    case Drop::Dtls: return datagrams({22, 0xFE, 0xFD});
    case Drop::Zrtp: return datagrams({0x10, 0});
    case Drop::TurnChannel: return datagrams({0x40, 0});
    case Drop::RtcpOnRtpPort: return datagrams({0x80, 200, 0, 6});
    case Drop::NotRtcp: return repeat([&](int) { scene.receive_control(RtpBuilder{}.build()); });
    case Drop::BadRtcp: return repeat([&](int) { scene.receive_control({0x80, 201, 0, 9, 1, 2, 3, 4}); });
    case Drop::Oversize: return repeat([&](int) { scene.alice.receive_oversize(); });
    case Drop::TruncatedHeader: return datagrams({0x80, 0, 0, 1});
    case Drop::TruncatedExtension: {
      Octets cut = RtpBuilder{.has_extension = true, .extension = {1, 2}}.build();
      cut.resize(20);
      return datagrams(cut);
    }
    case Drop::BadPadding: {
      Octets lying = RtpBuilder{.padding = 4}.build();
      lying.back() = 0;
      return datagrams(lying);
    }
    case Drop::EmptyPayload: return packets({.payload = {}});
    case Drop::NoTarget:
      return repeat([&](int) {
        Octets octets = RtpBuilder{}.build();
        scene.carol.receive({.octets = octets, .from = alice_address, .arrived = scene.now});
      });
    case Drop::SourceUnconfirmed:
      return repeat(
          [&](int i) { scene.receive(RtpBuilder{}.build(), address(static_cast<std::uint8_t>(20 + i))); });
    case Drop::UnknownSource:
      scene.say();
      return repeat([&](int) { scene.receive(RtpBuilder{}.build(), address(66)); });
    case Drop::SequenceJump:
      scene.say();
      return repeat([&](int i) {
        scene.receive(RtpBuilder{.sequence = static_cast<std::uint16_t>(10'000 * (i + 1))}.build());
      });
    case Drop::ReceiveOff: scene.alice.direct({.may_send = true, .may_receive = false}); return packets({});
    case Drop::UnexpectedPayloadType: return packets({.payload_type = 50});
    case Drop::BadTelephoneEvent: return packets({.payload_type = telephone_event, .payload = {5, 10, 0}});
    case Drop::BadPayload: return packets({.payload_type = ilbc, .payload = Octets(37)});
    case Drop::DuplicatePacket:
      return repeat([&](int) {
        scene.say(speech_in_ilbc());
        scene.repeat(speech_in_ilbc(), 0);
      });
    case Drop::LateForDecoder:
      scene.say(speech_in_ilbc());
      return repeat([&](int) {
        ++scene.sequence;
        scene.say(speech_in_ilbc());
        scene.repeat(speech_in_ilbc(), 1);
      });
    case Drop::LateForPlayout:
      scene.listen_alone();
      scene.say();
      repeat([&](int) { ++scene.sequence; });
      for (int i = 0; i < 50; ++i) {
        scene.say();
        scene.group.tick(scene.now, 0us);
      }
      return repeat([&](int i) { scene.repeat({}, 50 + i); });
    case Drop::JitterBufferFull: {
      scene.listen_alone();
      // Nobody asks for what came, and it came all at once.
      std::uint16_t sent = 0;
      const auto full = [&] { return scene.alice.statistics().dropped.of(Drop::JitterBufferFull); };
      while (full() < faults && sent < 1000) {
        ++sent;
        scene.receive(RtpBuilder{.sequence = sent, .timestamp = sent, .payload = {0x11}}.build());
      }
      return;
    }
    case Drop::NotBridged:
      scene.group.remove(scene.bob);
      scene.group.arrange();
      return packets({});
    case Drop::SendOff: scene.bob.direct({.may_send = false, .may_receive = true}); return packets({});
    case Drop::NoDestination:
      scene.group.remove(scene.bob);
      scene.group.add(scene.carol);
      scene.group.arrange();
      return packets({});
    case Drop::TelephoneEventRefused: {
      RemoteMedia media = Scene::bob_media();
      media.telephone_event.reset();
      scene.arrange_bob(media);
      return packets({.payload_type = telephone_event, .payload = {5, 10, 0, 160}});
    }
    case Drop::ComfortNoiseRefused: {
      RemoteMedia media = Scene::bob_media();
      media.comfort_noise.reset();
      scene.arrange_bob(media);
      return packets({.payload_type = comfort_noise, .payload = {60}});
    }
    case Drop::Preempted:
      REQUIRE(scene.bob.send_digits({.keys = "5"}));
      scene.group.arrange();
      return packets({});
    case Drop::BeforeSource:
      scene.say();
      scene.sequence = 1000;
      // The first packet of another source is the beginning of what Bob hears of it.
      scene.say({.ssrc = 77});
      return repeat([&](int i) { scene.repeat({.ssrc = 77}, i + 1); });
    case Drop::SendWouldBlock: scene.from_bob_port.refusal = drop; return packets({});
    case Drop::SendFailed: scene.from_bob_port.refusal = drop; return packets({});
  }
}

}  // namespace

TEST_CASE("each fault is counted once, under its own reason; the books balance") {
  for (const Drop drop : all_drops) {
    CAPTURE(std::string(name(drop)));
    Scene scene;
    put_in(drop, scene);
    const Channel& victim = drop == Drop::NoTarget ? scene.carol : scene.alice;
    const Statistics statistics = victim.statistics();
    std::uint64_t accounted = statistics.forwarded + statistics.consumed;
    for (const Drop each : all_drops) {
      CAPTURE(std::string(name(each)));
      CHECK(statistics.dropped.of(each) == (each == drop ? faults : 0));
      accounted += statistics.dropped.of(each);
    }
    CHECK(accounted == statistics.datagrams);
  }
}

TEST_CASE(
    "pieces of packets that are refused: the books balance, and each piece is counted where it was to go") {
  for (const Drop reason : {Drop::SendWouldBlock, Drop::SendFailed}) {
    CAPTURE(std::string(name(reason)));
    Scene scene;
    RemoteMedia media = Scene::bob_media();
    media.ptime = 20ms;
    scene.arrange_bob(media);
    // 60 ms each, of which 20 ms go at once.
    const auto say = [&scene](const auto& between) {
      scene.receive(RtpBuilder{
          .sequence = ++scene.sequence, .timestamp = scene.sequence * 480U, .payload = Octets(480, 0x11)}
                        .build());
      for (int i = 0; i < 2; ++i) {
        scene.now += 20ms;
        between();
        scene.group.tick(scene.now, 0us);
      }
      scene.now += 20ms;
    };
    const auto go_on = [] {};
    for (int i = 0; i < 3; ++i) say(go_on);
    scene.group.arrange();
    say(go_on);
    const Statistics before = scene.bob.statistics();
    repeat([&](int) {
      scene.from_bob_port.refusal = reason;
      say([&] { scene.from_bob_port.refusal.reset(); });
    });
    CHECK(scene.bob.statistics().refused.of(reason) == faults);
    CHECK(scene.bob.statistics().sent.packets - before.sent.packets == 2 * faults);
    repeat([&](int) {
      say([&] { scene.from_bob_port.refusal = reason; });
      scene.from_bob_port.refusal.reset();
    });
    CHECK(scene.bob.statistics().refused.of(reason) == 3 * faults);
    const Statistics statistics = scene.alice.statistics();
    CHECK(statistics.dropped.of(reason) == faults);
    CHECK(statistics.forwarded == 4 + faults);
    CHECK(statistics.forwarded + faults == statistics.datagrams);
  }
}
