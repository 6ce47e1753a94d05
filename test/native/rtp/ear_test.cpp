#include "rtp/ear.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <doctest/doctest.h>
#include <numbers>
#include <utility>
#include <vector>

#include "support/allocation_count.hpp"
#include "support/jittery_stream.hpp"

using namespace mediaswitch;
using namespace std::chrono_literals;
using mediaswitch::test::allocation_count;
using mediaswitch::test::draw;
using mediaswitch::test::Flying;
using mediaswitch::test::Heard;
using mediaswitch::test::JitteryStream;
using mediaswitch::test::listen;
using mediaswitch::test::Run;

namespace {

constexpr Time start{5s};
constexpr std::array pcmu{AudioFormat::Pcmu};
constexpr std::array l16{AudioFormat::L16Narrow};
constexpr std::array every_format{AudioFormat::Pcmu,
                                  AudioFormat::Pcma,
                                  AudioFormat::G722,
                                  AudioFormat::Ilbc20,
                                  AudioFormat::Ilbc30,
                                  AudioFormat::L16Narrow,
                                  AudioFormat::L16Wide};

Time::duration millis(double value) {
  return std::chrono::duration_cast<Time::duration>(std::chrono::duration<double, std::milli>(value));
}
double in_millis(Time::duration value) { return std::chrono::duration<double, std::milli>(value).count(); }

JitteryStream::Signal tone(double hertz, ClockRate sampling) {
  return [=](std::int64_t n) {
    const double phase = 2 * std::numbers::pi * hertz * static_cast<double>(n) / sampling.value;
    return static_cast<std::int16_t>(std::lround(8000 * std::sin(phase)));
  };
}

std::int16_t nothing(std::int64_t) { return 0; }

/// Counts up by one a sample, so that each sample tells its own age.
constexpr std::int64_t ramp_length = 30000;
std::int16_t ramp(std::int64_t n) { return static_cast<std::int16_t>(n % ramp_length + 1000); }

bool is_ramp(std::span<const std::int16_t> pcm) {
  return std::ranges::adjacent_find(pcm, [](int a, int b) { return b - a != 1; }) == pcm.end();
}

/// How long after their arrival, in ms, the packets' first samples were heard; of frames that hold a piece
/// of the ramp as it was sent.
struct Ages {
  std::vector<double> millis;

  [[nodiscard]] double percentile(double share) {
    REQUIRE_FALSE(millis.empty());
    std::ranges::sort(millis);
    return millis[static_cast<std::size_t>(share * static_cast<double>(millis.size() - 1))];
  }
};

/// `packets`: each with 20 ms of the ramp, as `JitteryStream` numbers them.
Ages ages(const Run& run, const std::vector<Flying>& packets) {
  Ages found;
  const std::int64_t first_sequence = 1000;
  std::vector<const Flying*> by_number;
  for (const Flying& packet : packets) {
    by_number.resize(
        std::max(by_number.size(), static_cast<std::size_t>(packet.sequence - first_sequence + 1)));
    by_number[static_cast<std::size_t>(packet.sequence - first_sequence)] = &packet;
  }
  for (const Heard& tick : run.ticks) {
    if (!tick.audible || !is_ramp(tick.frame.pcm())) continue;
    // Which round of the ramp: the one nearest to what is said at the time.
    const auto said = static_cast<std::int64_t>(in_millis(tick.at - start) * 8);
    std::int64_t index = tick.frame.pcm()[0] - 1000;
    index += (said - index + ramp_length / 2) / ramp_length * ramp_length;
    const Flying* const packet = by_number.at(static_cast<std::size_t>(index / 160));
    REQUIRE(packet != nullptr);
    found.millis.push_back(in_millis(tick.at - packet->arrives) - static_cast<double>(index % 160) / 8);
  }
  return found;
}

/// The least ratio, in dB, of a tone to everything else within one frame, over all frames after `from`.
double worst_tone_ratio(const Run& run, double hertz, std::size_t from = 0) {
  double worst = 200;
  for (std::size_t tick = from; tick < run.ticks.size(); ++tick) {
    if (!run.ticks[tick].audible) continue;
    const auto pcm = run.ticks[tick].frame.pcm();
    const double step = 2 * std::numbers::pi * hertz / run.ticks[tick].frame.sampling.value;
    // Least squares of a cosine and a sine.
    double cc = 0, ss = 0, cs = 0, xc = 0, xs = 0, xx = 0;
    for (std::size_t i = 0; i < pcm.size(); ++i) {
      const double c = std::cos(step * static_cast<double>(i));
      const double s = std::sin(step * static_cast<double>(i));
      const double x = pcm[i];
      cc += c * c, ss += s * s, cs += c * s, xc += x * c, xs += x * s, xx += x * x;
    }
    const double determinant = cc * ss - cs * cs;
    const double a = (xc * ss - xs * cs) / determinant;
    const double b = (xs * cc - xc * cs) / determinant;
    const double fitted = a * xc + b * xs;
    worst = std::min(worst, 10 * std::log10(fitted / std::max(xx - fitted, 1e-3)));
  }
  return worst;
}

/// The greatest difference of neighbouring samples over all that was heard.
int steepest(const Run& run) {
  const std::vector<std::int16_t> audio = run.audio();
  int found = 0;
  for (std::size_t i = 1; i < audio.size(); ++i) found = std::max(found, std::abs(audio[i] - audio[i - 1]));
  return found;
}

std::size_t silent_ticks(const Run& run, std::size_t from = 0) {
  return static_cast<std::size_t>(std::count_if(run.ticks.begin() + static_cast<std::ptrdiff_t>(from),
                                                run.ticks.end(),
                                                [](const Heard& tick) { return !tick.audible; }));
}

Ear::Packet packet_of(const Flying& packet) {
  return {.format = packet.format,
          .ssrc = packet.ssrc,
          .sequence = {packet.sequence},
          .timestamp = {packet.timestamp},
          .marker = packet.marker,
          .payload = packet.payload,
          .arrived = packet.arrives};
}

std::uint64_t all_drops_of(const Run& run) {
  std::uint64_t sum = 0;
  for (const Drop drop : all_drops) sum += run.drops.of(drop);
  return sum;
}

}  // namespace

