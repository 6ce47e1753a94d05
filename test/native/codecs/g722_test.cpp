#include "codecs/g722.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <doctest/doctest.h>
#include <memory>
#include <numbers>
#include <spandsp.h>
#include <string>
#include <vector>

#include "codecs/g722_predictor.hpp"
#include "codecs/g722_recommendation.hpp"
#include "core/random.hpp"
#include "support/allocation_count.hpp"

using namespace mediaswitch;

namespace {

using Pcm = std::vector<std::int16_t>;
using Octets = std::vector<std::uint8_t>;

constexpr std::size_t length = 32000;

/// −1 to 1.
double noise(Random& random) { return static_cast<double>(random.next32()) / 2147483648.0 - 1; }
double tone(std::size_t at, double hertz) {
  return std::sin(2 * std::numbers::pi * hertz * static_cast<double>(at) / 16000);
}
template <class Signal>
Pcm sampled(Signal signal) {
  Pcm pcm(length);
  for (std::size_t i = 0; i < length; ++i) {
    pcm[i] = static_cast<std::int16_t>(std::lround(std::clamp(signal(i), -32768.0, 32767.0)));
  }
  return pcm;
}

struct Named {
  std::string name;
  Pcm pcm;
};

/// Nothing that overloads the transmit filter.
std::vector<Named> moderate_signals() {
  Random random({1, 2, 3, 4});
  double resonance = 0;
  double before = 0;
  const auto voice = [&](std::size_t i) {
    // Pulses through a resonance, in syllables, with some breath.
    const double pulse = i % 133 == 0 ? 9000 : 0;
    const double next = 1.82 * resonance - 0.9 * before + pulse + 60 * noise(random);
    before = resonance;
    resonance = next;
    return std::clamp(0.25 * next * std::max(0.0, tone(i, 2)), -20000.0, 20000.0);
  };
  return {{"silence", sampled([](std::size_t) { return 0.0; })},
          {"one step of noise", sampled([&](std::size_t) { return noise(random); })},
          {"quiet noise", sampled([&](std::size_t) { return 90 * noise(random); })},
          {"noise", sampled([&](std::size_t) { return 20000 * noise(random); })},
          {"tone", sampled([](std::size_t i) { return 19000 * tone(i, 1004); })},
          {"two tones", sampled([](std::size_t i) { return 9000 * tone(i, 697) + 9000 * tone(i, 6209); })},
          {"sweep", sampled([](std::size_t i) { return 18000 * tone(i, 0.125 * static_cast<double>(i)); })},
          {"voice", sampled(voice)},
          {"clicks", sampled([](std::size_t i) { return i % 1999 == 0 ? 20000.0 : 0.0; })}};
}

std::vector<Named> overloading_signals() {
  Random random({5, 6, 7, 8});
  return {
      {"square", sampled([](std::size_t i) { return i / 8 % 2 == 0 ? 32767.0 : -32768.0; })},
      {"clipped tone", sampled([](std::size_t i) { return 131068 * tone(i, 1000); })},
      {"random signs", sampled([&](std::size_t) { return random.next16() % 2 == 0 ? 32767.0 : -32768.0; })},
      {"slower squares",
       sampled([](std::size_t i) { return i / (20 + i / 1000) % 2 == 0 ? 32767.0 : -32768.0; })},
      {"loud noise", sampled([&](std::size_t) { return 32768 * noise(random); })}};
}

/// What lines can make of octets.
struct ArbitraryOctets {
  Octets uniform = Octets(length);
  Octets outermost = Octets(length);
  Octets runs = Octets(length);
};
ArbitraryOctets arbitrary_octets() {
  Random random({9, 10, 11, 12});
  ArbitraryOctets octets;
  auto& [uniform, outermost, runs] = octets;
  for (std::size_t i = 0; i < length; ++i) {
    uniform[i] = static_cast<std::uint8_t>(random.next16());
    const std::uint16_t chance = random.next16();
    outermost[i] = static_cast<std::uint8_t>((chance % 2 == 0 ? 0x04 : 0x20) | (chance >> 8 & 0xc0));
    runs[i] = i % 64 == 0 ? static_cast<std::uint8_t>(chance) : runs[i - 1];
  }
  return octets;
}

Octets encoded(const Pcm& pcm) {
  Octets octets(pcm.size() / 2);
  REQUIRE(G722Encoder{}.encode(pcm, octets) == octets.size());
  return octets;
}
Pcm decoded(const Octets& octets) {
  Pcm pcm(octets.size() * 2);
  REQUIRE(G722Decoder{}.decode(octets, pcm) == pcm.size());
  return pcm;
}

Octets encoded_by_spandsp(const Pcm& pcm) {
  const std::unique_ptr<g722_encode_state_t, int (*)(g722_encode_state_t*)> state(
      g722_encode_init(nullptr, 64000, 0), g722_encode_free);
  Octets octets(pcm.size() / 2);
  g722_encode(state.get(), octets.data(), pcm.data(), static_cast<int>(pcm.size()));
  return octets;
}
Pcm decoded_by_spandsp(const Octets& octets) {
  const std::unique_ptr<g722_decode_state_t, int (*)(g722_decode_state_t*)> state(
      g722_decode_init(nullptr, 64000, 0), g722_decode_free);
  Pcm pcm(octets.size() * 2);
  g722_decode(state.get(), pcm.data(), octets.data(), static_cast<int>(octets.size()));
  return pcm;
}

template <class Numbers>
std::size_t differing(const Numbers& a, const Numbers& b) {
  REQUIRE(a.size() == b.size());
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) count += a[i] == b[i] ? 0 : 1;
  return count;
}

}  // namespace

