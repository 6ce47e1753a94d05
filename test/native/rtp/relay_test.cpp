#include "rtp/relay.hpp"

#include <doctest/doctest.h>

#include "codecs/g711.hpp"
#include "support/addresses.hpp"
#include "support/recording_outbox.hpp"

using namespace mediaswitch;
using namespace mediaswitch::test;

namespace {

struct Leg {
  Random random{{1, 2, 3, 4}};
  SendingSide side{.destination = address(2, 5000),
                   .payload_type = {8},
                   .format = AudioFormat::Pcma,
                   .telephone_event = PayloadType{101},
                   .stream = OutgoingStream(random),
                   .sent = {}};
  RecordingOutbox outbox;

  std::optional<Drop> relay_of(const RtpBuilder& builder,
                               std::optional<AudioFormat> format,
                               std::int64_t sequence = 1) {
    Octets octets = builder.build();
    const auto packet = read_rtp(octets);
    REQUIRE(packet.ok());
    return relay({.source = {.channel = {1}, .ssrc = packet.value().header.ssrc, .from = address(1)},
                  .sequence = {sequence},
                  .packet = packet.value(),
                  .format = format,
                  .now = {}},
                 side,
                 outbox);
  }
};

}  // namespace

TEST_CASE("audio is transcoded by the direct table and has a header of ours") {
  Leg leg;
  Octets payload(160);
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<std::uint8_t>(i * 7);
  CHECK_FALSE(
      leg.relay_of({.marker = true, .payload_type = 0, .ssrc = 99, .payload = payload}, AudioFormat::Pcmu));
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
  CHECK_FALSE(leg.relay_of({.payload_type = 8,
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
  CHECK_FALSE(leg.relay_of({.payload_type = 0, .sequence = 1, .timestamp = 1000}, AudioFormat::Pcmu, 1));
  CHECK_FALSE(leg.relay_of(
      {.marker = true, .payload_type = 96, .sequence = 2, .timestamp = 1160, .payload = {5, 10, 0, 160}},
      std::nullopt,
      2));
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
    std::optional<AudioFormat> format;
    void (*change)(Leg&);
  };
  const std::array rows{
      Row{Drop::NoDestination, AudioFormat::Pcmu, [](Leg& leg) { leg.side.destination.reset(); }},
      Row{Drop::SendOff, AudioFormat::Pcmu, [](Leg& leg) { leg.side.may_send = false; }},
      Row{Drop::TelephoneEventRefused, std::nullopt, [](Leg& leg) { leg.side.telephone_event.reset(); }},
      Row{Drop::SendWouldBlock,
          AudioFormat::Pcmu,
          [](Leg& leg) { leg.outbox.refusal = Drop::SendWouldBlock; }},
      Row{Drop::SendFailed, AudioFormat::Pcmu, [](Leg& leg) { leg.outbox.refusal = Drop::SendFailed; }},
  };
  for (const Row& row : rows) {
    Leg leg;
    row.change(leg);
    CHECK(leg.relay_of({.payload = {5, 10, 0, 160}}, row.format) == row.expected);
    CHECK(leg.outbox.sent.empty());
    CHECK(leg.side.sent.packets == 0);
  }
}
