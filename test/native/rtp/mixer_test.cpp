#include "rtp/mixer.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <deque>
#include <doctest/doctest.h>
#include <initializer_list>
#include <numbers>
#include <vector>

#include "audio/level.hpp"
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

using Pcm = std::vector<std::int16_t>;

/// Half a second of hearing the same, in ticks, after which adaptive encoders count as equal.
constexpr int half_second = 25;

struct Member {
  Member(AudioFormat format, Millis ptime, std::uint8_t number)
      : random({number, 2, 3, 4}), speaker(ChannelId{number}, format, ptime) {
    to.format = format;
  }

  [[nodiscard]] const Octets& packet(std::size_t index) const { return outbox.sent.at(index).packet; }
  [[nodiscard]] Octets last() const { return payload_of(outbox.sent.back().packet); }

  Random random;
  SendingSide to{.destination = address(2, 5000),
                 .payload_type = {97},
                 .telephone_event = std::nullopt,
                 .comfort_noise = std::nullopt,
                 .ptime = std::nullopt,
                 .stream = OutgoingStream(random),
                 .sent = {}};
  RecordingOutbox outbox;
  Speaker speaker;
  Frame heard;
  Frame sent;
  std::optional<Drop> refused;
  std::optional<ChannelId> audible_to;
};

/// A conference, its members by number, who says what and who is asked what it was sent.
struct Conference {
  explicit Conference(ClockRate at) : sampling(at) {}

  Member& add(AudioFormat format, Millis ptime = 20ms) {
    return members.emplace_back(format, ptime, static_cast<std::uint8_t>(members.size() + 1));
  }

  Frame any_frame() {
    Frame frame{.sampling = sampling, .samples = {}};
    for (std::int16_t& sample : frame.pcm()) sample = static_cast<std::int16_t>(random.next16());
    return frame;
  }

  /// One tick in which these say something new; all others nothing.
  void tick(std::initializer_list<std::size_t> talkers) {
    std::vector<bool> talks(members.size());
    for (const std::size_t talker : talkers) talks[talker] = true;
    tick_of(talks);
  }
  void tick_of(const std::vector<bool>& talks) {
    seats.clear();
    for (std::size_t i = 0; i < members.size(); ++i) {
      Member& member = members[i];
      if (talks[i]) member.heard = any_frame();
      seats.push_back({.channel = ChannelId{i + 1},
                       .audible_to = member.audible_to,
                       .heard = talks[i] ? &member.heard : nullptr,
                       .speaker = &member.speaker,
                       .sending = &member.to,
                       .outbox = &member.outbox,
                       .sent = &member.sent,
                       .refused = {}});
    }
    mix();
  }
  void mix() {
    now += 20ms;
    mixer.tick(seats, sampling, now);
  }

  /// The saturated sum of what all but one said in the last tick, as far as it is for it, sample by sample.
  [[nodiscard]] Pcm others_of(const Speaker& own) const {
    Pcm mix;
    for (std::size_t at = 0; at < (sampling == wideband ? wide_frame : narrow_frame); ++at) {
      std::int64_t total = 0;
      for (const MixSeat& seat : seats) {
        if (seat.heard == nullptr || seat.speaker == &own) continue;
        if (!seat.audible_to || *seat.audible_to == id_of(own)) total += seat.heard->samples[at];
      }
      mix.push_back(static_cast<std::int16_t>(std::clamp<std::int64_t>(total, -32768, 32767)));
    }
    return mix;
  }

  [[nodiscard]] ChannelId id_of(const Speaker& own) const {
    const auto is_own = [&own](const Member& each) { return &each.speaker == &own; };
    return {static_cast<std::uint64_t>(std::ranges::find_if(members, is_own) - members.begin()) + 1};
  }

  ClockRate sampling;
  Random random{{9, 8, 7, 6}};
  std::deque<Member> members;
  std::vector<MixSeat> seats;
  Mixer mixer;
  Time now{1h};
};

Octets encoded(Encoder& encoder, std::span<const std::int16_t> pcm) {
  Octets payload(most_octets);
  payload.resize(encoder.encode(pcm, payload));
  return payload;
}
Octets encoded_once(AudioFormat format, std::span<const std::int16_t> pcm) {
  Encoder encoder(format);
  return encoded(encoder, pcm);
}
Pcm samples_of(const Frame& frame) { return {frame.pcm().begin(), frame.pcm().end()}; }

