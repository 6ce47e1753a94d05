#include "codecs/ilbc.hpp"

#include <algorithm>
#include <array>
#include <doctest/doctest.h>
#include <vector>

#include "core/random.hpp"
#include "support/likeness.hpp"
#include "support/speech.hpp"

using namespace mediaswitch;

namespace {

using Pcm = std::vector<std::int16_t>;
using Octets = std::vector<std::uint8_t>;

struct Mode {
  IlbcMode mode;
  std::size_t samples;
  std::size_t octets;
};
constexpr std::array modes{Mode{.mode = IlbcMode::Millis20, .samples = 160, .octets = 38},
                           Mode{.mode = IlbcMode::Millis30, .samples = 240, .octets = 50}};

/// Speech, a whole number of frames.
Pcm speech_for(const Mode& mode) {
  Pcm pcm = test::narrow_speech();
  pcm.resize(pcm.size() / mode.samples * mode.samples);
  return pcm;
}

Octets encoded(const Mode& mode, const Pcm& pcm) {
  IlbcEncoder encoder(mode.mode);
  Octets octets(pcm.size() / mode.samples * mode.octets);
  encoder.encode(pcm, octets);
  return octets;
}

/// 20 ms that libilbc refuses: a codebook index that reaches beyond its memory.
constexpr std::array<std::uint8_t, 38> refused{0xFF, 0x3F, 0x97, 0x5F, 0xF3, 0xBB, 0xE5, 0x7D, 0x40, 0xD2,
                                               0x9F, 0x81, 0x54, 0xCE, 0xE9, 0x44, 0x36, 0x19, 0xD3, 0x9B,
                                               0xFA, 0x38, 0x5C, 0x08, 0xB7, 0x6D, 0x4C, 0xAE, 0xB1, 0x0B,
                                               0x88, 0xBD, 0x4A, 0x97, 0x58, 0xD9, 0xD2, 0xD2};

}  // namespace

TEST_CASE("speech comes back much like it went, with the codec's delay") {
  for (const Mode& mode : modes) {
    const Pcm original = speech_for(mode);
    Pcm decoded(original.size());
    REQUIRE(IlbcDecoder(mode.mode).decode(encoded(mode, original), decoded));
    const test::Alignment alignment = test::align(original, decoded, 160);
    // The enhancer's delay (RFC 3951 §4.6): 40 samples, or 80.
    CHECK(alignment.delay >= mode.samples / 4 - 2);
    CHECK(alignment.delay <= mode.samples / 3 + 6);
    CHECK(alignment.likeness > 0.85);
  }
}

TEST_CASE("how frames are spread over calls makes no difference") {
  for (const Mode& mode : modes) {
    const Pcm original = speech_for(mode);
    const Octets octets = encoded(mode, original);

    IlbcEncoder encoder(mode.mode);
    Octets one_by_one(octets.size());
    for (std::size_t frame = 0; frame * mode.samples < original.size(); ++frame) {
      encoder.encode(std::span(original).subspan(frame * mode.samples, mode.samples),
                     std::span(one_by_one).subspan(frame * mode.octets, mode.octets));
    }
    CHECK(one_by_one == octets);

    Pcm all(original.size());
    REQUIRE(IlbcDecoder(mode.mode).decode(octets, all));
    IlbcDecoder decoder(mode.mode);
    Pcm each(original.size());
    for (std::size_t frame = 0; frame * mode.samples < original.size(); ++frame) {
      REQUIRE(decoder.decode(std::span(octets).subspan(frame * mode.octets, mode.octets),
                             std::span(each).subspan(frame * mode.samples, mode.samples)));
    }
    CHECK(each == all);
  }
}

TEST_CASE("a refused frame, alone or after good ones, leaves the decoder as it was") {
  const Mode& mode = modes.front();
  const Pcm original = speech_for(mode);
  const Octets octets = encoded(mode, original);
  IlbcDecoder undisturbed(mode.mode);
  IlbcDecoder decoder(mode.mode);
  Pcm expected(mode.samples);
  Pcm heard(mode.samples);
  Pcm wasted(2 * mode.samples);
  for (std::size_t frame = 0; frame + 1 < original.size() / mode.samples; ++frame) {
    const auto payload = std::span(octets).subspan(frame * mode.octets, mode.octets);
    Octets two(payload.begin(), payload.end());
    two.insert(two.end(), refused.begin(), refused.end());
    REQUIRE_FALSE(decoder.decode(refused, wasted));
    REQUIRE_FALSE(decoder.decode(two, wasted));
    REQUIRE(undisturbed.decode(payload, expected));
    REQUIRE(decoder.decode(payload, heard));
    REQUIRE(heard == expected);
  }
}

