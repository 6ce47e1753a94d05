#include "rtp/speaker.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <doctest/doctest.h>
#include <vector>

#include "codecs/codec.hpp"
#include "codecs/resampler.hpp"
#include "core/random.hpp"
#include "support/addresses.hpp"
#include "support/allocation_count.hpp"
#include "support/recording_outbox.hpp"

using namespace mediaswitch;
using namespace mediaswitch::test;
using namespace std::chrono_literals;

namespace {

Frame any_frame(Random& random, ClockRate sampling) {
  Frame frame{.sampling = sampling, .samples = {}};
  for (std::int16_t& sample : frame.pcm()) sample = static_cast<std::int16_t>(random.next16());
  return frame;
}

/// One speaker and its far end.
struct Voice {
  explicit Voice(AudioFormat format, Millis ptime = 20ms) : speaker(ChannelId{7}, format, ptime) {
    to.format = format;
  }

  std::optional<Drop> say(const Frame& frame) {
    now += 20ms;
    return speaker.say(frame, now, to, outbox);
  }
  std::optional<Drop> say_encoded(std::span<const std::uint8_t> payload) {
    now += 20ms;
    return speaker.say_encoded(payload, now, to, outbox);
  }
  void rest() {
    now += 20ms;
    speaker.rest();
  }
  [[nodiscard]] const Octets& packet(std::size_t index) const { return outbox.sent.at(index).packet; }
  [[nodiscard]] std::uint32_t ticks_between_packets(std::size_t from, std::size_t to_index) const {
    return timestamp_of(packet(to_index)) - timestamp_of(packet(from));
  }

  Random random{{1, 2, 3, 4}};
  SendingSide to{.destination = address(2, 5000),
                 .payload_type = {97},
                 .telephone_event = std::nullopt,
                 .comfort_noise = std::nullopt,
                 .ptime = std::nullopt,
                 .stream = OutgoingStream(random),
                 .sent = {}};
  RecordingOutbox outbox;
  Speaker speaker;
  Time now{1h};
};

Octets encoded(Encoder& encoder, std::span<const std::int16_t> pcm) {
  Octets payload(most_octets);
  payload.resize(encoder.encode(pcm, payload));
  return payload;
}

}  // namespace

TEST_CASE("a frame is a packet under a header of ours") {
  Voice voice(AudioFormat::Pcma);
  const Frame frame = any_frame(voice.random, narrowband);
  CHECK_FALSE(voice.say(frame));
  REQUIRE(voice.outbox.sent.size() == 1);
  const auto& [packet, to] = voice.outbox.sent[0];
  CHECK(to == address(2, 5000));
  CHECK(packet[0] == 0x80);
  CHECK(marker_of(packet));
  CHECK(payload_type_of(packet) == 97);
  CHECK(ssrc_of(packet) == voice.to.stream.ssrc().value);
  Encoder reference(AudioFormat::Pcma);
  CHECK(payload_of(packet) == encoded(reference, frame.pcm()));
  CHECK(voice.to.sent.packets == 1);
  CHECK(voice.to.sent.octets == 160);
}

TEST_CASE("every format in every ptime: nothing said is lost, doubled or late by more than a packet") {
  for (const FormatTraits& format : formats) {
    for (const Millis wished : {10ms, 20ms, 30ms, 40ms, 60ms}) {
      const auto unit_millis = Millis{format.unit.samples.value * 1000 / format.clocks.sampling.value};
      Millis ptime = wished;
      while (unit_millis > 0ms && ptime % unit_millis != 0ms) ptime += 10ms;
      CAPTURE(format.name);
      CAPTURE(ptime.count());

      Voice voice(format.format, wished);
      CHECK(voice.speaker.format() == format.format);
      CHECK(voice.speaker.takes_encoded() == (ptime == 20ms));
      std::vector<std::int16_t> said;
      const auto ticks = 12;
      for (int tick = 1; tick <= ticks; ++tick) {
        const Frame frame = any_frame(voice.random, format.clocks.sampling);
        said.insert(said.end(), frame.pcm().begin(), frame.pcm().end());
        REQUIRE_FALSE(voice.say(frame));
        REQUIRE(voice.outbox.sent.size() == static_cast<std::size_t>(tick * 20ms / ptime));
      }

      Encoder reference(format.format);
      const std::size_t samples = samples_in(ptime, format.clocks.sampling).value;
      for (std::size_t i = 0; i < voice.outbox.sent.size(); ++i) {
        const auto pcm = std::span<const std::int16_t>(said).subspan(i * samples, samples);
        REQUIRE(payload_of(voice.packet(i)) == encoded(reference, pcm));
        CHECK(marker_of(voice.packet(i)) == (i == 0));
        CHECK(voice.ticks_between_packets(0, i) == i * ticks_in(ptime, format.clocks.rtp).value);
        CHECK(sequence_of(voice.packet(i)) == static_cast<std::uint16_t>(sequence_of(voice.packet(0)) + i));
      }
    }
  }
}