Frame tone(double hertz, ClockRate sampling, std::size_t tick) {
  Frame frame{.sampling = sampling, .samples = {}};
  for (std::size_t i = 0; i < frame.size(); ++i) {
    const auto at = static_cast<double>(tick * frame.size() + i);
    frame.samples[i] = static_cast<std::int16_t>(
        std::lrint(8000 * std::sin(2 * std::numbers::pi * hertz * at / sampling.value)));
  }
  return frame;
}

}  // namespace

TEST_CASE("each hears the saturated sum of the others, whoever talks") {
  for (const ClockRate sampling : {narrowband, wideband}) {
    Conference conference(sampling);
    for (int i = 0; i < 6; ++i) {
      conference.add(sampling == wideband ? AudioFormat::L16Wide : AudioFormat::L16Narrow);
    }
    for (int tick = 0; tick < 200; ++tick) {
      std::vector<bool> talks;
      for (std::size_t i = 0; i < 6; ++i) talks.push_back(conference.random.next16() % 3 == 0);
      conference.tick_of(talks);
      for (Member& member : conference.members) {
        const Pcm expected = conference.others_of(member.speaker);
        REQUIRE(member.outbox.sent.size() == static_cast<std::size_t>(tick + 1));
        REQUIRE(member.last() == encoded_once(member.speaker.format(), expected));
        REQUIRE(samples_of(member.sent) == expected);
      }
    }
  }
}

TEST_CASE("nobody hears themselves: who talks alone hears digital silence") {
  for (const FormatTraits& format : formats) {
    Conference conference(format.clocks.sampling);
    Member& talker = conference.add(format.format);
    conference.add(format.format);
    conference.add(format.format);
    Encoder reference(format.format);
    const Frame silence{.sampling = format.clocks.sampling, .samples = {}};
    CAPTURE(format.name);
    for (int tick = 0; tick < 60; ++tick) {
      conference.tick({0});
      CHECK(is_silence(talker.sent.pcm()));
      if (!talker.speaker.takes_encoded()) continue;
      REQUIRE(talker.last() == encoded(reference, silence.pcm()));
    }
  }
}

TEST_CASE("a packet goes to each in every tick, also when nobody talks") {
  Conference conference(narrowband);
  for (const AudioFormat format : {AudioFormat::Pcmu, AudioFormat::Pcma, AudioFormat::L16Narrow}) {
    for (int i = 0; i < 2; ++i) conference.add(format);
  }
  const Frame silence;
  for (std::size_t tick = 1; tick <= 3; ++tick) {
    conference.tick({});
    for (Member& member : conference.members) {
      CHECK(member.outbox.sent.size() == tick);
      CHECK(member.last() == encoded_once(member.speaker.format(), silence.pcm()));
      CHECK(is_silence(member.sent.pcm()));
      CHECK_FALSE(conference.seats[0].refused);
    }
  }
}

TEST_CASE("two talkers and many listeners of one format: the listeners get the same octets") {
  for (const AudioFormat format : {AudioFormat::Pcmu, AudioFormat::G722, AudioFormat::Ilbc20}) {
    Conference conference(traits(format).clocks.sampling);
    for (int i = 0; i < 6; ++i) conference.add(format);
    for (int tick = 0; tick < half_second + 3; ++tick) conference.tick({0, 1});
    for (std::size_t i = 3; i < 6; ++i) {
      CHECK(conference.members[i].last() == conference.members[2].last());
    }
    CHECK(conference.members[0].last() != conference.members[2].last());
    CHECK(conference.members[1].last() != conference.members[2].last());
  }
}