TEST_CASE("on a clean network a packet is heard at the tick after it, whatever the phase") {
  Random random({1, 2, 3, 4});
  std::vector<double> all;
  for (const double jitter : {0.0, 1.0, 2.0, 4.0}) {
    for (double phase = 0; phase < 20; phase += 0.5) {
      CAPTURE(jitter);
      CAPTURE(phase);
      JitteryStream stream({.format = AudioFormat::L16Narrow}, ramp);
      for (int i = 0; i < 500; ++i) stream.say(millis(jitter * draw(random)));
      Ear ear(l16, {});
      const Run run = listen(ear, stream.packets, start + millis(phase), stream.sent());
      Ages found = ages(run, stream.packets);
      // The jitter, one frame and what lies between asking for more and for less.
      CHECK(found.percentile(1) <= jitter + 20 + 4 + 1e-3);
      CHECK(found.millis.size() >= 485);
      CHECK(ear.statistics().frames_concealed <= 1);
      CHECK(all_drops_of(run) == 0);
      all.insert(all.end(), found.millis.begin(), found.millis.end());
    }
  }
  Ages total{all};
  CHECK(total.percentile(0.5) <= 16);
  CHECK(total.percentile(0.99) <= 26);
}

TEST_CASE("the delay told is the delay there is") {
  JitteryStream stream({.format = AudioFormat::L16Narrow}, ramp);
  for (int i = 0; i < 100; ++i) stream.say(0ms);
  Ear ear(l16, {});
  const Run run = listen(ear, stream.packets, start + 13ms, stream.sent());
  CHECK(ages(run, stream.packets).percentile(0.5) == doctest::Approx(13));
  CHECK(ear.statistics().delay == 13ms);
}

TEST_CASE("ticks that come late now and then cost nothing") {
  Random random({5, 6, 7, 8});
  for (double phase = 0; phase < 20; phase += 2.5) {
    CAPTURE(phase);
    JitteryStream stream({.format = AudioFormat::L16Narrow}, ramp);
    for (int i = 0; i < 1500; ++i) stream.say(millis(2 * draw(random)));
    Ear ear(l16, {});
    const Run run = listen(ear, stream.packets, start + millis(phase), stream.sent(), [&] {
      return draw(random) < 0.05 ? millis(10 * draw(random)) : 0ms;
    });
    CHECK(ear.statistics().frames_concealed <= 1);
    CHECK(ear.statistics().samples_removed <= 160);
    CHECK(ages(run, stream.packets).percentile(0.99) <= 2 + 20 + 4 + 10);
  }
}

TEST_CASE("with jitter the delay grows to its 99th percentile and one frame, and no further") {
  Random random({9, 10, 11, 12});
  for (const double phase : {0.5, 5.0, 12.0, 19.5}) {
    CAPTURE(phase);
    JitteryStream stream({.format = AudioFormat::L16Narrow}, ramp);
    for (int i = 0; i < 3000; ++i) stream.say(millis(60 * draw(random)));
    Ear ear(l16, {});
    const Run run = listen(ear, stream.packets, start + millis(phase), stream.sent());
    // Of the last fifty seconds.
    const std::uint64_t at_first = run.ticks[500].statistics.frames_concealed;
    CHECK(at_first <= 10);
    CHECK(ear.statistics().frames_concealed - at_first <= 25);
    CHECK(run.drops.of(Drop::LateForPlayout) <= 35);
    for (const Heard& tick : run.ticks) CHECK(tick.statistics.delay <= 60ms + 20ms + 5ms);
    CHECK(run.ticks[1000].statistics.delay >= 55ms);
  }
}

