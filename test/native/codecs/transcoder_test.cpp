#include "codecs/transcoder.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <doctest/doctest.h>
#include <numbers>
#include <vector>

#include "codecs/g711.hpp"
#include "support/allocation_count.hpp"

using namespace mediaswitch;
using namespace mediaswitch::test;

namespace {

using Pcm = std::vector<std::int16_t>;
using Octets = std::vector<std::uint8_t>;

Pcm tone(double hertz, ClockRate sampling, std::size_t samples) {
  Pcm pcm(samples);
  for (std::size_t i = 0; i < samples; ++i) {
    const double phase = 2 * std::numbers::pi * hertz * static_cast<double>(i) / sampling.value;
    pcm[i] = static_cast<std::int16_t>(std::lround(8000 * std::sin(phase)));
  }
  return pcm;
}

/// Power at one frequency, as part of the whole (Goertzel).
double share_of(double hertz, ClockRate sampling, const Pcm& pcm) {
  const double step = 2 * std::numbers::pi * hertz / sampling.value;
  double real = 0;
  double imaginary = 0;
  double total = 0;
  for (std::size_t i = 0; i < pcm.size(); ++i) {
    real += pcm[i] * std::cos(step * static_cast<double>(i));
    imaginary += pcm[i] * std::sin(step * static_cast<double>(i));
    total += static_cast<double>(pcm[i]) * pcm[i];
  }
  return total == 0 ? 0
                    : 2 * (real * real + imaginary * imaginary) / (total * static_cast<double>(pcm.size()));
}

/// 60 ms, which every format can have.
std::size_t packet_samples(AudioFormat format) {
  return samples_in(Millis{60}, traits(format).clocks.sampling).value;
}

}  // namespace

TEST_CASE("between the two laws of G.711 there are tables, elsewhere not") {
  CHECK(octet_table(AudioFormat::Pcmu, AudioFormat::Pcma) == &g711::mu_to_a);
  CHECK(octet_table(AudioFormat::Pcma, AudioFormat::Pcmu) == &g711::a_to_mu);
  CHECK(octet_table(AudioFormat::Pcmu, AudioFormat::Pcmu) == nullptr);
  CHECK(octet_table(AudioFormat::Pcmu, AudioFormat::G722) == nullptr);
}

TEST_CASE(
    "any format to any other: a tone stays that tone, packets keep their length, nothing is allocated") {
  for (const FormatTraits& from : formats) {
    for (const FormatTraits& to : formats) {
      CAPTURE(from.name);
      CAPTURE(to.name);
      Encoder source(from.format);
      Transcoder transcoder(from.format, to.format);
      Decoder sink(to.format, Decoder::OnLoss::Skip);
      const std::size_t in_samples = packet_samples(from.format);
      const std::size_t out_samples = packet_samples(to.format);
      constexpr std::size_t packets = 20;
      const Pcm sent = tone(1000, from.clocks.sampling, packets * in_samples);
      Pcm heard(packets * out_samples);
      Octets payload(most_octets);
      Octets out(most_octets);
      std::size_t allocations = 0;
      for (std::size_t i = 0; i < packets; ++i) {
        const std::size_t octets =
            source.encode(std::span(sent).subspan(i * in_samples, in_samples), payload);
        REQUIRE(transcoder.keeps_length(octets));
        const std::size_t before = allocation_count();
        const std::size_t written = transcoder.transcode(std::span(payload).first(octets), out);
        allocations += allocation_count() - before;
        const std::size_t decoded = sink.decode(std::span(out).first(written),
                                                std::span(heard).subspan(i * out_samples, out_samples));
        CHECK(decoded == out_samples);
      }
      CHECK(allocations == 0);
      const Pcm settled(heard.begin() + static_cast<std::ptrdiff_t>(heard.size() / 2), heard.end());
      CHECK(share_of(1000, to.clocks.sampling, settled) > 0.9);
      CHECK(share_of(1100, to.clocks.sampling, settled) < 0.02);
    }
  }
}

TEST_CASE("what does not fill iLBC's frames can't keep its length") {
  const Transcoder to_ilbc(AudioFormat::Pcmu, AudioFormat::Ilbc30);
  CHECK_FALSE(to_ilbc.keeps_length(160));
  CHECK(to_ilbc.keeps_length(240));
  CHECK(to_ilbc.keeps_length(480));
}

TEST_CASE("a payload that is none of its format gives nothing, a gap is no trouble") {
  Transcoder transcoder(AudioFormat::Ilbc20, AudioFormat::G722);
  Octets out(most_octets);
  const Octets wrong(37, 1);
  CHECK(transcoder.transcode(wrong, out) == 0);
  transcoder.skip({160});
  transcoder.skip({0xFFFF'FFFF});
  Encoder source(AudioFormat::Ilbc20);
  Octets payload(38);
  source.encode(Pcm(160, 100), payload);
  CHECK(transcoder.transcode(payload, out) == 160);
}

TEST_CASE("only where both codecs and their rates are simple, packets may come in any order") {
  CHECK_FALSE(Transcoder(AudioFormat::Pcmu, AudioFormat::L16Narrow).needs_order());
  CHECK(Transcoder(AudioFormat::Pcmu, AudioFormat::L16Wide).needs_order());
  CHECK(Transcoder(AudioFormat::Pcmu, AudioFormat::G722).needs_order());
  CHECK(Transcoder(AudioFormat::G722, AudioFormat::Pcmu).needs_order());
  CHECK(Transcoder(AudioFormat::L16Narrow, AudioFormat::Ilbc20).needs_order());
}

TEST_CASE("formats are found by their names") {
  CHECK(format_named("PCMU") == AudioFormat::Pcmu);
  CHECK(format_named("iLBC/30") == AudioFormat::Ilbc30);
  CHECK_FALSE(format_named("pcmu"));
  CHECK_FALSE(format_named(""));
  for (const FormatTraits& each : formats) {
    CHECK(traits(each.format).name == each.name);
    CHECK(traits(each.format).format == each.format);
  }
}