TEST_CASE("G.722: moderate signals are coded as spandsp codes them") {
  for (const Named& signal : moderate_signals()) {
    CAPTURE(signal.name);
    const auto& pcm = signal.pcm;
    const Octets octets = encoded(pcm);
    CHECK(differing(octets, encoded_by_spandsp(pcm)) == 0);
    CHECK(differing(decoded(octets), decoded_by_spandsp(octets)) == 0);
  }
}

TEST_CASE("G.722: overload is limited as the Recommendation says") {
  for (const Named& signal : overloading_signals()) {
    CAPTURE(signal.name);
    const auto& pcm = signal.pcm;
    const Octets octets = encoded(pcm);
    CHECK(differing(octets, recommendation::Encoder{}.encode(pcm)) == 0);
    CHECK(differing(decoded(octets), recommendation::Decoder{}.decode(octets)) == 0);
  }
}

TEST_CASE("G.722: any octets are decoded as the Recommendation says") {
  const auto [uniform, outermost, runs] = arbitrary_octets();
  for (const Octets& octets : {uniform, outermost, runs}) {
    CHECK(differing(decoded(octets), recommendation::Decoder{}.decode(octets)) == 0);
  }
}

// Where spandsp leaves the Recommendation: it doesn't limit the transmit filter's output, its receive
// filter's output wraps, and it saturates FILTEZ's sum once instead of at each addition, which runs of one
// octet make a difference to.
TEST_CASE(
    "G.722: random octets are decoded as by spandsp, but for samples that wrap there and saturate here") {
  const ArbitraryOctets arbitrary = arbitrary_octets();
  for (const Octets& octets : {arbitrary.uniform, arbitrary.outermost}) {
    const Pcm ours = decoded(octets);
    const Pcm theirs = decoded_by_spandsp(octets);
    std::size_t differences = 0;
    for (std::size_t i = 0; i < ours.size(); ++i) {
      const bool saturated = ours[i] == 32767 || ours[i] == -32768;
      if (ours[i] != theirs[i] && !saturated) ++differences;
    }
    CHECK(differences == 0);
  }
}

TEST_CASE("G.722: pieces of any length give what one call gives") {
  Random random({13, 14, 15, 16});
  for (const Named& signal : moderate_signals()) {
    CAPTURE(signal.name);
    const auto& pcm = signal.pcm;
    const Octets whole = encoded(pcm);
    G722Encoder encoder;
    G722Decoder decoder;
    Octets octets(whole.size());
    Pcm heard(pcm.size());
    for (std::size_t done = 0; done < octets.size();) {
      const std::size_t now = std::min<std::size_t>(random.next16() % 400, octets.size() - done);
      const std::span piece = std::span(octets).subspan(done, now);
      CHECK(encoder.encode(std::span(pcm).subspan(2 * done, 2 * now), piece) == now);
      CHECK(decoder.decode(piece, std::span(heard).subspan(2 * done, 2 * now)) == 2 * now);
      done += now;
    }
    CHECK(differing(octets, whole) == 0);
    CHECK(differing(heard, decoded(whole)) == 0);
  }
}

