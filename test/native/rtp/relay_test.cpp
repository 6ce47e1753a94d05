#include "rtp/relay.hpp"

#include <chrono>
#include <doctest/doctest.h>
#include <vector>

#include "codecs/g711.hpp"
#include "support/addresses.hpp"
#include "support/allocation_count.hpp"
#include "support/recording_outbox.hpp"

using namespace mediaswitch;
using namespace mediaswitch::test;
using namespace std::chrono_literals;

namespace {

struct Leg {
  Random random{{1, 2, 3, 4}};
  SendingSide side{.destination = address(2, 5000),
                   .payload_type = {8},
                   .format = AudioFormat::Pcma,
                   .telephone_event = RemoteMedia::TelephoneEvents{.send = {101}, .receive = {96}},
                   .comfort_noise = PayloadType{13},
                   .ptime = std::nullopt,
                   .stream = OutgoingStream(random),
                   .sent = {}};
  RecordingOutbox outbox;
  Relay relay{ClockRate{8000}, side, outbox};
  Time now{};

  std::optional<Drop> pass(const RtpBuilder& builder,
                           AudioFormat format,
                           std::int64_t sequence = 1,
                           Content content = Content::Audio) {
    Octets octets = builder.build();
    const auto packet = read_rtp(octets);
    REQUIRE(packet.ok());
    return relay.forward({.source = {.channel = {1}, .ssrc = packet.value().header.ssrc, .from = address(1)},
                          .sequence = {sequence},
                          .packet = packet.value(),
                          .content = content,
                          .format = format,
                          .now = now});
  }
  void becomes(AudioFormat format, std::optional<Millis> ptime = std::nullopt) {
    side.format = format;
    side.ptime = ptime;
    ++side.agreement;
  }
  void expect(std::initializer_list<AudioFormat> expected) {
    const std::vector<AudioFormat> formats_expected(expected);
    relay.arrange(formats_expected);
  }
};

}  // namespace

TEST_CASE("audio is transcoded by the direct table and has a header of ours") {
  Leg leg;
  Octets payload(160);
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<std::uint8_t>(i * 7);
  CHECK_FALSE(
      leg.pass({.marker = true, .payload_type = 0, .ssrc = 99, .payload = payload}, AudioFormat::Pcmu));
  REQUIRE(leg.outbox.sent.size() == 1);
  const auto& [packet, to] = leg.outbox.sent[0];
  CHECK(to == address(2, 5000));
  CHECK(packet[0] == 0x80);
  CHECK(marker_of(packet));
  CHECK(payload_type_of(packet) == 8);
  CHECK(ssrc_of(packet) == leg.side.stream.ssrc().value);
  Octets expected = payload;
  for (auto& octet : expected) octet = g711::mu_to_a.at(octet);
  CHECK(payload_of(packet) == expected);
  CHECK(leg.side.sent.packets == 1);
  CHECK(leg.side.sent.octets == 160);
}

TEST_CASE("CSRC list, header extension and padding of the source stay behind; the payload stays whole") {
  Leg leg;
  const Octets payload{10, 20, 30, 40, 50};
  CHECK_FALSE(leg.pass({.payload_type = 8,
                        .csrc = {1, 2, 3},
                        .has_extension = true,
                        .extension = {4, 5},
                        .payload = payload,
                        .padding = 9},
                       AudioFormat::Pcma));
  REQUIRE(leg.outbox.sent.size() == 1);
  CHECK(leg.outbox.sent[0].packet[0] == 0x80);
  CHECK(leg.outbox.sent[0].packet.size() == 12 + payload.size());
  CHECK(payload_of(leg.outbox.sent[0].packet) == payload);
}

TEST_CASE("a telephone-event takes the other side's payload type and the audio's offset") {
  Leg leg;
  CHECK_FALSE(leg.pass({.payload_type = 0, .sequence = 1, .timestamp = 1000}, AudioFormat::Pcmu, 1));
  CHECK_FALSE(leg.pass(
      {.marker = true, .payload_type = 96, .sequence = 2, .timestamp = 1160, .payload = {5, 10, 0, 160}},
      AudioFormat::Pcmu,
      2,
      Content::TelephoneEvent));
  REQUIRE(leg.outbox.sent.size() == 2);
  const Octets& audio = leg.outbox.sent[0].packet;
  const Octets& event = leg.outbox.sent[1].packet;
  CHECK(payload_type_of(event) == 101);
  CHECK(payload_of(event) == Octets{5, 10, 0, 160});
  CHECK(timestamp_of(event) - timestamp_of(audio) == 160);
  CHECK(static_cast<std::uint16_t>(sequence_of(event) - sequence_of(audio)) == 1);
}