TEST_CASE("a ptime that can't be is moved to one that can") {
  struct Row {
    AudioFormat format;
    Millis wished;
    std::size_t octets;
  };
  const std::array rows{
      Row{AudioFormat::Pcmu, 0ms, 80},
      Row{AudioFormat::Pcmu, -5ms, 80},
      Row{AudioFormat::Pcmu, 25ms, 200},
      Row{AudioFormat::Pcmu, 500ms, 960},
      Row{AudioFormat::L16Wide, 500ms, most_octets},
      Row{AudioFormat::Ilbc20, 10ms, 38},
      Row{AudioFormat::Ilbc20, 30ms, 76},
      Row{AudioFormat::Ilbc30, 20ms, 50},
      Row{AudioFormat::Ilbc30, 40ms, 100},
      Row{AudioFormat::Ilbc30, 500ms, 200},
  };
  for (const Row& row : rows) {
    Voice voice(row.format, row.wished);
    const Frame frame = any_frame(voice.random, traits(row.format).clocks.sampling);
    for (int tick = 0; tick < 6; ++tick) CHECK_FALSE(voice.say(frame));
    CAPTURE(traits(row.format).name);
    CAPTURE(row.wished.count());
    REQUIRE_FALSE(voice.outbox.sent.empty());
    CHECK(payload_of(voice.packet(0)).size() == row.octets);
  }
}

TEST_CASE("a frame of the other sampling rate is resampled, and the filter's memory goes from tick to tick") {
  SUBCASE("16 to 8 kHz") {
    Voice voice(AudioFormat::L16Narrow);
    Downsampler reference;
    Encoder encoder(AudioFormat::L16Narrow);
    for (std::size_t tick = 0; tick < 5; ++tick) {
      const Frame frame = any_frame(voice.random, wideband);
      std::array<std::int16_t, narrow_frame> narrow{};
      reference.process(frame.pcm(), narrow);
      CHECK_FALSE(voice.say(frame));
      CHECK(payload_of(voice.packet(tick)) == encoded(encoder, narrow));
    }
  }
  SUBCASE("8 to 16 kHz") {
    Voice voice(AudioFormat::L16Wide);
    Upsampler reference;
    Encoder encoder(AudioFormat::L16Wide);
    for (std::size_t tick = 0; tick < 5; ++tick) {
      const Frame frame = any_frame(voice.random, narrowband);
      std::array<std::int16_t, wide_frame> wide{};
      reference.process(frame.pcm(), wide);
      CHECK_FALSE(voice.say(frame));
      CHECK(payload_of(voice.packet(tick)) == encoded(encoder, wide));
    }
    CHECK(voice.ticks_between_packets(0, 4) == 4 * 320);
  }
  SUBCASE("after a rest it begins anew, or where another one was") {
    Voice voice(AudioFormat::L16Narrow);
    Encoder encoder(AudioFormat::L16Narrow);
    const Frame earlier = any_frame(voice.random, wideband);
    const Frame frame = any_frame(voice.random, wideband);
    std::array<std::int16_t, narrow_frame> narrow{};
    CHECK_FALSE(voice.say(earlier));
    voice.rest();
    CHECK_FALSE(voice.say(frame));
    Downsampler anew;
    anew.process(frame.pcm(), narrow);
    CHECK(payload_of(voice.packet(1)) == encoded(encoder, narrow));

    Downsampler other;
    other.process(earlier.pcm(), narrow);
    CHECK_FALSE(voice.say_encoded(encoded(encoder, narrow)));
    voice.speaker.continue_after(other);
    CHECK_FALSE(voice.say(frame));
    other.process(frame.pcm(), narrow);
    CHECK(payload_of(voice.packet(3)) == encoded(encoder, narrow));
  }
}

