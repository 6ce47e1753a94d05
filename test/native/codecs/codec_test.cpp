#include "codecs/codec.hpp"

#include <algorithm>
#include <array>
#include <doctest/doctest.h>
#include <string>
#include <utility>
#include <vector>

#include "codecs/resampler.hpp"
#include "core/random.hpp"
#include "support/allocation_count.hpp"
#include "support/likeness.hpp"
#include "support/speech.hpp"

using namespace mediaswitch;

namespace {

using Pcm = std::vector<std::int16_t>;
using Octets = std::vector<std::uint8_t>;

constexpr ClockRate wide{16000};

ClockRate sampling_of(AudioFormat format) { return traits(format).clocks.sampling; }

/// The samples of a packet: 20 ms, or 30 ms where that is the format's frame.
std::size_t packet_of(AudioFormat format) {
  return format == AudioFormat::Ilbc30 ? 240 : sampling_of(format).value / 50;
}

/// Speech at the format's sampling rate, a whole number of packets of every format.
Pcm speech_for(AudioFormat format) {
  Pcm pcm = sampling_of(format) == wide ? test::wide_speech() : test::narrow_speech();
  const std::size_t whole = sampling_of(format).value * 60 / 1000;
  pcm.resize(pcm.size() / whole * whole);
  return pcm;
}

std::vector<Octets> packets_of(AudioFormat format, const Pcm& pcm) {
  Encoder encoder(format);
  const std::size_t packet = packet_of(format);
  std::vector<Octets> packets;
  for (std::size_t at = 0; at + packet <= pcm.size(); at += packet) {
    Octets payload(most_octets);
    payload.resize(encoder.encode(std::span(pcm).subspan(at, packet), payload));
    packets.push_back(payload);
  }
  return packets;
}

Pcm decoded(AudioFormat format, const std::vector<Octets>& packets) {
  Decoder decoder(format, Decoder::OnLoss::Conceal);
  Pcm pcm;
  for (const Octets& payload : packets) {
    std::array<std::int16_t, most_samples> out{};
    const std::size_t count = decoder.decode(payload, out);
    REQUIRE(count == packet_of(format));
    pcm.insert(pcm.end(), out.begin(), out.begin() + static_cast<std::ptrdiff_t>(count));
  }
  return pcm;
}

Pcm resampled(const Pcm& pcm, ClockRate from, ClockRate to) {
  if (from == to) return pcm;
  if (to == wide) {
    Pcm out(pcm.size() * 2);
    Upsampler().process(pcm, out);
    return out;
  }
  Pcm out(pcm.size() / 2);
  Downsampler().process(pcm, out);
  return out;
}

/// How much of the speech a format keeps, as a correlation coefficient.
double kept_by(AudioFormat format) {
  switch (format) {
    case AudioFormat::Pcmu:
    case AudioFormat::Pcma: return 0.998;
    case AudioFormat::G722: return 0.98;
    case AudioFormat::Ilbc20:
    case AudioFormat::Ilbc30: return 0.81;
    case AudioFormat::L16Narrow:
    case AudioFormat::L16Wide: return 0.99999;
  }
  return 1;
}

Octets payload_of(AudioFormat format, std::size_t units) {
  return Octets(units * traits(format).unit.octets, 0x55);
}

bool is_silent(std::span<const std::int16_t> pcm) {
  return std::ranges::all_of(pcm, [](std::int16_t each) { return each == 0; });
}

}  // namespace

TEST_CASE("a packet is as long in each format as its traits say") {
  for (const FormatTraits& each : formats) {
    const std::size_t packet = packet_of(each.format);
    Encoder encoder(each.format);
    CHECK(encoder.format() == each.format);
    Octets payload(most_octets);
    const std::size_t octets = encoder.encode(Pcm(packet), payload);
    CHECK(samples_in_payload(each.format, octets).value == packet);
    CHECK(octets == packet / each.unit.samples.value * each.unit.octets);
    Decoder decoder(each.format, Decoder::OnLoss::Skip);
    CHECK(decoder.format() == each.format);
    Pcm pcm(packet);
    CHECK(decoder.decode(std::span(payload).first(octets), pcm) == packet);
  }
}