TEST_CASE("when jitter ends the delay is what it was before within five seconds, without a gap") {
  Random random({13, 14, 15, 16});
  for (const double worst : {60.0, 150.0}) {
    for (const double phase : {0.5, 7.0, 19.5}) {
      CAPTURE(worst);
      CAPTURE(phase);
      JitteryStream stream({.format = AudioFormat::L16Narrow}, tone(250, narrowband));
      for (int i = 0; i < 500; ++i) stream.say(millis(worst * draw(random)));
      for (int i = 0; i < 300; ++i) stream.say(0ms);
      Ear ear(l16, {});
      const Run run = listen(ear, stream.packets, start + millis(phase), stream.sent());
      CHECK(run.ticks[498].statistics.delay >= millis(worst * 0.9));
      CHECK(run.ticks[750].statistics.delay <= 24ms);
      CHECK(ear.statistics().frames_concealed == run.ticks[510].statistics.frames_concealed);
      CHECK(silent_ticks(run, 20) == 0);
      CHECK(ear.statistics().samples_removed >= static_cast<std::uint64_t>(worst * 0.8 - 24) * 8);
    }
  }
}

TEST_CASE("in silence the delay changes without touching speech") {
  Random random({17, 18, 19, 20});
  // Half a second of a tone, half a second of nothing, for ever.
  const auto speech = tone(300, narrowband);
  JitteryStream stream({}, [&](std::int64_t n) { return n / 4000 % 2 == 0 ? speech(n) : nothing(n); });
  for (int i = 0; i < 500; ++i) stream.say(millis(60 * draw(random)));
  for (int i = 0; i < 300; ++i) stream.say(0ms);
  Ear ear(pcmu, {});
  const Run run = listen(ear, stream.packets, start + 5ms, stream.sent());
  CHECK(run.ticks[490].statistics.delay >= 50ms);
  CHECK(run.ticks[750].statistics.delay <= 24ms);
  // From the end of the jitter on, which is the beginning of a tone.
  std::int64_t said = 0;
  for (std::int64_t n = 80000; n < 128000; ++n) said += n / 4000 % 2 == 0 && speech(n) != 0 ? 1 : 0;
  std::int64_t heard = 0;
  for (std::size_t i = 500; i < run.ticks.size(); ++i) {
    if (run.ticks[i].audible) heard += 160 - std::ranges::count(run.ticks[i].frame.pcm(), 0);
  }
  CHECK(std::abs(said - heard) <= 80);
  CHECK(ear.statistics().samples_removed >= 400);
}

TEST_CASE("nothing is ever held back longer than the maximum") {
  Random random({21, 22, 23, 24});
  for (const Millis longest : {40ms, 60ms, 100ms, 200ms}) {
    for (const double phase : {0.0, 3.0, 11.0, 19.0}) {
      CAPTURE(longest.count());
      CAPTURE(phase);
      JitteryStream stream({.format = AudioFormat::L16Narrow}, ramp);
      for (int i = 0; i < 1000; ++i) stream.say(millis(300 * draw(random)));
      for (int i = 0; i < 500; ++i) stream.say(millis(draw(random) < 0.02 ? 400 * draw(random) : 0));
      Ear ear(l16, {.longest_delay = longest});
      const Run run = listen(ear, stream.packets, start + millis(phase), stream.sent());
      CHECK(ages(run, stream.packets).percentile(1) <= in_millis(longest));
      for (const Heard& tick : run.ticks) CHECK(tick.statistics.delay <= longest);
    }
  }
}

TEST_CASE("one packet late among many is dropped; the delay stays") {
  JitteryStream stream({.format = AudioFormat::L16Narrow}, ramp);
  for (int i = 0; i < 500; ++i) stream.say(i == 300 ? 90ms : 0ms);
  Ear ear(l16, {});
  const Run run = listen(ear, stream.packets, start + 10ms, stream.sent());
  CHECK(run.drops.of(Drop::LateForPlayout) == 1);
  CHECK(all_drops_of(run) == 1);
  CHECK(ear.statistics().frames_concealed == 1);
  CHECK(ages(run, stream.packets).percentile(1) == doctest::Approx(10));
}

TEST_CASE("a lost packet is concealed for as long as it lasted, and the next is in its place") {
  JitteryStream stream({.format = AudioFormat::L16Narrow}, tone(250, narrowband));
  Random random({25, 26, 27, 28});
  int lost = 0;
  for (int i = 0; i < 2000; ++i) {
    const bool is_lost = i > 10 && i < 1990 && i % 20 == 7;
    lost += is_lost ? 1 : 0;
    stream.say(is_lost ? std::nullopt : std::optional<Time::duration>(0ms));
  }
  Ear ear(l16, {});
  const Run run = listen(ear, stream.packets, start + 10ms, stream.sent());
  CHECK(ear.statistics().frames_concealed == static_cast<std::uint64_t>(lost));
  CHECK(all_drops_of(run) == 0);
  CHECK(silent_ticks(run) <= 1);
  CHECK(ear.statistics().delay == 10ms);
  CHECK(ear.statistics().samples_removed + ear.statistics().samples_inserted == 0);
  // A 250 Hz tone is repeated by the concealment as it would have gone on.
  const int steepest_of_tone = 1571;
  CHECK(steepest(run) <= steepest_of_tone * 5 / 4);
}