TEST_CASE("G.722: an odd last sample is left out, nothing is nothing") {
  const Pcm pcm{1000, -1000, 1000};
  std::array<std::uint8_t, 2> octets{0xee, 0xee};
  CHECK(G722Encoder{}.encode(pcm, octets) == 1);
  CHECK(octets[1] == 0xee);
  CHECK(G722Encoder{}.encode({}, octets) == 0);
  CHECK(G722Decoder{}.decode({}, {}) == 0);
}

TEST_CASE("G.722: what is heard is what was said, 22 samples later") {
  const Pcm said = sampled([](std::size_t i) { return 6000 * tone(i, 1004) + 3000 * tone(i, 5003); });
  const Pcm heard = decoded(encoded(said));
  double power = 0;
  double error = 0;
  for (std::size_t i = 1000; i + 22 < said.size(); ++i) {
    const double difference = heard[i + 22] - said[i];
    power += static_cast<double>(said[i]) * said[i];
    error += difference * difference;
  }
  CHECK(10 * std::log10(power / error) > 28);
}

TEST_CASE("G.722: nothing is allocated") {
  Pcm pcm(640, 5);
  Octets octets(320);
  G722Encoder encoder;
  G722Decoder decoder;
  const std::size_t before = test::allocation_count();
  encoder.encode(pcm, octets);
  decoder.decode(octets, pcm);
  CHECK(test::allocation_count() == before);
}

TEST_CASE("G.722: the zero section's sum saturates at each step, from the oldest") {
  Random random({17, 18, 19, 20});
  for (int round = 0; round < 1000; ++round) {
    alignas(16) std::array<std::int16_t, 64> rows{};
    for (std::size_t row = 0; row < 8; ++row) {
      for (std::size_t column = 0; column < 6; ++column) {
        rows.at(8 * row + column) = static_cast<std::int16_t>(random.next16());
      }
    }
    std::array<std::int16_t, 8> expected{};
    for (std::size_t row = 0; row < 8; ++row) {
      int sum = 0;
      for (std::size_t column = 0; column < 6; ++column) {
        sum = std::clamp(sum + rows.at(8 * row + column), -32768, 32767);
      }
      expected.at(row) = static_cast<std::int16_t>(sum);
    }
    std::array<std::int16_t, 8> sums{};
    store(sums.data(), g722::sums_of_rows(rows.data()));
    CHECK(sums == expected);
    store(sums.data(), g722::sums_in_halves(load(rows.data()), load(rows.data() + 8)));
    CHECK(sums[0] == expected[0]);
    CHECK(sums[4] == expected[1]);
  }
}

TEST_CASE("G.722: pole sections adapt as the Recommendation says from any state they can be in") {
  Random random({21, 22, 23, 24});
  const auto within = [&](int most) {
    return static_cast<int>(random.next32() % (2U * static_cast<unsigned>(most) + 1)) - most;
  };
  const auto repeat = [](int value) { return repeated(static_cast<std::int16_t>(value)); };
  for (int round = 0; round < 50000; ++round) {
    recommendation::Band band;
    band.a[2] = random.next16() % 4 == 0 ? (random.next16() % 2 == 0 ? 12288 : -12288) : within(12288);
    band.a[1] = within(15360 - band.a[2]);
    for (int* any : {&band.r[1], &band.r[2], &band.p[1], &band.p[2], &band.s, &band.sz}) *any = within(32767);
    const int difference = within(10228);
    g722::Poles poles{.a1 = repeat(band.a[1]),
                      .a2 = repeat(band.a[2]),
                      .r1 = repeat(band.r[1]),
                      .r2 = repeat(band.r[2]),
                      .p1 = repeat(band.p[1]),
                      .p2 = repeat(band.p[2])};
    const Int16x8 sp = poles.advance(repeat(band.s), repeat(band.sz), repeat(difference));
    band.adapt(difference);
    CHECK(int{poles.a1[0]} == band.a[1]);
    CHECK(int{poles.a2[7]} == band.a[2]);
    CHECK(int{poles.r1[1]} == band.r[1]);
    CHECK(int{poles.r2[2]} == band.r[2]);
    CHECK(int{poles.p1[3]} == band.p[1]);
    CHECK(int{poles.p2[4]} == band.p[2]);
    CHECK(int{add_saturated(sp, repeat(band.sz))[5]} == band.s);
  }
}
