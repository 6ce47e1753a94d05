#include "rtp/group.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <doctest/doctest.h>
#include <memory>
#include <numbers>
#include <vector>

#include "codecs/codec.hpp"
#include "rtp/channel.hpp"
#include "support/addresses.hpp"
#include "support/allocation_count.hpp"
#include "support/recording_outbox.hpp"

using namespace mediaswitch;
using namespace mediaswitch::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint8_t payload_type_for(AudioFormat format) {
  return static_cast<std::uint8_t>(96 + static_cast<unsigned>(format));
}

/// A phone that sends a tone, or silence, and what it is sent.
struct Phone {
  RecordingOutbox outbox;
  Channel channel;
  Address address_of_phone;
  AudioFormat format;
  Encoder encoder;
  double hertz = 0;
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  std::uint64_t samples_sent = 0;

  Phone(std::uint64_t id, AudioFormat its_format)
      : channel({id}, outbox, Random({id, 0, 0, 0})),
        address_of_phone(address(static_cast<std::uint8_t>(id), 4000)),
        format(its_format),
        encoder(its_format) {
    RemoteMedia remote{
        .address = address_of_phone,
        .formats = {{.payload_type = {payload_type_for(format)}, .format = format, .receive = std::nullopt}},
        .telephone_event = RemoteMedia::TelephoneEvents{.send = {101}, .receive = {101}},
        .comfort_noise = std::nullopt,
        .ptime = std::nullopt};
    channel.target(remote);
  }

  ~Phone() {
    if (channel.group() != nullptr) channel.group()->remove(channel);
  }
  Phone(const Phone&) = delete;
  Phone& operator=(const Phone&) = delete;
  Phone(Phone&&) = delete;
  Phone& operator=(Phone&&) = delete;

  void send_20ms(Time now) {
    const CodecClocks& clocks = traits(format).clocks;
    std::vector<std::int16_t> pcm(samples_in(20ms, clocks.sampling).value);
    for (auto& each : pcm) {
      const double phase =
          2 * std::numbers::pi * hertz * static_cast<double>(samples_sent++) / clocks.sampling.value;
      each = hertz == 0 ? std::int16_t{0} : static_cast<std::int16_t>(std::lround(6000 * std::sin(phase)));
    }
    Octets payload(most_octets);
    payload.resize(encoder.encode(pcm, payload));
    receive({.payload_type = payload_type_for(format), .payload = payload}, now);
    timestamp += ticks_in(20ms, clocks.rtp).value;
  }
  void receive(RtpBuilder builder, Time now) {
    builder.sequence = ++sequence;
    builder.timestamp = timestamp;
    Octets octets = builder.build();
    channel.receive({.octets = octets, .from = address_of_phone, .arrived = now});
  }

  /// The audio of the last `packets` packets it was sent.
  [[nodiscard]] std::vector<std::int16_t> heard(std::size_t packets) const {
    Decoder decoder(format, Decoder::OnLoss::Skip);
    std::vector<std::int16_t> all;
    for (const auto& each : outbox.sent) {
      if (payload_type_of(each.packet) != payload_type_for(format)) continue;
      std::vector<std::int16_t> pcm(most_samples);
      pcm.resize(decoder.decode(payload_of(each.packet), pcm));
      all.insert(all.end(), pcm.begin(), pcm.end());
    }
    const std::size_t wanted = packets * samples_in(20ms, traits(format).clocks.sampling).value;
    REQUIRE(all.size() >= wanted);
    return {all.end() - static_cast<std::ptrdiff_t>(wanted), all.end()};
  }
  /// How loud a frequency is in it, in samples of amplitude.
  [[nodiscard]] double amplitude(double at, std::size_t packets = 50) const {
    const auto pcm = heard(packets);
    const double step = 2 * std::numbers::pi * at / traits(format).clocks.sampling.value;
    double real = 0;
    double imaginary = 0;
    for (std::size_t i = 0; i < pcm.size(); ++i) {
      real += pcm[i] * std::cos(step * static_cast<double>(i));
      imaginary += pcm[i] * std::sin(step * static_cast<double>(i));
    }
    return 2 * std::hypot(real, imaginary) / static_cast<double>(pcm.size());
  }
};