TEST_CASE(
    "an adaptive encoder gives way to the common one after half a second, which was asked once a tick") {
  for (const AudioFormat format : {AudioFormat::G722, AudioFormat::Ilbc20}) {
    CAPTURE(traits(format).name);
    Conference conference(traits(format).clocks.sampling);
    Member& talker = conference.add(AudioFormat::L16Narrow);
    Member& changing = conference.add(format);
    Member& silent = conference.add(format);
    const auto index_of_changing = std::size_t{1};
    Encoder own(format);
    Encoder other(format);
    Encoder common(format);

    // Each on its own, nobody alike.
    for (int tick = 0; tick < 10; ++tick) {
      conference.tick({0, index_of_changing});
      REQUIRE(changing.last() == encoded(own, conference.others_of(changing.speaker)));
      REQUIRE(silent.last() == encoded(other, conference.others_of(silent.speaker)));
    }
    // Alike, but their encoders are not yet.
    for (int tick = 0; tick < half_second; ++tick) {
      conference.tick({0});
      const Pcm mix = conference.others_of(silent.speaker);
      static_cast<void>(encoded(common, mix));
      REQUIRE(changing.last() == encoded(own, mix));
      REQUIRE(silent.last() == encoded(other, mix));
    }
    // The common one, which two members do not ask twice.
    for (int tick = 0; tick < 40; ++tick) {
      conference.tick({0});
      const Octets expected = encoded(common, conference.others_of(silent.speaker));
      REQUIRE(changing.last() == expected);
      REQUIRE(silent.last() == expected);
    }
    // Whoever talks is on its own at once, and goes on from where the common one is, as the far end's decoder
    // does; the common one goes on for the other.
    own.continue_after(common);
    for (int tick = 0; tick < 3; ++tick) {
      conference.tick({0, index_of_changing});
      REQUIRE(changing.last() == encoded(own, conference.others_of(changing.speaker)));
      REQUIRE(silent.last() == encoded(common, conference.others_of(silent.speaker)));
    }
    for (int tick = 0; tick < half_second; ++tick) {
      conference.tick({});
      const Pcm mix = conference.others_of(silent.speaker);
      REQUIRE(changing.last() == encoded(own, mix));
      REQUIRE(silent.last() == encoded(common, mix));
    }
    conference.tick({0});
    const Octets expected = encoded(common, conference.others_of(silent.speaker));
    CHECK(changing.last() == expected);
    CHECK(silent.last() == expected);
    CHECK(talker.outbox.sent.size() == changing.outbox.sent.size());
  }
}

TEST_CASE("the only one of its format keeps its own encoder for ever") {
  Conference conference(wideband);
  conference.add(AudioFormat::L16Wide);
  conference.add(AudioFormat::Pcmu);
  Member& alone = conference.add(AudioFormat::G722);
  Encoder own(AudioFormat::G722);
  for (int tick = 0; tick < 4 * half_second; ++tick) {
    conference.tick_of({true, false, tick % 40 == 0});
    REQUIRE(alone.last() == encoded(own, conference.others_of(alone.speaker)));
  }
}

TEST_CASE("who was elsewhere begins with its own encoder again") {
  Conference conference(wideband);
  conference.add(AudioFormat::L16Wide);
  Member& leaving = conference.add(AudioFormat::G722);
  Member& staying = conference.add(AudioFormat::G722);
  Encoder own(AudioFormat::G722);
  for (int tick = 0; tick < half_second; ++tick) {
    conference.tick({0});
    static_cast<void>(encoded(own, conference.others_of(leaving.speaker)));
  }
  conference.tick({0});
  CHECK(leaving.last() == staying.last());

  SUBCASE("in no mixer") {
    const MixSeat seat = conference.seats[1];
    conference.seats.erase(conference.seats.begin() + 1);
    conference.mix();
    conference.seats.insert(conference.seats.begin() + 1, seat);
  }
  SUBCASE("in another mixer, in this tick") { conference.mixer = Mixer(); }
  SUBCASE("where it could not be sent to") {
    leaving.to.may_send = false;
    conference.mix();
    leaving.to.may_send = true;
  }
  conference.mix();
  CHECK(leaving.last() == encoded(own, conference.others_of(leaving.speaker)));
}

TEST_CASE("narrowband members of a wideband mix: one unbroken filter for each, whether they talk or not") {
  Conference conference(wideband);
  conference.add(AudioFormat::G722);
  conference.add(AudioFormat::L16Wide);
  std::vector<Downsampler> references;
  for (int i = 0; i < 3; ++i) {
    conference.add(AudioFormat::L16Narrow);
    references.emplace_back();
  }
  conference.add(AudioFormat::L16Narrow, 40ms);
  conference.add(AudioFormat::L16Narrow, 10ms);
  references.resize(5);
  std::vector<Octets> streams(5);
  for (int tick = 0; tick < 100; ++tick) {
    std::vector<bool> talks{true, true};
    for (int i = 0; i < 5; ++i) talks.push_back(conference.random.next16() % 4 == 0);
    conference.tick_of(talks);
    for (std::size_t i = 0; i < 5; ++i) {
      Member& member = conference.members[i + 2];
      const Pcm mix = conference.others_of(member.speaker);
      std::array<std::int16_t, narrow_frame> narrow{};
      references[i].process(mix, narrow);
      const Octets octets = encoded_once(AudioFormat::L16Narrow, narrow);
      streams[i].insert(streams[i].end(), octets.begin(), octets.end());
      REQUIRE(samples_of(member.sent) == mix);
    }
  }
  for (std::size_t i = 0; i < 5; ++i) {
    Octets heard;
    for (const auto& [packet, to] : conference.members[i + 2].outbox.sent) {
      heard.insert(heard.end(), packet.begin() + 12, packet.end());
    }
    CAPTURE(i);
    CHECK(heard == streams[i]);
  }
}