TEST_CASE("a loss is filled with speech of the same loudness, then fades") {
  for (const Mode& mode : modes) {
    const Pcm original = speech_for(mode);
    const Octets octets = encoded(mode, original);
    IlbcDecoder decoder(mode.mode);
    // In the middle of a vowel.
    const std::size_t frames = 3840 / mode.samples;
    Pcm heard(frames * mode.samples);
    REQUIRE(decoder.decode(std::span(octets).first(frames * mode.octets), heard));
    const double before = test::level_of(std::span(heard).last(mode.samples));
    Pcm filled(8000);
    decoder.conceal(filled);
    const double first = test::level_of(std::span(filled).first(mode.samples));
    CHECK(before > 500);
    CHECK(first > before / 2);
    CHECK(first < before * 1.5);
    CHECK(test::level_of(std::span(filled).last(1600)) < before / 10);
  }
}

TEST_CASE("a loss may have any length") {
  for (const Mode& mode : modes) {
    const Pcm original = speech_for(mode);
    const Octets octets = encoded(mode, original);
    const auto start = std::span(octets).first(20 * mode.octets);
    Pcm heard(20 * mode.samples);
    IlbcDecoder whole(mode.mode);
    IlbcDecoder pieces(mode.mode);
    REQUIRE(whole.decode(start, heard));
    REQUIRE(pieces.decode(start, heard));

    Pcm filled(3 * mode.samples);
    whole.conceal(filled);
    Pcm in_pieces(filled.size());
    std::span<std::int16_t> rest = in_pieces;
    for (std::size_t length = 7; !rest.empty(); length = length * 3 % 191 + 1) {
      const std::size_t count = std::min(length, rest.size());
      pieces.conceal(rest.first(count));
      rest = rest.subspan(count);
    }
    CHECK(in_pieces == filled);

    // What was made and not asked for is gone once a frame comes.
    const auto after = start.last(mode.octets);
    pieces.conceal(std::span(in_pieces).first(1));
    whole.conceal(std::span(filled).first(mode.samples));
    REQUIRE(pieces.decode(after, std::span(heard).first(mode.samples)));
    REQUIRE(whole.decode(after, std::span(heard).first(mode.samples)));
    pieces.conceal(in_pieces);
    whole.conceal(filled);
    CHECK(in_pieces == filled);
  }
}

TEST_CASE("whatever the octets, decoding ends and memory is kept to") {
  Random random({1, 2, 3, 4});
  for (const Mode& mode : modes) {
    IlbcDecoder decoder(mode.mode);
    Octets octets(mode.octets);
    Pcm pcm(mode.samples);
    std::size_t count_refused = 0;
    for (int i = 0; i < 1000; ++i) {
      std::ranges::generate(octets, [&] { return static_cast<std::uint8_t>(random.next16()); });
      if (!decoder.decode(octets, pcm)) ++count_refused;
    }
    CHECK(count_refused < 100);
  }
}

TEST_CASE("whatever the samples, encoding ends and gives what can be decoded") {
  Random random({5, 6, 7, 8});
  for (const Mode& mode : modes) {
    IlbcEncoder encoder(mode.mode);
    IlbcDecoder decoder(mode.mode);
    Octets octets(mode.octets);
    Pcm pcm(mode.samples);
    for (int i = 0; i < 200; ++i) {
      const std::uint32_t kind = random.next32() % 4;
      std::ranges::generate(pcm, [&] {
        const auto noise = static_cast<std::int16_t>(random.next16());
        if (kind == 0) return noise;
        if (kind == 1) return noise > 0 ? std::int16_t{32767} : std::int16_t{-32768};
        return kind == 2 ? std::int16_t{0} : static_cast<std::int16_t>(noise % 3);
      });
      encoder.encode(pcm, octets);
      REQUIRE(decoder.decode(octets, pcm));
    }
  }
}