/// A group and its clock: every 20 ms each phone sends, 3 ms later the group ticks.
struct Room {
  Group group;
  Time now{1h};
  std::vector<Phone*> phones;

  void enter(Phone& phone) {
    phones.push_back(&phone);
    group.add(phone.channel);
    group.arrange();
  }
  void leave(Phone& phone) {
    group.remove(phone.channel);
    group.arrange();
  }
  void run(int frames) {
    for (int i = 0; i < frames; ++i) {
      for (Phone* const phone : phones) phone->send_20ms(now);
      if (group.wants_ticks()) group.tick(now + 3ms, 100us);
      now += 20ms;
    }
  }
};

struct Tone final : FrameSource {
  int frames;
  PlayEnd end = PlayEnd::Completed;
  explicit Tone(int count) : frames(count) {}
  Yield next(Frame& out) override {
    if (frames-- <= 0) return Yield::End;
    for (std::size_t i = 0; i < out.size(); ++i) {
      out.samples[i] = static_cast<std::int16_t>(std::lround(
          5000 * std::sin(2 * std::numbers::pi * 500 * static_cast<double>(i) / out.sampling.value)));
    }
    return Yield::Audio;
  }
  [[nodiscard]] PlayEnd reason() const override { return end; }
};

struct Tap final : FrameTap {
  int both = 0;
  int in_only = 0;
  int out_only = 0;
  int neither = 0;
  ClockRate sampling{};
  void reset() { both = in_only = out_only = neither = 0; }
  void take(const Frame* in, const Frame* out) override {
    if (in != nullptr) sampling = in->sampling;
    if (out != nullptr) sampling = out->sampling;
    (in != nullptr ? (out != nullptr ? both : in_only) : (out != nullptr ? out_only : neither)) += 1;
  }
};

}  // namespace

TEST_CASE("a conference of mixed codecs: everybody hears the others and not themselves") {
  Room room;
  Phone alice(1, AudioFormat::Pcmu);
  Phone bob(2, AudioFormat::G722);
  Phone carol(3, AudioFormat::Ilbc20);
  alice.hertz = 440;
  bob.hertz = 1000;
  carol.hertz = 1700;
  for (Phone* const each : {&alice, &bob, &carol}) room.enter(*each);
  room.run(150);
  constexpr double loud = 4000;
  constexpr double quiet = 300;
  CHECK(alice.amplitude(1000) > loud);
  CHECK(alice.amplitude(1700) > loud);
  CHECK(alice.amplitude(440) < quiet);
  CHECK(bob.amplitude(440) > loud);
  CHECK(bob.amplitude(1700) > loud);
  CHECK(bob.amplitude(1000) < quiet);
  CHECK(carol.amplitude(440) > loud / 2);
  CHECK(carol.amplitude(1000) > loud / 2);
  CHECK(carol.amplitude(1700) < loud / 4);
  CHECK(alice.outbox.sent.size() == 150);
}

TEST_CASE("two, three, two: nobody waits longer than one frame more, and each hears one stream") {
  Room room;
  Phone alice(1, AudioFormat::Pcmu);
  Phone bob(2, AudioFormat::Pcma);
  Phone carol(3, AudioFormat::Pcmu);
  bob.hertz = 700;
  room.enter(alice);
  room.enter(bob);
  room.run(50);
  CHECK_FALSE(room.group.wants_ticks());
  room.enter(carol);
  room.run(50);
  room.leave(carol);
  room.run(50);
  // 150 frames were said to her; at each change at most one is missing.
  CHECK(alice.outbox.sent.size() >= 148);
  const auto& sent = alice.outbox.sent;
  std::uint32_t longest_step = 0;
  for (std::size_t i = 1; i < sent.size(); ++i) {
    CHECK(ssrc_of(sent[i].packet) == ssrc_of(sent[0].packet));
    CHECK(static_cast<std::uint16_t>(sequence_of(sent[i].packet) - sequence_of(sent[i - 1].packet)) == 1);
    longest_step = std::max(longest_step, timestamp_of(sent[i].packet) - timestamp_of(sent[i - 1].packet));
  }
  CHECK(longest_step <= 320);
  CHECK(alice.amplitude(700, 150) > 5000);
  CHECK_MESSAGE(carol.channel.group() == nullptr, "who left has nothing");
}