TEST_CASE("after a tick without anybody the common filter remembers nobody") {
  Conference conference(wideband);
  conference.add(AudioFormat::L16Wide);
  Member& one = conference.add(AudioFormat::L16Narrow);
  Member& other = conference.add(AudioFormat::L16Narrow);
  for (int tick = 0; tick < 5; ++tick) conference.tick({0});
  conference.tick({});
  CHECK(one.last() == Octets(2 * narrow_frame));
  conference.tick({0});
  Downsampler anew;
  std::array<std::int16_t, narrow_frame> narrow{};
  anew.process(conference.others_of(one.speaker), narrow);
  CHECK(one.last() == encoded_once(AudioFormat::L16Narrow, narrow));
  CHECK(other.last() == one.last());
}

TEST_CASE("wideband members of a narrowband mix are brought up one by one") {
  Conference conference(narrowband);
  conference.add(AudioFormat::Pcmu);
  Member& wide = conference.add(AudioFormat::L16Wide);
  conference.add(AudioFormat::L16Wide);
  Upsampler reference;
  std::array<std::int16_t, wide_frame> samples{};
  for (int tick = 0; tick < 5; ++tick) {
    conference.tick({0});
    reference.process(conference.others_of(wide.speaker), samples);
    CHECK(wide.last() == encoded_once(AudioFormat::L16Wide, samples));
  }
}

TEST_CASE("all formats in one conference: all but the one who talks hear the tone, the one hears nothing") {
  for (std::size_t who = 0; who < formats.size(); ++who) {
    Conference conference(wideband);
    std::vector<Decoder> decoders;
    for (const FormatTraits& format : formats) {
      conference.add(format.format);
      decoders.emplace_back(format.format, Decoder::OnLoss::Skip);
    }
    std::vector<Pcm> heard(formats.size());
    conference.tick({who});
    for (std::size_t tick = 0; tick < 60; ++tick) {
      conference.members[who].heard = tone(440, wideband, tick);
      conference.mix();
    }
    for (std::size_t i = 0; i < formats.size(); ++i) {
      const auto& sent = conference.members[i].outbox.sent;
      for (std::size_t at = 0; at < sent.size(); ++at) {
        Pcm pcm(most_samples);
        pcm.resize(decoders[i].decode(payload_of(sent[at].packet), pcm));
        REQUIRE_FALSE(pcm.empty());
        if (at >= sent.size() / 2) heard[i].insert(heard[i].end(), pcm.begin(), pcm.end());
      }
      CAPTURE(formats[i].name);
      if (i == who) {
        CHECK(root_mean_square(heard[i]) < 20);
      } else {
        CHECK(root_mean_square(heard[i]) == doctest::Approx(8000 / std::numbers::sqrt2).epsilon(0.05));
      }
    }
  }
}

TEST_CASE("every ptime in one conference: nobody misses or doubles anything") {
  Conference conference(narrowband);
  for (const Millis ptime : {10ms, 20ms, 30ms, 40ms, 60ms}) conference.add(AudioFormat::L16Narrow, ptime);
  std::vector<Octets> expected(5);
  for (int tick = 0; tick < 24; ++tick) {
    std::vector<bool> talks;
    for (int i = 0; i < 5; ++i) talks.push_back(conference.random.next16() % 2 == 0);
    conference.tick_of(talks);
    for (std::size_t i = 0; i < 5; ++i) {
      const Octets octets =
          encoded_once(AudioFormat::L16Narrow, conference.others_of(conference.members[i].speaker));
      expected[i].insert(expected[i].end(), octets.begin(), octets.end());
    }
  }
  const std::array<std::size_t, 5> packets{48, 24, 16, 12, 8};
  for (std::size_t i = 0; i < 5; ++i) {
    Octets heard;
    const auto& sent = conference.members[i].outbox.sent;
    CHECK(sent.size() == packets.at(i));
    for (std::size_t at = 0; at < sent.size(); ++at) {
      const Octets payload = payload_of(sent[at].packet);
      heard.insert(heard.end(), payload.begin(), payload.end());
      CHECK(timestamp_of(sent[at].packet) - timestamp_of(sent[0].packet) == at * payload.size() / 2);
    }
    CHECK(heard == expected[i]);
  }
}