TEST_CASE("each refusal has its reason, sends nothing and counts nothing as sent") {
  struct Row {
    Drop expected;
    Content content;
    void (*change)(Leg&);
  };
  const std::array rows{
      Row{Drop::NoDestination, Content::Audio, [](Leg& leg) { leg.side.destination.reset(); }},
      Row{Drop::SendOff, Content::Audio, [](Leg& leg) { leg.side.may_send = false; }},
      Row{Drop::Preempted, Content::Audio, [](Leg& leg) { leg.side.is_taken = true; }},
      Row{Drop::TelephoneEventRefused,
          Content::TelephoneEvent,
          [](Leg& leg) { leg.side.telephone_event.reset(); }},
      Row{Drop::ComfortNoiseRefused, Content::ComfortNoise, [](Leg& leg) { leg.side.comfort_noise.reset(); }},
      Row{Drop::SendWouldBlock, Content::Audio, [](Leg& leg) { leg.outbox.refusal = Drop::SendWouldBlock; }},
      Row{Drop::SendFailed, Content::Audio, [](Leg& leg) { leg.outbox.refusal = Drop::SendFailed; }},
  };
  for (const Row& row : rows) {
    Leg leg;
    row.change(leg);
    CHECK(leg.pass({.payload = {5, 10, 0, 160}}, AudioFormat::Pcmu, 1, row.content) == row.expected);
    CHECK(leg.outbox.sent.empty());
    CHECK(leg.side.sent.packets == 0);
    CHECK(leg.side.refused.of(row.expected) == (leg.outbox.refusal ? 1 : 0));
  }
}

TEST_CASE("comfort noise goes under the receiver's payload type") {
  Leg leg;
  CHECK_FALSE(leg.pass({.payload_type = 19, .payload = {60}}, AudioFormat::Pcmu, 1, Content::ComfortNoise));
  REQUIRE(leg.outbox.sent.size() == 1);
  CHECK(payload_type_of(leg.outbox.sent[0].packet) == 13);
  CHECK(payload_of(leg.outbox.sent[0].packet) == Octets{60});
}

TEST_CASE("a telephone-event's duration is told by the receiver's clock") {
  Leg leg;
  leg.side.telephone_event->clock = {16000};
  CHECK_FALSE(leg.pass({.payload = {5, 10, 0x03, 0x20}}, AudioFormat::Pcmu, 1, Content::TelephoneEvent));
  CHECK(payload_of(leg.outbox.sent.at(0).packet) == Octets{5, 10, 0x06, 0x40});
}