TEST_CASE("read at once where packets are passed on, at the ticks where only those need them") {
  Tap tap;
  Room room;
  Phone alice(1, AudioFormat::Pcmu);
  Phone bob(2, AudioFormat::Pcmu);
  Phone carol(3, AudioFormat::Pcmu);
  const auto reading = [](const Phone& phone) { return phone.outbox.reading; };
  alice.channel.add_tap(tap);
  room.enter(alice);
  CHECK_MESSAGE(reading(alice) == Reading::AtTicks, "only listened to");
  alice.channel.echo({.is_on = true});
  room.group.arrange();
  CHECK_MESSAGE(reading(alice) == Reading::AtOnce, "an echo does not wait");
  alice.channel.echo({.is_on = false});
  room.enter(bob);
  CHECK_MESSAGE(reading(alice) == Reading::AtOnce, "nor a bridge, though it ticks");
  CHECK(reading(bob) == Reading::AtOnce);
  room.enter(carol);
  for (const Phone* const each : {&alice, &bob, &carol}) CHECK(reading(*each) == Reading::AtTicks);
  CHECK(carol.outbox.readings_asked == 0);
  room.run(3);
  CHECK(carol.outbox.readings_asked == 3);
  room.leave(carol);
  for (const Phone* const each : {&alice, &bob, &carol}) CHECK(reading(*each) == Reading::AtOnce);
  alice.channel.remove_tap(tap);
}

TEST_CASE("muted and deafened in a conference") {
  Room room;
  Phone alice(1, AudioFormat::Pcmu);
  Phone bob(2, AudioFormat::Pcmu);
  Phone carol(3, AudioFormat::Pcmu);
  alice.hertz = 440;
  bob.hertz = 1000;
  for (Phone* const each : {&alice, &bob, &carol}) room.enter(*each);
  alice.channel.direct({.may_send = true, .may_receive = false});
  bob.channel.direct({.may_send = false, .may_receive = true});
  room.run(80);
  CHECK(carol.amplitude(440) < 10);
  CHECK(carol.amplitude(1000) > 4000);
  CHECK(bob.outbox.sent.empty());
  CHECK(alice.amplitude(1000) > 4000);
}

TEST_CASE(
    "a whisper in a conference and in what is left of it: only its one listener hears it and its keys") {
  Room room;
  Tap tap;
  Phone customer(1, AudioFormat::Pcmu);
  Phone agent(2, AudioFormat::G722);
  Phone coach(3, AudioFormat::Pcmu);
  coach.hertz = 1000;
  coach.channel.whisper(agent.channel.id());
  for (Phone* const each : {&customer, &agent, &coach}) room.enter(*each);
  const auto press = [&] {
    coach.receive({.payload_type = 101, .payload = {5, 10, 0, 160}}, room.now);
    coach.receive({.payload_type = 101, .payload = {5, 0x8A, 0, 160}}, room.now);
  };
  const auto keys_to = [](const Phone& phone) {
    return std::ranges::count_if(phone.outbox.sent,
                                 [](const auto& each) { return payload_type_of(each.packet) == 101; });
  };
  room.run(80);
  CHECK(agent.amplitude(1000) > 4000);
  CHECK(customer.amplitude(1000) < 10);
  press();
  room.run(20);
  CHECK(keys_to(agent) > 3);
  CHECK(keys_to(customer) == 0);

  SUBCASE("the customer leaves") {
    room.leave(customer);
    room.run(60);
    CHECK(agent.amplitude(1000) > 4000);
  }
  SUBCASE("the agent leaves: nobody hears it, nor records it as said") {
    customer.channel.add_tap(tap);
    room.leave(agent);
    const std::size_t before = customer.outbox.sent.size();
    customer.hertz = 500;
    room.run(60);
    press();
    room.run(5);
    CHECK(customer.outbox.sent.size() == before);
    CHECK(coach.amplitude(500) > 4000);
    CHECK(tap.both == 0);
    CHECK(tap.in_only > 50);
    coach.channel.whisper(std::nullopt);
    room.group.arrange();
    room.run(60);
    CHECK(customer.amplitude(1000) > 4000);
    customer.channel.remove_tap(tap);
  }
  SUBCASE("it becomes a word for all while a key is held: who heard it pressed hears it let go") {
    coach.receive({.payload_type = 101, .payload = {5, 10, 0, 160}}, room.now);
    room.run(5);
    coach.channel.whisper(std::nullopt);
    room.run(80);
    CHECK_FALSE(agent.channel.has_digits());
    CHECK(customer.amplitude(1000) > 4000);
  }
}