TEST_CASE("a whisper is in the sum of its one listener and in no other, exactly, whoever else talks") {
  constexpr std::size_t size = 6;
  for (const ClockRate sampling : {narrowband, wideband}) {
    Conference conference(sampling);
    for (std::size_t i = 0; i < size; ++i) {
      conference.add(sampling == wideband ? AudioFormat::L16Wide : AudioFormat::L16Narrow);
    }
    for (int tick = 0; tick < 400; ++tick) {
      // Everybody, one of the others, itself, or somebody who is not there.
      const std::size_t who = conference.random.next16() % size;
      const std::uint64_t to = conference.random.next16() % (size + 2);
      conference.members[who].audible_to = to == 0 ? std::nullopt : std::optional(ChannelId{to});
      std::vector<bool> talks;
      for (std::size_t i = 0; i < size; ++i) talks.push_back(conference.random.next16() % 2 == 0);
      conference.tick_of(talks);
      for (Member& member : conference.members) {
        const Pcm expected = conference.others_of(member.speaker);
        REQUIRE(member.last() == encoded_once(member.speaker.format(), expected));
        REQUIRE(samples_of(member.sent) == expected);
      }
    }
  }
}

TEST_CASE("who whispers hears with the others: their one encoding, in adaptive formats too") {
  for (const AudioFormat format : {AudioFormat::Pcmu, AudioFormat::G722}) {
    Conference conference(traits(format).clocks.sampling);
    for (int i = 0; i < 5; ++i) conference.add(format);
    Member& agent = conference.members[1];
    Member& whisperer = conference.members[2];
    Member& listener = conference.members[3];
    Encoder own(format);
    Encoder common(format);
    for (int tick = 0; tick < half_second; ++tick) {
      conference.tick({0});
      static_cast<void>(encoded(own, conference.others_of(agent.speaker)));
      static_cast<void>(encoded(common, conference.others_of(listener.speaker)));
    }
    whisperer.audible_to = ChannelId{2};
    for (int tick = 0; tick < 2 * half_second; ++tick) {
      conference.tick({0, 2});
      REQUIRE(listener.last() == encoded(common, conference.others_of(listener.speaker)));
      REQUIRE(whisperer.last() == listener.last());
      REQUIRE(agent.last() == encoded(own, conference.others_of(agent.speaker)));
      REQUIRE(agent.last() != listener.last());
    }
  }
}

TEST_CASE("who is muted says nothing; who is deaf hears nothing, and still is heard") {
  Conference conference(narrowband);
  Member& deaf = conference.add(AudioFormat::Pcmu);
  Member& muted = conference.add(AudioFormat::Pcmu);
  Member& third = conference.add(AudioFormat::Pcmu);
  conference.tick({0, 2});  // 1 is muted: what it says is not passed on by its owner
  conference.seats[0].speaker = nullptr;
  conference.seats[0].sending = nullptr;
  conference.seats[0].outbox = nullptr;
  conference.seats[0].refused = Drop::SendFailed;  // in an earlier tick
  const std::size_t before = deaf.outbox.sent.size();
  conference.mix();
  CHECK(deaf.outbox.sent.size() == before);
  CHECK(is_silence(deaf.sent.pcm()));
  CHECK_FALSE(conference.seats[0].refused);
  CHECK(muted.last() == encoded_once(AudioFormat::Pcmu, conference.others_of(muted.speaker)));
  CHECK(third.last() == encoded_once(AudioFormat::Pcmu, deaf.heard.pcm()));
}

TEST_CASE("a member that can't be sent to has its reason, and the others hear on") {
  struct Row {
    Drop reason;
    bool is_recorded_as_silence;
    void (*change)(Member&);
  };
  const std::array rows{
      Row{Drop::NoDestination, true, [](Member& member) { member.to.destination.reset(); }},
      Row{Drop::SendOff, true, [](Member& member) { member.to.may_send = false; }},
      Row{Drop::Preempted, true, [](Member& member) { member.to.is_taken = true; }},
      Row{Drop::SendWouldBlock, false, [](Member& member) { member.outbox.refusal = Drop::SendWouldBlock; }},
      Row{Drop::SendFailed, false, [](Member& member) { member.outbox.refusal = Drop::SendFailed; }},
  };
  for (const Row& row : rows) {
    for (const bool talks : {false, true}) {
      Conference conference(narrowband);
      for (int i = 0; i < 4; ++i) conference.add(AudioFormat::Pcmu);
      row.change(conference.members[1]);
      conference.tick_of({true, talks, false, true});
      CHECK(conference.seats[1].refused == row.reason);
      CHECK(conference.members[1].outbox.sent.empty());
      CHECK(is_silence(conference.members[1].sent.pcm()) == row.is_recorded_as_silence);
      for (const std::size_t i : {0U, 2U, 3U}) {
        Member& member = conference.members[i];
        CHECK_FALSE(conference.seats[i].refused);
        CHECK(member.last() == encoded_once(AudioFormat::Pcmu, conference.others_of(member.speaker)));
      }
    }
  }
}