TEST_CASE("when nothing comes any more what is heard fades, and then there is nothing") {
  for (const AudioFormat format : every_format) {
    const FormatTraits& kind = traits(format);
    CAPTURE(kind.name);
    JitteryStream stream({.format = format, .ptime = format == AudioFormat::Ilbc30 ? 30ms : 20ms},
                         tone(250, kind.clocks.sampling));
    for (int i = 0; i < 50; ++i) stream.say(0ms);
    Ear ear(std::span(&format, 1), {.sampling = wideband});
    const Run run = listen(ear, stream.packets, start + 12ms, stream.sent() + 1s);
    const auto last = std::ranges::find_if(run.ticks.rbegin(), run.ticks.rend(), &Heard::audible);
    REQUIRE(last != run.ticks.rend());
    const double after = in_millis(last->at - stream.packets.back().arrives);
    CHECK(after >= 40);
    CHECK(after <= 120);
    CHECK(std::abs(last->frame.pcm().back()) < 200);
    CHECK(ear.statistics().frames_concealed <= 4);
  }
}

TEST_CASE("each duplicate is told, before and after its turn") {
  JitteryStream stream({.format = AudioFormat::L16Narrow}, ramp);
  for (int i = 0; i < 300; ++i) stream.say(0ms);
  std::vector<Flying> packets = stream.packets;
  std::uint64_t copies = 0;
  for (const Flying& packet : stream.packets) {
    for (const Millis later : {0ms, 5ms, 30ms, 200ms, 1000ms}) {
      if ((packet.sequence + later.count()) % 3 != 0) continue;
      packets.push_back(packet);
      packets.back().arrives += later;
      ++copies;
    }
  }
  Ear ear(l16, {});
  const Run run = listen(ear, packets, start + 10ms, stream.sent() + 2s);
  CHECK(run.drops.of(Drop::DuplicatePacket) == copies);
  CHECK(all_drops_of(run) == copies);
  CHECK(ages(run, stream.packets).percentile(1) == doctest::Approx(10));
}

TEST_CASE("packets in the wrong order are heard in the right one") {
  JitteryStream stream({.format = AudioFormat::L16Narrow}, ramp);
  // Every tenth is overtaken by the one after it.
  for (int i = 0; i < 1000; ++i) stream.say(i % 10 == 4 ? 25ms : 0ms);
  Ear ear(l16, {});
  const Run run = listen(ear, stream.packets, start + 10ms, stream.sent());
  CHECK(run.drops.of(Drop::LateForPlayout) <= 1);
  CHECK(ear.statistics().frames_concealed <= 2);
  const std::vector<std::int16_t> audio = run.audio();
  std::size_t backwards = 0;
  for (std::size_t i = 8000; i < audio.size(); ++i) {
    if (audio[i] != audio[i - 1] + 1 && audio[i] != audio[i - 1] + 1 - ramp_length) ++backwards;
  }
  CHECK(backwards == 0);
}

TEST_CASE("clocks that drift by 200 ppm are followed for an hour") {
  for (const double drift : {200.0, -200.0}) {
    CAPTURE(drift);
    Ear ear(pcmu, {});
    // 20 ms are eight periods, so every packet is like the first.
    JitteryStream stream({}, tone(400, narrowband));
    stream.say(0ms);
    Flying packet = stream.packets.front();
    Random random({29, 30, 31, 32});
    Frame frame;
    Time now = start + 10ms;
    Millis least{1000};
    Millis most{0};
    int heard = 0;
    int steepest_step = 0;
    int refused = 0;
    std::int16_t before = 0;
    const int packets = 3600 * 50;
    for (int i = 0; i < packets; ++i) {
      packet.arrives = start + millis(20.0 * i / (1 + drift * 1e-6) + 2 * draw(random));
      for (; now < packet.arrives; now += 20ms) {
        if (!ear.hear(now, frame)) continue;
        ++heard;
        least = std::min(least, ear.statistics().delay);
        most = std::max(most, ear.statistics().delay);
        for (const std::int16_t sample : frame.pcm()) {
          steepest_step = std::max(steepest_step, std::abs(sample - std::exchange(before, sample)));
        }
      }
      refused += ear.push(packet_of(packet)) ? 1 : 0;
      ++packet.sequence;
      packet.timestamp += 160;
      packet.marker = false;
    }
    CHECK(refused == 0);
    CHECK(heard >= packets - 40);
    CHECK(least >= 1ms);
    CHECK(most <= 2ms + 20ms + 5ms);
    CHECK(ear.statistics().frames_concealed == 0);
    // 0.72 s in an hour.
    const auto [removed, inserted] =
        std::pair(ear.statistics().samples_removed, ear.statistics().samples_inserted);
    CHECK((drift > 0 ? removed : inserted) >= 5760 - 200);
    CHECK((drift > 0 ? removed : inserted) <= 5760 + 400);
    CHECK((drift > 0 ? inserted : removed) <= 200);
    // The steepest step of an 8000 high tone of 400 Hz is 2513, PCMU's own error 256 at most.
    CHECK(steepest_step <= 2513 + 2 * 256);
  }
}