TEST_CASE("the media clock goes on through a rest, and a marker tells of it") {
  Voice voice(AudioFormat::G722);
  const Frame frame = any_frame(voice.random, wideband);
  CHECK_FALSE(voice.say(frame));
  CHECK_FALSE(voice.say(frame));
  for (int i = 0; i < 50; ++i) voice.rest();
  CHECK_FALSE(voice.say(frame));
  CHECK_FALSE(voice.say(frame));
  REQUIRE(voice.outbox.sent.size() == 4);
  CHECK(voice.ticks_between_packets(1, 2) == 51 * 160);
  CHECK(voice.ticks_between_packets(2, 3) == 160);
  CHECK(sequence_of(voice.packet(3)) == static_cast<std::uint16_t>(sequence_of(voice.packet(0)) + 3));
  CHECK(marker_of(voice.packet(0)));
  CHECK_FALSE(marker_of(voice.packet(1)));
  CHECK(marker_of(voice.packet(2)));
  CHECK_FALSE(marker_of(voice.packet(3)));
}

TEST_CASE("what was saved up for a packet is given up in a rest") {
  Voice voice(AudioFormat::Pcmu, 60ms);
  const Frame old = any_frame(voice.random, narrowband);
  const Frame fresh = any_frame(voice.random, narrowband);
  for (int i = 0; i < 5; ++i) CHECK_FALSE(voice.say(old));
  voice.rest();
  for (int i = 0; i < 3; ++i) CHECK_FALSE(voice.say(fresh));
  REQUIRE(voice.outbox.sent.size() == 2);
  Encoder encoder(AudioFormat::Pcmu);
  const Octets part = encoded(encoder, fresh.pcm());
  Octets whole;
  for (int i = 0; i < 3; ++i) whole.insert(whole.end(), part.begin(), part.end());
  CHECK(payload_of(voice.packet(1)) == whole);
  CHECK(voice.ticks_between_packets(0, 1) == 6 * 160);
  CHECK(marker_of(voice.packet(1)));
}

TEST_CASE("30 ms in ticks of 20 ms: a rest gives up the half frame too") {
  Voice voice(AudioFormat::Ilbc30, 30ms);
  const Frame frame = any_frame(voice.random, narrowband);
  CHECK_FALSE(voice.say(frame));
  CHECK_FALSE(voice.say(frame));  // 30 ms went, 10 ms are saved
  voice.rest();
  CHECK_FALSE(voice.say(frame));
  CHECK_FALSE(voice.say(frame));
  REQUIRE(voice.outbox.sent.size() == 2);
  CHECK(voice.ticks_between_packets(0, 1) == 3 * 160);
}

TEST_CASE("to a far end that is closed nothing is said, the clock goes on and the encoder is not asked") {
  struct Row {
    Drop reason;
    void (*close)(SendingSide&);
    void (*open)(SendingSide&);
  };
  const std::array rows{
      Row{Drop::NoDestination,
          [](SendingSide& to) { to.destination.reset(); },
          [](SendingSide& to) { to.destination = address(2); }},
      Row{Drop::SendOff,
          [](SendingSide& to) { to.may_send = false; },
          [](SendingSide& to) { to.may_send = true; }},
  };
  for (const Row& row : rows) {
    Voice voice(AudioFormat::G722);
    const Frame first = any_frame(voice.random, wideband);
    const Frame second = any_frame(voice.random, wideband);
    const Frame unheard = any_frame(voice.random, wideband);
    CHECK_FALSE(voice.say(first));
    row.close(voice.to);
    for (int i = 0; i < 9; ++i) CHECK(voice.say(unheard) == row.reason);
    CHECK(voice.say_encoded(Octets(160)) == row.reason);
    row.open(voice.to);
    CHECK_FALSE(voice.say(second));
    REQUIRE(voice.outbox.sent.size() == 2);
    CHECK(voice.ticks_between_packets(0, 1) == 11 * 160);
    CHECK(marker_of(voice.packet(1)));
    Encoder reference(AudioFormat::G722);
    CHECK(payload_of(voice.packet(0)) == encoded(reference, first.pcm()));
    CHECK(payload_of(voice.packet(1)) == encoded(reference, second.pcm()));
  }
}