TEST_CASE("a key pressed in a conference reaches the others once, as a key of ours, and not its presser") {
  Room room;
  Phone alice(1, AudioFormat::Pcmu);
  Phone bob(2, AudioFormat::Pcmu);
  Phone carol(3, AudioFormat::Pcmu);
  for (Phone* const each : {&alice, &bob, &carol}) room.enter(*each);
  room.run(10);
  for (int i = 1; i <= 5; ++i) {
    alice.receive(
        {.marker = i == 1,
         .payload_type = 101,
         .payload = {7, 10, static_cast<std::uint8_t>(i * 160 >> 8), static_cast<std::uint8_t>(i * 160)}},
        room.now);
    room.group.tick(room.now, 0us);
    room.now += 20ms;
  }
  alice.receive({.payload_type = 101, .payload = {7, 0x8A, 3, 0x20}}, room.now);
  room.run(20);
  CHECK(alice.outbox.keys == "7");
  REQUIRE(alice.outbox.releases.size() == 1);
  CHECK(alice.outbox.releases[0].held == 100ms);
  CHECK(bob.outbox.keys.empty());
  const auto events_to = [](const Phone& phone) {
    std::vector<Octets> events;
    for (const auto& each : phone.outbox.sent) {
      if (payload_type_of(each.packet) == 101) events.push_back(each.packet);
    }
    return events;
  };
  CHECK(events_to(alice).empty());
  const auto events = events_to(bob);
  REQUIRE(events.size() >= 4);
  std::size_t ends = 0;
  for (const Octets& each : events) {
    CHECK(payload_of(each)[0] == 7);
    CHECK(timestamp_of(each) == timestamp_of(events[0]));
    if ((payload_of(each)[1] & 0x80U) != 0) ++ends;
  }
  CHECK(ends == 3);
  CHECK(events_to(carol).size() == events.size());
}

TEST_CASE("alone: a list is played to its end, in the far end's format, and a key ends it early") {
  for (const AudioFormat format : {AudioFormat::Pcmu, AudioFormat::G722, AudioFormat::Ilbc30}) {
    Room room;
    Phone alice(1, format);
    alice.channel.play(std::make_unique<Tone>(60), {});
    room.enter(alice);
    room.run(60);
    CHECK(alice.amplitude(500, 30) > 3500);
    room.run(3);
    CHECK(alice.outbox.play_ends == std::vector{PlayEnd::Completed});
    CHECK(alice.outbox.arrangements_asked > 0);
    room.group.arrange();
    CHECK_FALSE(room.group.wants_ticks());
    CHECK_FALSE(alice.channel.needs_group());
  }
  Room room;
  Phone bob(2, AudioFormat::Pcmu);
  bob.channel.play(std::make_unique<Tone>(1000), {.ends_on_key = true, .barge_in = std::nullopt});
  room.enter(bob);
  room.run(10);
  bob.receive({.payload_type = 101, .payload = {1, 10, 0, 160}}, room.now);
  CHECK(bob.outbox.play_ends == std::vector{PlayEnd::TelephoneEvent});
  const std::size_t before = bob.outbox.sent.size();
  room.group.arrange();
  room.run(10);
  CHECK(bob.outbox.sent.size() == before);
}