TEST_CASE("a sender that is silent for a while loses no word of the next sentence") {
  for (const Millis pause : {100ms, 250ms, 1000ms, 5000ms, 30000ms}) {
    for (const bool marked : {true, false}) {
      CAPTURE(pause.count());
      CAPTURE(marked);
      JitteryStream stream({.format = AudioFormat::L16Narrow}, ramp);
      for (int sentence = 0; sentence < 4; ++sentence) {
        stream.marker = marked;
        for (int i = 0; i < 40; ++i) stream.say(0ms);
        stream.pause(pause);
      }
      Ear ear(l16, {});
      const Run run = listen(ear, stream.packets, start + 10ms, stream.sent());
      CHECK(all_drops_of(run) == 0);
      // Nobody knows that a sentence has ended until its last sample is long gone.
      CHECK(ear.statistics().frames_concealed <= 4 * 3);
      std::size_t whole = 0;
      for (const Heard& tick : run.ticks) {
        whole += tick.audible && is_ramp(tick.frame.pcm()) ? 1 : 0;
      }
      CHECK(whole >= 4 * 39);
      for (const Heard& tick : run.ticks) CHECK(tick.statistics.delay <= 30ms);
    }
  }
}

TEST_CASE("in silence a sender's slow clock is followed by more silence") {
  JitteryStream stream({.drift_ppm = -1000}, nothing);
  for (int i = 0; i < 3000; ++i) stream.say(0ms);
  Ear ear(pcmu, {});
  const Run run = listen(ear, stream.packets, start + 10ms, stream.sent());
  CHECK(silent_ticks(run) == run.ticks.size());
  CHECK(ear.statistics().samples_inserted == 3 * 160);
  CHECK(all_drops_of(run) == 0);
}

TEST_CASE("a pause that is known of in time is a pause; what else is missing there is concealed") {
  for (const bool is_pause : {true, false}) {
    CAPTURE(is_pause);
    JitteryStream stream({.format = AudioFormat::L16Narrow}, tone(250, narrowband));
    Random random({37, 38, 39, 40});
    // With enough jitter for the next packet to be there before its turn.
    for (int i = 0; i < 200; ++i) stream.say(i % 4 == 0 ? 90ms : millis(5 * draw(random)));
    for (int sentence = 0; sentence < 20; ++sentence) {
      for (int i = 0; i < 10; ++i) stream.say(i == 4 ? 85ms : 0ms);
      if (is_pause) {
        stream.pause(40ms);
      } else {
        stream.say(std::nullopt);
        stream.say(std::nullopt);
      }
    }
    Ear ear(l16, {});
    const Run run = listen(ear, stream.packets, start + 7ms, stream.sent());
    const std::uint64_t at_first = run.ticks[220].statistics.frames_concealed;
    CHECK(all_drops_of(run) <= 2);
    CHECK(ear.statistics().frames_concealed - at_first == (is_pause ? 0 : 36));
    CHECK(silent_ticks(run, 220) <= (is_pause ? 40 : 0));
  }
}

TEST_CASE("digital silence is not heard, but is not nothing") {
  JitteryStream stream({}, [](std::int64_t n) { return n < 1600 ? tone(400, narrowband)(n) : nothing(n); });
  for (int i = 0; i < 50; ++i) stream.say(0ms);
  Ear ear(pcmu, {});
  Frame frame;
  CHECK_FALSE(ear.hear(start - 10ms, frame));
  CHECK_FALSE(ear.was_silence());
  int audible = 0;
  int silent = 0;
  auto packet = stream.packets.begin();
  for (Time now = start + 10ms; now < stream.sent() + 1s; now += 20ms) {
    for (; packet != stream.packets.end() && packet->arrives <= now; ++packet)
      CHECK_FALSE(ear.push(packet_of(*packet)));
    if (ear.hear(now, frame)) {
      ++audible;
      CHECK_FALSE(ear.was_silence());
    } else if (ear.was_silence()) {
      ++silent;
    }
  }
  // The decoder still has something to say when silence begins.
  CHECK(audible >= 10);
  CHECK(audible <= 11);
  CHECK(audible + silent == 50);
}

TEST_CASE("digital silence and nothing at all are the same to who listens") {
  for (const AudioFormat format : {AudioFormat::Pcmu, AudioFormat::Pcma, AudioFormat::L16Narrow}) {
    CAPTURE(traits(format).name);
    JitteryStream stream({.format = format}, nothing);
    for (int i = 0; i < 100; ++i) stream.say(0ms);
    for (Flying& packet : stream.packets) {
      // Both zeros.
      if (packet.sequence % 2 == 0 && format != AudioFormat::L16Narrow) {
        for (std::uint8_t& octet : packet.payload) octet ^= 0x80;
      }
    }
    Ear ear(std::span(&format, 1), {});
    const Run run = listen(ear, stream.packets, start + 10ms, stream.sent() + 200ms);
    CHECK(silent_ticks(run) == run.ticks.size());
    CHECK(ear.statistics().frames_concealed == 0);
    CHECK(all_drops_of(run) == 0);
  }
  Ear deaf(pcmu, {});
  Frame frame;
  for (int i = 0; i < 10; ++i) CHECK_FALSE(deaf.hear(start + i * 20ms, frame));
}