TEST_CASE("a packet that the system refuses is gone, and the next one goes its own way") {
  for (const Drop reason : {Drop::SendWouldBlock, Drop::SendFailed}) {
    Voice voice(AudioFormat::Pcmu, 10ms);
    const Frame frame = any_frame(voice.random, narrowband);
    voice.outbox.refusal = reason;
    CHECK(voice.say(frame) == reason);
    CHECK(voice.to.sent.packets == 0);
    CHECK(voice.to.refused.of(reason) == 2);
    voice.outbox.refusal.reset();
    CHECK_FALSE(voice.say(frame));
    CHECK_FALSE(voice.say(frame));
    REQUIRE(voice.outbox.sent.size() == 4);
    CHECK(voice.to.sent.packets == 4);
    CHECK(voice.to.sent.octets == 320);
    CHECK(marker_of(voice.packet(0)));  // the first that was heard of this spurt
    CHECK_FALSE(marker_of(voice.packet(1)));
    voice.outbox.refusal = reason;
    CHECK(voice.say(frame) == reason);
    voice.outbox.refusal.reset();
    CHECK_FALSE(voice.say(frame));
    CHECK(voice.ticks_between_packets(3, 4) == 240);
    CHECK(static_cast<std::uint16_t>(sequence_of(voice.packet(4)) - sequence_of(voice.packet(3))) == 3);
    CHECK_FALSE(marker_of(voice.packet(4)));
    CHECK(voice.to.refused.of(reason) == 4);
  }
}

TEST_CASE("what somebody else encoded goes out in the same stream") {
  Voice voice(AudioFormat::G722);
  const Octets payload(160, 0x5A);
  CHECK_FALSE(voice.say(any_frame(voice.random, wideband)));
  CHECK_FALSE(voice.say_encoded(payload));
  CHECK_FALSE(voice.say(any_frame(voice.random, wideband)));
  REQUIRE(voice.outbox.sent.size() == 3);
  CHECK(payload_of(voice.packet(1)) == payload);
  CHECK_FALSE(marker_of(voice.packet(1)));
  CHECK(voice.ticks_between_packets(0, 1) == 160);
  CHECK(voice.ticks_between_packets(1, 2) == 160);
  CHECK(voice.to.sent.octets == 480);
}

TEST_CASE("after another source the stream goes on by the time that passed") {
  Voice voice(AudioFormat::Pcmu);
  const Frame frame = any_frame(voice.random, narrowband);
  const auto relayed = [&](std::int64_t sequence) {
    voice.now += 20ms;
    const auto stamp = voice.to.stream.place({.source = {.channel = {8}, .ssrc = {1}, .from = address(3)},
                                              .sequence = {sequence},
                                              .timestamp = {static_cast<std::uint32_t>(sequence) * 160},
                                              .length = {160}},
                                             voice.now,
                                             {8000});
    REQUIRE(stamp.ok());
    return stamp.value();
  };
  CHECK_FALSE(voice.say(frame));
  const auto foreign = relayed(1000);
  CHECK(foreign.timestamp.value - timestamp_of(voice.packet(0)) == 160);
  voice.rest();
  CHECK_FALSE(voice.say(frame));
  CHECK(timestamp_of(voice.packet(1)) - foreign.timestamp.value == 320);
  CHECK(static_cast<std::uint16_t>(sequence_of(voice.packet(1)) - foreign.sequence.value) == 1);
}

TEST_CASE("a speaker made anew for the channel goes on in its stream where the one before stopped") {
  Voice voice(AudioFormat::Pcmu);
  const Frame frame = any_frame(voice.random, narrowband);
  for (int i = 0; i < 5; ++i) CHECK_FALSE(voice.say(frame));
  voice.speaker = Speaker(ChannelId{7}, AudioFormat::Pcmu, 20ms);
  CHECK_FALSE(voice.say(frame));
  CHECK_FALSE(voice.say(frame));
  REQUIRE(voice.outbox.sent.size() == 7);
  for (std::size_t i = 1; i < 7; ++i) {
    CHECK(voice.ticks_between_packets(0, i) == i * 160);
    CHECK(sequence_of(voice.packet(i)) == static_cast<std::uint16_t>(sequence_of(voice.packet(0)) + i));
  }
}

TEST_CASE("speaking and resting do not allocate") {
  for (const FormatTraits& format : formats) {
    for (const Millis ptime : {10ms, 20ms, 60ms}) {
      Voice voice(format.format, ptime);
      voice.outbox.is_counting_only = true;
      const Frame narrow = any_frame(voice.random, narrowband);
      const Frame wide = any_frame(voice.random, wideband);
      const Octets payload(160);
      const std::size_t before = allocation_count();
      for (int i = 0; i < 3; ++i) {
        for (int tick = 0; tick < 6; ++tick) static_cast<void>(voice.say(tick % 2 == 0 ? narrow : wide));
        if (voice.speaker.takes_encoded()) static_cast<void>(voice.say_encoded(std::span(payload).first(38)));
        voice.rest();
      }
      const std::size_t after = allocation_count();
      CHECK(after == before);
      CHECK(voice.outbox.sent_count > 0);
    }
  }
}