TEST_CASE("held playing goes on where it was; a new source replaces; joining others is theirs to end") {
  Room room;
  Phone alice(1, AudioFormat::Pcmu);
  alice.channel.play(std::make_unique<Tone>(20), {});
  room.enter(alice);
  room.run(10);
  alice.channel.playback().hold();
  room.group.arrange();
  room.run(30);
  CHECK(alice.outbox.sent.size() == 10);
  alice.channel.playback().go_on();
  room.group.arrange();
  room.run(5);
  CHECK(alice.outbox.sent.size() == 15);
  alice.channel.play(std::make_unique<Tone>(20), {});
  CHECK(alice.outbox.play_ends == std::vector{PlayEnd::Replaced});
}

TEST_CASE("keys of ours: fourteen packets each, what the other leg says waits, and the stream stays one") {
  Room room;
  Phone alice(1, AudioFormat::Pcmu);
  Phone bob(2, AudioFormat::Pcmu);
  room.enter(alice);
  room.enter(bob);
  room.run(5);
  REQUIRE(alice.channel.send_digits({.keys = "1#"}));
  room.group.arrange();
  CHECK(room.group.wants_ticks());
  room.run(60);
  room.group.arrange();
  room.run(5);
  std::size_t events = 0;
  std::uint16_t last = sequence_of(alice.outbox.sent[0].packet);
  for (std::size_t i = 1; i < alice.outbox.sent.size(); ++i) {
    const Octets& packet = alice.outbox.sent[i].packet;
    if (payload_type_of(packet) == 101) ++events;
    CHECK(static_cast<std::uint16_t>(sequence_of(packet) - last) == 1);
    last = sequence_of(packet);
  }
  CHECK(events == 28);
  CHECK(bob.channel.statistics().dropped.of(Drop::Preempted) > 20);
  CHECK(payload_type_of(alice.outbox.sent.back().packet) == payload_type_for(AudioFormat::Pcmu));
  CHECK(alice.outbox.keys.empty());
}

TEST_CASE("echo: what comes goes back, key presses too") {
  Room room;
  Phone alice(1, AudioFormat::G722);
  alice.hertz = 600;
  alice.channel.echo({.is_on = true});
  room.enter(alice);
  room.run(20);
  CHECK(alice.outbox.sent.size() == 20);
  alice.receive({.payload_type = 101, .payload = {5, 10, 0, 160}}, room.now);
  CHECK(payload_type_of(alice.outbox.sent.back().packet) == 101);
  CHECK(alice.channel.statistics().forwarded == 21);
}

TEST_CASE("who listens to a leg hears both sides, alone, in a bridge and in a conference") {
  Tap tap;
  Room room;
  Phone alice(1, AudioFormat::Pcmu);
  Phone bob(2, AudioFormat::G722);
  Phone carol(3, AudioFormat::Pcmu);
  for (Phone* const each : {&alice, &bob, &carol}) each->hertz = 500;
  alice.channel.add_tap(tap);
  room.enter(alice);
  room.run(20);
  CHECK(tap.in_only >= 18);
  CHECK(tap.sampling == narrowband);
  room.enter(bob);
  tap.reset();
  room.run(20);
  CHECK(tap.both >= 17);
  CHECK(tap.sampling == wideband);
  CHECK_MESSAGE(bob.outbox.sent.size() == 20, "the bridge itself goes on packet by packet");
  room.enter(carol);
  tap.reset();
  room.run(20);
  CHECK(tap.both >= 17);
  alice.channel.remove_tap(tap);
}