TEST_CASE("a packet lost in silence is silence") {
  JitteryStream stream({}, [](std::int64_t n) { return n < 1600 ? tone(400, narrowband)(n) : nothing(n); });
  for (int i = 0; i < 100; ++i)
    stream.say(i > 20 && i % 5 == 0 ? std::nullopt : std::optional<Time::duration>(0ms));
  Ear ear(pcmu, {});
  const Run run = listen(ear, stream.packets, start + 10ms, stream.sent());
  CHECK(ear.statistics().frames_concealed == 0);
  CHECK(silent_ticks(run, 13) == run.ticks.size() - 13);
}

TEST_CASE("packets of any length, also changing in mid-stream") {
  SUBCASE("each alone") {
    for (const Millis ptime : {10ms, 20ms, 30ms, 40ms, 60ms}) {
      for (double phase = 0; phase < 20; phase += 2.5) {
        CAPTURE(ptime.count());
        CAPTURE(phase);
        JitteryStream stream({.format = AudioFormat::L16Narrow, .ptime = ptime}, tone(250, narrowband));
        for (int i = 0; i < 300; ++i) stream.say(0ms);
        Ear ear(l16, {});
        const Run run = listen(ear, stream.packets, start + millis(phase), stream.sent() - ptime);
        CHECK(ear.statistics().frames_concealed == 0);
        // Whose frames don't begin where packets do may begin with more delay than they need to go on.
        CHECK(ear.statistics().samples_removed <= (ptime == 10ms || ptime == 30ms ? 80 : 0));
        CHECK(ear.statistics().samples_inserted == 0);
        CHECK(silent_ticks(run) <= 2);
        CHECK(ear.statistics().delay <= 40ms);
        CHECK(worst_tone_ratio(run, 250) > 60);
        CHECK(all_drops_of(run) == 0);
      }
    }
  }
  SUBCASE("changing") {
    JitteryStream stream({.format = AudioFormat::L16Narrow, .ptime = 10ms}, tone(250, narrowband));
    for (int round = 0; round < 3; ++round) {
      for (const Millis ptime : {20ms, 60ms, 10ms, 40ms, 30ms}) {
        stream.change_ptime(ptime);
        // A packet is sent when its last sample was spoken.
        for (int i = 0; i < 6000 / ptime.count(); ++i) stream.say(ptime);
      }
    }
    Ear ear(l16, {});
    const Run run = listen(ear, stream.packets, start + 63ms, stream.sent());
    CHECK(ear.statistics().frames_concealed <= 16);
    CHECK(silent_ticks(run) <= 2);
    CHECK(ear.statistics().delay <= 45ms);
  }
}

TEST_CASE("what two packets both say is heard once") {
  JitteryStream stream({.format = AudioFormat::L16Narrow}, ramp);
  for (int i = 0; i < 100; ++i) stream.say(0ms);
  // Each goes on with the first half of the next.
  for (std::size_t i = 0; i + 1 < stream.packets.size(); ++i) {
    const std::vector<std::uint8_t>& next = stream.packets[i + 1].payload;
    std::vector<std::uint8_t>& payload = stream.packets[i].payload;
    payload.insert(payload.end(), next.begin(), next.begin() + 160);
  }
  Ear ear(l16, {});
  const Run run = listen(ear, stream.packets, start + 15ms, stream.sent() - 20ms);
  CHECK(all_drops_of(run) == 0);
  for (const Heard& tick : run.ticks) CHECK(is_ramp(tick.frame.pcm()));
  CHECK(run.audio().size() >= 98 * 160);
}

TEST_CASE("a payload that the codec refuses is concealed") {
  // libilbc says so of one in sixty random ones.
  const std::array<std::uint8_t, 38> nonsense{0xC9, 0xF1, 0x19, 0xC7, 0xE4, 0x9B, 0x25, 0xFA, 0x63, 0xA2,
                                              0x5F, 0x31, 0xD0, 0xD8, 0x3D, 0x63, 0x72, 0xCD, 0x31, 0x0E,
                                              0xA4, 0x09, 0x5D, 0x38, 0xE7, 0xD8, 0x8C, 0x56, 0x72, 0xE6,
                                              0x97, 0x75, 0xEA, 0xA9, 0x4A, 0xD5, 0x4B, 0xC2};
  JitteryStream stream({.format = AudioFormat::Ilbc20}, tone(250, narrowband));
  for (int i = 0; i < 100; ++i) stream.say(i < 20 && i % 3 == 0 ? 60ms : 0ms);
  std::ranges::copy(nonsense, stream.packets[50].payload.begin());
  Ear ear(every_format, {});
  const Run run = listen(ear, stream.packets, start + 10ms, stream.sent() - 20ms);
  CHECK(ear.statistics().frames_concealed == run.ticks[40].statistics.frames_concealed + 1);
  CHECK(silent_ticks(run, 40) == 0);
  CHECK(ear.statistics().delay == 70ms);
  CHECK(ear.statistics().samples_inserted == run.ticks[40].statistics.samples_inserted);
}