TEST_CASE("a key held for long on a quicker clock goes on in segments (RFC 4733 §2.5.1.3)") {
  Leg leg;
  leg.side.telephone_event->clock = {48000};
  const auto report = [&leg](std::int64_t sequence, std::uint16_t told, std::uint8_t flags) {
    CHECK_FALSE(leg.pass(
        {.sequence = static_cast<std::uint16_t>(sequence),
         .timestamp = 8000,
         .payload = {5, flags, static_cast<std::uint8_t>(told >> 8U), static_cast<std::uint8_t>(told)}},
        AudioFormat::Pcmu,
        sequence,
        Content::TelephoneEvent));
  };
  CHECK_FALSE(leg.pass({.timestamp = 7840}, AudioFormat::Pcmu, 0));
  report(1, 10'880, 10);
  report(2, 11'040, 10);
  report(3, 24'000, 0x8A);
  const auto& sent = leg.outbox.sent;
  REQUIRE(sent.size() == 4);
  const std::uint32_t first = timestamp_of(sent[1].packet);
  CHECK(first - timestamp_of(sent[0].packet) == 160);
  CHECK(payload_of(sent[1].packet) == Octets{5, 10, 0xFF, 0x00});
  CHECK(timestamp_of(sent[2].packet) == first + 65'535);
  CHECK(payload_of(sent[2].packet) == Octets{5, 10, 0x02, 0xC1});
  CHECK(timestamp_of(sent[3].packet) == first + 2 * 65'535);
  CHECK(payload_of(sent[3].packet) == Octets{5, 0x8A, 0x32, 0x82});
}

TEST_CASE("the clock of a source is its audio's, also where a telephone-event or another format came first") {
  Leg leg;
  leg.becomes(AudioFormat::L16Wide);
  leg.expect({AudioFormat::Pcmu, AudioFormat::L16Wide});
  const auto ticks_later = [&leg](std::size_t packet) {
    return timestamp_of(leg.outbox.sent.at(packet).packet) -
           timestamp_of(leg.outbox.sent.at(packet - 1).packet);
  };
  const auto say = [&leg](std::int64_t sequence, std::uint32_t timestamp, AudioFormat format) {
    leg.now += 20ms;
    const std::size_t octets = format == AudioFormat::Pcmu ? 160 : 640;
    CHECK_FALSE(leg.pass({.sequence = static_cast<std::uint16_t>(sequence),
                          .timestamp = timestamp,
                          .payload = Octets(octets, 0)},
                         format,
                         sequence));
  };
  leg.now += 20ms;
  CHECK_FALSE(leg.pass({.sequence = 1, .timestamp = 16'000, .payload = {5, 10, 0, 160}},
                       AudioFormat::Pcmu,
                       1,
                       Content::TelephoneEvent));
  say(2, 16'320, AudioFormat::L16Wide);
  CHECK(ticks_later(1) == 320);
  say(3, 16'640, AudioFormat::L16Wide);
  CHECK(ticks_later(2) == 320);
  // Now it speaks by another clock, which shows another time.
  say(4, 500'000, AudioFormat::Pcmu);
  CHECK(ticks_later(3) == 320);
  say(5, 500'160, AudioFormat::Pcmu);
  CHECK(ticks_later(4) == 320);
  leg.now += 20ms;
  CHECK_FALSE(leg.pass({.sequence = 6, .timestamp = 500'320, .payload = {5, 10, 0, 160}},
                       AudioFormat::Pcmu,
                       6,
                       Content::TelephoneEvent));
  CHECK(ticks_later(5) == 320);
  for (std::size_t i = 1; i < leg.outbox.sent.size(); ++i) {
    CHECK(sequence_of(leg.outbox.sent[i].packet) ==
          static_cast<std::uint16_t>(sequence_of(leg.outbox.sent[i - 1].packet) + 1));
  }
}

TEST_CASE("a codec that nobody expected is asked for, and then spoken") {
  Leg leg;
  leg.becomes(AudioFormat::G722);
  leg.expect({});
  CHECK(leg.pass({.sequence = 1}, AudioFormat::Pcmu, 1) == Drop::NotBridged);
  CHECK(leg.pass({.sequence = 2}, AudioFormat::Pcmu, 2) == Drop::NotBridged);
  CHECK(leg.outbox.arrangements_asked == 1);
  leg.expect({});
  CHECK_FALSE(leg.pass({.sequence = 3, .timestamp = 320}, AudioFormat::Pcmu, 3));
  CHECK(payload_of(leg.outbox.sent.at(0).packet).size() == 160);
}

TEST_CASE("a transcoder is fed in order: duplicates and late packets are dropped, a gap stays a gap") {
  Leg leg;
  leg.becomes(AudioFormat::G722);
  leg.expect({AudioFormat::Pcmu});
  const auto pass = [&leg](std::int64_t sequence) {
    return leg.pass({.sequence = static_cast<std::uint16_t>(sequence),
                     .timestamp = static_cast<std::uint32_t>(sequence * 160)},
                    AudioFormat::Pcmu,
                    sequence);
  };
  CHECK_FALSE(pass(1));
  CHECK_FALSE(pass(2));
  CHECK(pass(2) == Drop::DuplicatePacket);
  CHECK_FALSE(pass(5));
  CHECK(pass(4) == Drop::LateForDecoder);
  const auto& sent = leg.outbox.sent;
  REQUIRE(sent.size() == 3);
  CHECK(static_cast<std::uint16_t>(sequence_of(sent[2].packet) - sequence_of(sent[1].packet)) == 3);
  CHECK(timestamp_of(sent[2].packet) - timestamp_of(sent[1].packet) == 480);
}

TEST_CASE("between stateless codecs nothing needs order: late packets go too") {
  Leg leg;
  leg.becomes(AudioFormat::L16Narrow);
  leg.expect({AudioFormat::Pcmu});
  CHECK_FALSE(leg.pass({.sequence = 5, .timestamp = 800}, AudioFormat::Pcmu, 5));
  CHECK_FALSE(leg.pass({.sequence = 4, .timestamp = 640}, AudioFormat::Pcmu, 4));
  CHECK(payload_of(leg.outbox.sent.at(1).packet).size() == 320);
}

TEST_CASE("from one RTP clock to another: sequence stays, time is scaled, also across a wrap") {
  Leg leg;
  leg.becomes(AudioFormat::L16Wide);
  leg.expect({AudioFormat::Pcmu});
  constexpr std::uint32_t before_wrap = 0xFFFF'FFFF - 159;
  CHECK_FALSE(leg.pass({.sequence = 1, .timestamp = before_wrap}, AudioFormat::Pcmu, 1));
  CHECK_FALSE(leg.pass({.sequence = 2, .timestamp = 0}, AudioFormat::Pcmu, 2));
  CHECK_FALSE(leg.pass({.sequence = 3, .timestamp = 160}, AudioFormat::Pcmu, 3));
  const auto& sent = leg.outbox.sent;
  CHECK(timestamp_of(sent[1].packet) - timestamp_of(sent[0].packet) == 320);
  CHECK(timestamp_of(sent[2].packet) - timestamp_of(sent[1].packet) == 320);
  CHECK(payload_of(sent[0].packet).size() == 640);
}

TEST_CASE("60 ms packets for a phone that wants 20: the first part at once, the rest paced") {
  Leg leg;
  leg.becomes(AudioFormat::Pcma, 20ms);
  leg.expect({AudioFormat::Pcma});
  const auto pass = [&leg](std::int64_t sequence) {
    return leg.pass({.sequence = static_cast<std::uint16_t>(sequence),
                     .timestamp = static_cast<std::uint32_t>(sequence * 480),
                     .payload = Octets(480, static_cast<std::uint8_t>(sequence))},
                    AudioFormat::Pcma,
                    sequence);
  };
  for (std::int64_t sequence = -1; sequence < 2; ++sequence) CHECK_FALSE(pass(sequence));
  CHECK_MESSAGE(leg.outbox.sent.size() == 3, "until it is arranged for, as they came");
  CHECK_MESSAGE(leg.outbox.arrangements_asked == 1, "one or two of them are no habit");
  leg.expect({AudioFormat::Pcma});
  CHECK(leg.relay.wants_ticks());
  leg.outbox.sent.clear();
  for (std::int64_t sequence = 2; sequence < 12; ++sequence) {
    CHECK_FALSE(pass(sequence));
    CHECK(leg.outbox.sent.size() == static_cast<std::size_t>(sequence - 2) * 3 + 1);
    for (int i = 0; i < 2; ++i) {
      leg.now += 20ms;
      leg.relay.tick(leg.now);
    }
    leg.now += 20ms;
  }
  const auto& sent = leg.outbox.sent;
  REQUIRE(sent.size() == 30);
  for (std::size_t i = 0; i < sent.size(); ++i) {
    CHECK(payload_of(sent[i].packet) == Octets(160, static_cast<std::uint8_t>(i / 3 + 2)));
    if (i == 0) continue;
    CHECK(static_cast<std::uint16_t>(sequence_of(sent[i].packet) - sequence_of(sent[i - 1].packet)) == 1);
    CHECK(timestamp_of(sent[i].packet) - timestamp_of(sent[i - 1].packet) == 160);
  }
}

TEST_CASE(
    "what is cut anew and refused is a drop of the packet that it was sent with; later, a refusal only") {
  for (const Drop reason : {Drop::SendWouldBlock, Drop::SendFailed}) {
    Leg leg;
    leg.becomes(AudioFormat::Pcma, 20ms);
    leg.expect({AudioFormat::Pcma});
    const auto pass = [&leg](std::int64_t sequence) {
      return leg.pass({.sequence = static_cast<std::uint16_t>(sequence),
                       .timestamp = static_cast<std::uint32_t>(sequence * 480),
                       .payload = Octets(480, 1)},
                      AudioFormat::Pcma,
                      sequence);
    };
    for (std::int64_t sequence = 0; sequence < 3; ++sequence) CHECK_FALSE(pass(sequence));
    leg.expect({AudioFormat::Pcma});
    leg.outbox.refusal = reason;
    CHECK(pass(3) == reason);
    CHECK(leg.side.refused.of(reason) == 1);
    for (int i = 0; i < 2; ++i) {
      leg.now += 20ms;
      leg.relay.tick(leg.now);
    }
    CHECK(leg.side.refused.of(reason) == 3);
    CHECK(leg.side.sent.packets == 3);
    leg.outbox.refusal.reset();
    leg.now += 20ms;
    CHECK_FALSE(pass(4));
    CHECK(leg.side.sent.packets == 4);
    CHECK_MESSAGE(leg.side.refused.of(reason) == 3, "what went is no refusal");
  }
}

TEST_CASE("20 ms packets for a codec of 30 ms frames: cut anew without loss") {
  Leg leg;
  leg.becomes(AudioFormat::Ilbc30);
  leg.expect({AudioFormat::Pcmu});
  CHECK_MESSAGE(leg.pass({.sequence = 1}, AudioFormat::Pcmu, 1) == Drop::BadPayload,
                "not before it is arranged for");
  leg.expect({AudioFormat::Pcmu});
  leg.outbox.sent.clear();
  for (std::int64_t sequence = 2; sequence < 32; ++sequence) {
    CHECK_FALSE(leg.pass({.sequence = static_cast<std::uint16_t>(sequence),
                          .timestamp = static_cast<std::uint32_t>(sequence * 160)},
                         AudioFormat::Pcmu,
                         sequence));
    leg.now += 20ms;
  }
  const auto& sent = leg.outbox.sent;
  REQUIRE(sent.size() == 20);
  for (std::size_t i = 1; i < sent.size(); ++i) {
    CHECK(payload_of(sent[i].packet).size() == 50);
    CHECK(timestamp_of(sent[i].packet) - timestamp_of(sent[i - 1].packet) == 240);
  }
}

TEST_CASE("a new agreement with the receiver is followed after arranging") {
  Leg leg;
  leg.expect({AudioFormat::Pcmu});
  CHECK_FALSE(leg.pass({.sequence = 1}, AudioFormat::Pcmu, 1));
  leg.becomes(AudioFormat::G722);
  leg.expect({AudioFormat::Pcmu});
  CHECK_FALSE(leg.pass({.sequence = 2, .timestamp = 160}, AudioFormat::Pcmu, 2));
  leg.becomes(AudioFormat::Ilbc20);
  leg.expect({AudioFormat::Pcmu});
  CHECK_FALSE(leg.pass({.sequence = 3, .timestamp = 320}, AudioFormat::Pcmu, 3));
  CHECK(payload_of(leg.outbox.sent.at(1).packet).size() == 160);
  CHECK(payload_of(leg.outbox.sent.at(2).packet).size() == 38);
}

TEST_CASE("no allocation once arranged: straight, transcoded, cut anew") {
  struct Row {
    AudioFormat to;
    std::optional<Millis> ptime;
  };
  for (const Row& row : {Row{AudioFormat::Pcma, std::nullopt},
                         Row{AudioFormat::G722, std::nullopt},
                         Row{AudioFormat::Ilbc20, std::nullopt},
                         Row{AudioFormat::L16Wide, 30ms},
                         Row{AudioFormat::Ilbc30, 60ms}}) {
    Leg leg;
    leg.becomes(row.to, row.ptime);
    leg.expect({AudioFormat::Pcmu});
    leg.outbox.is_counting_only = true;
    Octets octets = RtpBuilder{}.build();
    const auto pass = [&](std::int64_t sequence) {
      octets = RtpBuilder{.sequence = static_cast<std::uint16_t>(sequence),
                          .timestamp = static_cast<std::uint32_t>(sequence * 160)}
                   .build();
      const auto packet = read_rtp(octets);
      const std::size_t before = allocation_count();
      static_cast<void>(leg.relay.forward({.source = {.channel = {1}, .ssrc = {1}, .from = address(1)},
                                           .sequence = {sequence},
                                           .packet = packet.value(),
                                           .content = Content::Audio,
                                           .format = AudioFormat::Pcmu,
                                           .now = leg.now}));
      leg.relay.tick(leg.now);
      leg.now += 20ms;
      return allocation_count() - before;
    };
    for (std::int64_t sequence = -1; sequence < 2; ++sequence) pass(sequence);
    leg.expect({AudioFormat::Pcmu});
    std::size_t allocations = 0;
    for (std::int64_t sequence = 2; sequence < 200; ++sequence) allocations += pass(sequence);
    CHECK(allocations == 0);
    CHECK(leg.outbox.sent_count > 50);
  }
}