TEST_CASE("R104: digital silence that came is told to who listens, and nothing where nothing came") {
  Tap tap;
  Room room;
  Phone alice(1, AudioFormat::Pcmu);
  Phone bob(2, AudioFormat::Pcmu);
  Phone carol(3, AudioFormat::Pcmu);
  alice.channel.add_tap(tap);
  room.enter(alice);
  room.run(20);
  CHECK(tap.in_only >= 18);
  room.enter(bob);
  tap.reset();
  room.run(20);
  CHECK(tap.both >= 18);
  room.phones = {&bob};
  room.run(10);
  tap.reset();
  room.run(20);
  CHECK_MESSAGE(tap.out_only == 20, "who is silent is recorded with its peer");
  room.phones.clear();
  room.run(10);
  tap.reset();
  room.run(20);
  CHECK(tap.neither == 20);
  room.enter(carol);
  room.phones = {&alice};
  room.run(10);
  tap.reset();
  room.run(20);
  CHECK_MESSAGE(tap.both == 20, "a conference is spoken to in every tick");
  CHECK_MESSAGE(carol.outbox.sent.size() == 30, "and hears nobody talk");
  alice.channel.remove_tap(tap);
}

TEST_CASE("two hold keys in a conference: each is released by its own end") {
  Room room;
  Phone alice(1, AudioFormat::Pcmu);
  Phone bob(2, AudioFormat::Pcmu);
  Phone carol(3, AudioFormat::Pcmu);
  for (Phone* const each : {&alice, &bob, &carol}) room.enter(*each);
  room.run(10);
  room.phones = {&carol};
  alice.receive({.marker = true, .payload_type = 101, .payload = {1, 10, 0, 160}}, room.now);
  room.run(5);
  bob.receive({.marker = true, .payload_type = 101, .payload = {2, 10, 0, 160}}, room.now);
  alice.receive({.payload_type = 101, .payload = {1, 0x8A, 3, 0x20}}, room.now);
  for (std::uint8_t i = 2; i < 62; ++i) {
    room.run(1);
    bob.receive({.payload_type = 101, .payload = {2, 10, i, 0}}, room.now);
  }
  const Octets& held = carol.outbox.sent.back().packet;
  CHECK(payload_type_of(held) == 101);
  CHECK(payload_of(held)[0] == 2);
  CHECK_MESSAGE((payload_of(held)[1] & 0x80U) == 0, "Bob still holds his");
  bob.receive({.payload_type = 101, .payload = {2, 0x8A, 62, 0}}, room.now);
  room.run(3);
  CHECK((payload_of(carol.outbox.sent.back().packet)[1] & 0x80U) != 0);
}

TEST_CASE("every datagram is forwarded, consumed or dropped, and ticks allocate nothing") {
  Tap tap;
  Room room;
  Phone alice(1, AudioFormat::Pcmu);
  Phone bob(2, AudioFormat::G722);
  Phone carol(3, AudioFormat::Ilbc20);
  for (Phone* const each : {&alice, &bob, &carol}) {
    each->hertz = 500;
    room.enter(*each);
    each->outbox.is_counting_only = true;
  }
  alice.channel.add_tap(tap);
  bob.channel.whisper(alice.channel.id());
  room.group.arrange();
  room.run(60);
  std::size_t allocations = 0;
  for (int i = 0; i < 100; ++i) {
    for (Phone* const phone : room.phones) phone->send_20ms(room.now);
    const std::size_t before = allocation_count();
    room.group.tick(room.now + 3ms, 0us);
    allocations += allocation_count() - before;
    room.now += 20ms;
  }
  CHECK(allocations == 0);
  for (const Phone* const phone : room.phones) {
    const Statistics statistics = phone->channel.statistics();
    std::uint64_t accounted = statistics.forwarded + statistics.consumed;
    for (const Drop drop : all_drops) accounted += statistics.dropped.of(drop);
    CHECK(accounted == statistics.datagrams);
    CHECK(statistics.datagrams == 160);
    CHECK(statistics.ticks.count > 100);
  }
  alice.channel.remove_tap(tap);
}