TEST_CASE("another SSRC is another stream, heard at once") {
  JitteryStream stream({.format = AudioFormat::L16Narrow}, ramp);
  for (int i = 0; i < 100; ++i) stream.say(0ms);
  const Flying straggler = stream.packets.back();
  for (int change = 1; change < 5; ++change) {
    stream.ssrc = {static_cast<std::uint32_t>(100 + change)};
    stream.jump_timestamp(std::int64_t{change} * 987654321);
    stream.jump_sequence(change * 10001);
    for (int i = 0; i < 100; ++i) stream.say(0ms);
  }
  std::vector<Flying> packets = stream.packets;
  packets.push_back(straggler);
  packets.back().arrives += 45ms;
  packets.back().sequence -= 1;
  Ear ear(l16, {});
  const Run run = listen(ear, packets, start + 10ms, stream.sent());
  CHECK(run.drops.of(Drop::LateForPlayout) == 1);
  CHECK(all_drops_of(run) == 1);
  CHECK(silent_ticks(run) <= 1);
  CHECK(ear.statistics().frames_concealed == 0);
}

TEST_CASE("a sender that sets its clock is heard again within 150 ms") {
  for (const std::int64_t jump : {900'000, -900'000, 4'000, -4'000, 2'000'000'000, -2'000'000'000}) {
    for (const bool marked : {true, false}) {
      CAPTURE(jump);
      CAPTURE(marked);
      JitteryStream stream({.format = AudioFormat::L16Narrow}, tone(250, narrowband));
      for (int i = 0; i < 100; ++i) stream.say(0ms);
      stream.jump_timestamp(jump);
      stream.marker = marked;
      for (int i = 0; i < 100; ++i) stream.say(0ms);
      Ear ear(l16, {});
      const Run run = listen(ear, stream.packets, start + 10ms, stream.sent());
      CHECK(silent_ticks(run) <= (marked ? 1 : 5));
      CHECK(all_drops_of(run) <= (marked ? 0 : 6));
      CHECK(ear.statistics().delay <= 30ms);
      CHECK(run.ticks.back().audible);
    }
  }
}

TEST_CASE("a stalled network is caught up with") {
  for (const Millis stall : {60ms, 150ms, 500ms, 3000ms}) {
    CAPTURE(stall.count());
    JitteryStream stream({.format = AudioFormat::L16Narrow}, tone(250, narrowband));
    for (int i = 0; i < 200; ++i) stream.say(0ms);
    const Time until = stream.sent() + stall;
    while (stream.sent() < until) stream.say(until - stream.sent());
    for (int i = 0; i < 350; ++i) stream.say(0ms);
    Ear ear(l16, {});
    const Run run = listen(ear, stream.packets, start + 10ms, stream.sent());
    for (const Heard& tick : run.ticks) CHECK(tick.statistics.delay <= 200ms);
    CHECK(ear.statistics().delay <= 30ms);
    CHECK(silent_ticks(run) <= static_cast<std::size_t>(stall / 20ms));
    CHECK(run.drops.of(Drop::JitterBufferFull) == 0);
  }
}

TEST_CASE("an ear nobody asked for a while says what is said now") {
  JitteryStream stream({.format = AudioFormat::L16Narrow}, ramp);
  for (int i = 0; i < 500; ++i) stream.say(0ms);
  for (const auto silence : {100ms, 300ms, 5000ms}) {
    CAPTURE(silence.count());
    Ear ear(l16, {});
    const auto half = static_cast<std::ptrdiff_t>(silence / 20ms + 100);
    const Run first =
        listen(ear, {stream.packets.begin(), stream.packets.begin() + 100}, start + 10ms, start + 2s);
    for (auto packet = stream.packets.begin() + 100; packet != stream.packets.begin() + half; ++packet) {
      CHECK_FALSE(ear.push(packet_of(*packet)));
    }
    const Run run = listen(ear,
                           {stream.packets.begin() + half, stream.packets.end()},
                           start + 2s + silence + 10ms,
                           start + 2s + silence + 3s);
    for (const Heard& tick : run.ticks) CHECK(tick.statistics.delay <= 200ms);
    CHECK(run.ticks.front().audible);
    CHECK(ear.statistics().delay <= 30ms);
  }
}

TEST_CASE("every format at either rate") {
  for (const AudioFormat format : every_format) {
    for (const ClockRate sampling : {narrowband, wideband}) {
      const FormatTraits& kind = traits(format);
      CAPTURE(kind.name);
      CAPTURE(sampling.value);
      JitteryStream stream({.format = format, .ptime = format == AudioFormat::Ilbc30 ? 30ms : 20ms},
                           tone(1000, kind.clocks.sampling));
      for (int i = 0; i < 200; ++i) stream.say(0ms);
      Ear ear(std::span(&format, 1), {.sampling = sampling});
      const Run run = listen(ear, stream.packets, start + 10ms, stream.sent() - 40ms);
      CHECK(run.ticks.back().frame.sampling == sampling);
      CHECK(worst_tone_ratio(run, 1000, 25) >
            (format == AudioFormat::Ilbc20 || format == AudioFormat::Ilbc30 ? 8 : 30));
      CHECK(silent_ticks(run) <= 2);
      CHECK(ear.statistics().frames_concealed == 0);
      CHECK(all_drops_of(run) == 0);
    }
  }
}