TEST_CASE("what is no whole number of units, nothing, or too long is refused") {
  for (const FormatTraits& each : formats) {
    CAPTURE(each.name);
    Decoder decoder(each.format, Decoder::OnLoss::Conceal);
    Pcm pcm(most_samples);
    const std::size_t longest =
        samples_in(longest_packet, each.clocks.sampling).value / each.unit.samples.value;
    CHECK(decoder.decode({}, pcm) == 0);
    Octets payload = payload_of(each.format, longest);
    CHECK(decoder.decode(payload, pcm) == longest * each.unit.samples.value);
    payload = payload_of(each.format, longest + 1);
    CHECK(decoder.decode(payload, pcm) == 0);
    if (each.unit.octets == 1) continue;
    payload = payload_of(each.format, 1);
    payload.push_back(0);
    CHECK(decoder.decode(payload, pcm) == 0);
    payload.resize(each.unit.octets - 1);
    CHECK(decoder.decode(payload, pcm) == 0);
  }
}

TEST_CASE("speech goes through every pair of formats") {
  for (const FormatTraits& first : formats) {
    Pcm original = speech_for(first.format);
    // 1.8 s: a whole number of packets of all formats.
    original.resize(first.clocks.sampling.value * 18 / 10);
    const Pcm once = decoded(first.format, packets_of(first.format, original));
    for (const FormatTraits& second : formats) {
      CAPTURE(std::string(first.name) + " to " + std::string(second.name));
      const ClockRate from = first.clocks.sampling;
      const ClockRate to = second.clocks.sampling;
      const Pcm twice = decoded(second.format, packets_of(second.format, resampled(once, from, to)));
      // Against what only the resampling makes of it, at 16 kHz.
      const test::Alignment alignment =
          test::align(resampled(resampled(original, from, to), to, wide), resampled(twice, to, wide), 400);
      const double kept = kept_by(first.format) * kept_by(second.format);
      // Of phases, iLBC's filters leave little the second time.
      const bool is_twice_ilbc = first.unit.octets > 2 && second.unit.octets > 2;
      CHECK(alignment.likeness > (is_twice_ilbc ? 0.5 : kept) - 0.002);
    }
  }
}

TEST_CASE("one encoder may serve several streams where formats have no state, and only there") {
  for (const FormatTraits& each : formats) {
    CAPTURE(each.name);
    const Pcm pcm = speech_for(each.format);
    const std::vector<Octets> packets = packets_of(each.format, pcm);
    const std::size_t late = 40;
    const std::size_t packet = packet_of(each.format);
    Octets payload(most_octets);
    Encoder fresh(each.format);
    payload.resize(fresh.encode(std::span(pcm).subspan(late * packet, packet), payload));
    CHECK((payload == packets.at(late)) == is_stateless(each.format));
  }
}

TEST_CASE("a refused iLBC frame leaves the state as it was") {
  // A codebook index of it reaches beyond the memory.
  const std::array<std::uint8_t, 38> bad{0x34, 0x18, 0x8F, 0xC3, 0x49, 0xAE, 0x94, 0x42, 0xDE, 0x0C,
                                         0x99, 0x80, 0x61, 0xE2, 0xCD, 0x8B, 0x5A, 0x18, 0xF3, 0x36,
                                         0x6B, 0xFC, 0x69, 0xAF, 0xCD, 0x77, 0x28, 0xBB, 0xDF, 0xE6,
                                         0xF9, 0x4F, 0x59, 0xE9, 0x1F, 0xEE, 0x38, 0xF2};
  const std::vector<Octets> packets = packets_of(AudioFormat::Ilbc20, speech_for(AudioFormat::Ilbc20));
  const Pcm expected = decoded(AudioFormat::Ilbc20, packets);
  Decoder decoder(AudioFormat::Ilbc20, Decoder::OnLoss::Conceal);
  Pcm pcm(160);
  for (std::size_t i = 0; i < packets.size(); ++i) {
    REQUIRE(decoder.decode(bad, pcm) == 0);
    REQUIRE(decoder.decode(packets[i], pcm) == 160);
    REQUIRE(std::ranges::equal(pcm, std::span(expected).subspan(i * 160, 160)));
  }
}