TEST_CASE("a refusal is forgotten by the next tick; the clock went on and a marker tells of the pause") {
  for (const AudioFormat format : {AudioFormat::Pcmu, AudioFormat::G722}) {
    Conference conference(wideband);
    conference.add(AudioFormat::Pcmu);
    Member& held = conference.add(format);
    conference.add(format);
    conference.tick({0});
    held.to.may_send = false;
    for (int tick = 0; tick < 100; ++tick) conference.tick({0});
    CHECK(conference.seats[1].refused == Drop::SendOff);
    held.to.may_send = true;
    conference.tick({0});
    conference.tick({0});
    CHECK_FALSE(conference.seats[1].refused);
    REQUIRE(held.outbox.sent.size() == 3);
    CHECK(timestamp_of(held.packet(1)) - timestamp_of(held.packet(0)) == 101 * 160);
    CHECK(timestamp_of(held.packet(2)) - timestamp_of(held.packet(1)) == 160);
    CHECK(marker_of(held.packet(1)));
    CHECK_FALSE(marker_of(held.packet(2)));
    CHECK(static_cast<std::uint16_t>(sequence_of(held.packet(1)) - sequence_of(held.packet(0))) == 1);
  }
}

TEST_CASE("members come, go and change places; nobody's stream shows it") {
  Conference conference(narrowband);
  for (int i = 0; i < 9; ++i) conference.add(AudioFormat::L16Narrow);
  conference.tick({});
  const std::vector<MixSeat> all = conference.seats;
  std::vector<std::size_t> ticks(9, 1);
  for (int tick = 0; tick < 100; ++tick) {
    conference.seats.clear();
    for (std::size_t i = 0; i < 9; ++i) {
      if (conference.random.next16() % 3 == 0) continue;
      Member& member = conference.members[(i + static_cast<std::size_t>(tick)) % 9];
      member.heard = conference.any_frame();
      conference.seats.push_back(all[(i + static_cast<std::size_t>(tick)) % 9]);
      conference.seats.back().heard = conference.random.next16() % 2 == 0 ? &member.heard : nullptr;
    }
    conference.mix();
    for (const MixSeat& seat : conference.seats) {
      const auto who = static_cast<std::size_t>(
          std::ranges::find_if(all, [&](const MixSeat& each) { return each.speaker == seat.speaker; }) -
          all.begin());
      Member& member = conference.members[who];
      REQUIRE(member.outbox.sent.size() == ++ticks[who]);
      REQUIRE(member.last() == encoded_once(AudioFormat::L16Narrow, conference.others_of(*seat.speaker)));
    }
  }
}

TEST_CASE("nobody there, one alone: no trouble") {
  Conference conference(narrowband);
  conference.mix();
  Member& alone = conference.add(AudioFormat::Pcmu);
  conference.tick({0});
  conference.tick({});
  CHECK(alone.outbox.sent.size() == 2);
  CHECK(alone.last() == Octets(160, 0xFF));
}

TEST_CASE("a tick does not allocate, whatever changes") {
  Conference conference(wideband);
  for (const FormatTraits& format : formats) {
    for (const Millis ptime : {10ms, 20ms, 60ms}) conference.add(format.format, ptime);
  }
  conference.tick({});
  for (Member& member : conference.members) {
    member.outbox.is_counting_only = true;
    member.heard = conference.any_frame();
  }
  const std::size_t before = allocation_count();
  for (std::size_t tick = 0; tick < 120; ++tick) {
    for (std::size_t i = 0; i < conference.seats.size(); ++i) {
      Member& member = conference.members[i];
      conference.seats[i].heard = (tick / 30 + i) % 3 == 0 ? &member.heard : nullptr;
      member.to.may_send = (tick + i) % 20 != 0;
    }
    conference.mix();
  }
  const std::size_t after = allocation_count();
  CHECK(after == before);
  CHECK(conference.members[0].outbox.sent_count > 100);
}