TEST_CASE("formats may change in mid-stream") {
  for (const ClockRate sampling : {narrowband, wideband}) {
    CAPTURE(sampling.value);
    JitteryStream stream({.format = AudioFormat::Pcmu},
                         [](std::int64_t n) { return static_cast<std::int16_t>(n % 8 < 4 ? 4000 : -4000); });
    for (int round = 0; round < 20; ++round) {
      for (const AudioFormat format : every_format) {
        const bool is_other_clock = format == AudioFormat::L16Wide;
        if (is_other_clock) continue;
        stream.change_ptime(format == AudioFormat::Ilbc30 ? 30ms : 20ms);
        stream.change_format(format);
        for (int i = 0; i < 10; ++i) stream.say(0ms);
      }
    }
    Ear ear(every_format, {.sampling = sampling});
    const Run run = listen(ear, stream.packets, start + 15ms, stream.sent() - 60ms);
    CHECK(silent_ticks(run) <= 1);
    CHECK(all_drops_of(run) == 0);
    CHECK(ear.statistics().frames_concealed <= 3);
  }
  SUBCASE("to another RTP clock") {
    JitteryStream stream({.format = AudioFormat::L16Narrow}, tone(500, narrowband));
    for (int i = 0; i < 50; ++i) stream.say(0ms);
    stream.change_format(AudioFormat::L16Wide);
    for (int i = 0; i < 50; ++i) stream.say(0ms);
    Ear ear(every_format, {});
    const Run run = listen(ear, stream.packets, start + 10ms, stream.sent() - 40ms);
    CHECK(silent_ticks(run) == 0);
    CHECK(all_drops_of(run) == 0);
  }
}

TEST_CASE("what is no payload is refused") {
  Ear ear(std::array{AudioFormat::Pcmu, AudioFormat::Ilbc20, AudioFormat::L16Narrow}, {});
  const std::vector<std::uint8_t> octets(4000, 0x11);
  std::int64_t sequence = 0;
  const auto push = [&](AudioFormat format, std::size_t length) {
    return ear.push({.format = format,
                     .ssrc = {1},
                     .sequence = {++sequence},
                     .timestamp = {static_cast<std::uint32_t>(sequence * 960)},
                     .payload = std::span(octets).first(length),
                     .arrived = start + sequence * 120ms});
  };
  CHECK(push(AudioFormat::Pcmu, 0) == Drop::BadPayload);
  CHECK(push(AudioFormat::Pcmu, 961) == Drop::BadPayload);
  CHECK(push(AudioFormat::Ilbc20, 37) == Drop::BadPayload);
  CHECK(push(AudioFormat::Ilbc20, 39) == Drop::BadPayload);
  CHECK(push(AudioFormat::L16Narrow, 321) == Drop::BadPayload);
  CHECK(push(AudioFormat::Pcma, 160) == Drop::BadPayload);
  CHECK_FALSE(push(AudioFormat::Pcmu, 960));
  CHECK_FALSE(push(AudioFormat::Ilbc20, 6 * 38));
  CHECK_FALSE(push(AudioFormat::Pcmu, 1));
}

TEST_CASE("a flood of tiny packets fills the buffer and no more") {
  Ear ear(pcmu, {});
  const std::uint8_t octet = 0x11;
  std::uint64_t full = 0;
  for (std::int64_t i = 0; i < 1000; ++i) {
    const auto drop = ear.push({.format = AudioFormat::Pcmu,
                                .ssrc = {1},
                                .sequence = {i},
                                .timestamp = {static_cast<std::uint32_t>(i)},
                                .payload = std::span(&octet, 1),
                                .arrived = start});
    if (drop == Drop::JitterBufferFull) ++full;
  }
  CHECK(full >= 900);
  CHECK(full < 1000);
}

TEST_CASE("hearing allocates nothing") {
  Random random({33, 34, 35, 36});
  for (const ClockRate sampling : {narrowband, wideband}) {
    JitteryStream stream({.format = AudioFormat::Pcmu}, tone(333, narrowband));
    for (int round = 0; round < 4; ++round) {
      for (const AudioFormat format : every_format) {
        stream.change_ptime(format == AudioFormat::Ilbc30 ? 60ms : 20ms);
        stream.change_format(format);
        for (int i = 0; i < 50; ++i) {
          stream.say(draw(random) < 0.1 ? std::nullopt
                                        : std::optional(millis((round % 2) * 80 * draw(random))));
        }
        stream.pause(400ms);
        stream.ssrc = {stream.ssrc.value + 1};
      }
    }
    std::ranges::stable_sort(stream.packets, {}, &Flying::arrives);
    Ear ear(every_format, {.sampling = sampling});
    Frame frame;
    Time now = start;
    bool was_heard = false;
    const std::size_t before = allocation_count();
    for (const Flying& packet : stream.packets) {
      for (; now < packet.arrives; now += 20ms) was_heard |= ear.hear(now, frame);
      ear.push(packet_of(packet));
    }
    CHECK(allocation_count() == before);
    CHECK(was_heard);
  }
}