TEST_CASE("a loss is concealed in every format: like speech at first, nothing in the end") {
  for (const FormatTraits& each : formats) {
    CAPTURE(each.name);
    const std::vector<Octets> packets = packets_of(each.format, speech_for(each.format));
    const std::size_t packet = packet_of(each.format);
    Decoder decoder(each.format, Decoder::OnLoss::Conceal);
    Pcm pcm(packet);
    // 480 ms: the middle of a vowel.
    for (std::size_t i = 0; (i + 1) * packet <= each.clocks.sampling.value * 48 / 100; ++i) {
      REQUIRE(decoder.decode(packets[i], pcm) == packet);
    }
    const double before = test::level_of(pcm);
    decoder.conceal(pcm);
    CHECK(test::level_of(pcm) > before / 2);
    CHECK(test::level_of(pcm) < before * 1.5);
    for (int i = 0; i < 50; ++i) decoder.conceal(pcm);
    CHECK(test::level_of(pcm) < before / 30);
  }
}

TEST_CASE("where nobody hears a loss it is silence, and the codec's state goes on all the same") {
  for (const FormatTraits& each : formats) {
    CAPTURE(each.name);
    const std::vector<Octets> packets = packets_of(each.format, speech_for(each.format));
    Decoder skipping(each.format, Decoder::OnLoss::Skip);
    Decoder concealing(each.format, Decoder::OnLoss::Conceal);
    const std::size_t packet = packet_of(each.format);
    Pcm pcm(packet);
    for (std::size_t i = 0; i < 20; ++i) {
      REQUIRE(skipping.decode(packets[i], pcm) == packet);
      REQUIRE(concealing.decode(packets[i], pcm) == packet);
    }
    Pcm filled(packet, 1);
    skipping.conceal(filled);
    CHECK(is_silent(filled));
    concealing.conceal(filled);
    // Some frames later what was blended in is past, and both hear the same.
    Pcm other(packet);
    for (std::size_t i = 21; i < 24; ++i) {
      REQUIRE(skipping.decode(packets[i], pcm) == packet);
      REQUIRE(concealing.decode(packets[i], other) == packet);
    }
    CHECK(pcm == other);
  }
}

TEST_CASE("a decoder and an encoder go on where they were after a move") {
  for (const FormatTraits& each : formats) {
    const Pcm pcm = speech_for(each.format);
    const std::size_t packet = packet_of(each.format);
    const std::vector<Octets> packets = packets_of(each.format, pcm);
    const Pcm expected = decoded(each.format, packets);
    Encoder encoder(each.format);
    Decoder decoder(each.format, Decoder::OnLoss::Conceal);
    for (std::size_t i = 0; i < 20; ++i) {
      Encoder moved_encoder = std::move(encoder);
      Decoder moved_decoder = std::move(decoder);
      Octets payload(most_octets);
      payload.resize(moved_encoder.encode(std::span(pcm).subspan(i * packet, packet), payload));
      REQUIRE(payload == packets[i]);
      Pcm out(packet);
      REQUIRE(moved_decoder.decode(payload, out) == packet);
      REQUIRE(std::ranges::equal(out, std::span(expected).subspan(i * packet, packet)));
      encoder = std::move(moved_encoder);
      decoder = std::move(moved_decoder);
    }
  }
}

TEST_CASE("random octets of any length do no harm") {
  Random random({9, 8, 7, 6});
  for (const FormatTraits& each : formats) {
    Decoder decoder(each.format, Decoder::OnLoss::Conceal);
    for (int i = 0; i < 300; ++i) {
      Octets payload(random.next32() % 400);
      std::ranges::generate(payload, [&] { return static_cast<std::uint8_t>(random.next16()); });
      Pcm pcm(samples_in_payload(each.format, payload.size()).value);
      const std::size_t count = decoder.decode(payload, pcm);
      CHECK((count == 0 || count == pcm.size()));
      Pcm filled(random.next32() % 500);
      if (i % 5 == 0) decoder.conceal(filled);
    }
  }
}

TEST_CASE("nothing is allocated once they are made") {
  for (const FormatTraits& each : formats) {
    CAPTURE(each.name);
    const std::size_t packet = packet_of(each.format);
    Pcm pcm(packet, 1000);
    Octets payload(packet / each.unit.samples.value * each.unit.octets);
    for (const auto on_loss : {Decoder::OnLoss::Conceal, Decoder::OnLoss::Skip}) {
      Encoder encoder(each.format);
      Decoder decoder(each.format, on_loss);
      const std::size_t before = test::allocation_count();
      for (int i = 0; i < 5; ++i) {
        encoder.encode(pcm, payload);
        decoder.decode(payload, pcm);
        decoder.conceal(pcm);
        decoder.decode(payload, pcm);
      }
      CHECK(test::allocation_count() == before);
    }
  }
}
