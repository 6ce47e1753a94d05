#include "codecs/concealment.hpp"

#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>
#include <numbers>
#include <vector>

#include "support/allocation_count.hpp"
#include "support/likeness.hpp"
#include "support/speech.hpp"

using namespace mediaswitch;

namespace {

using Pcm = std::vector<std::int16_t>;

constexpr ClockRate narrow{8000};
constexpr ClockRate wide{16000};

Pcm speech_at(ClockRate sampling) { return sampling == wide ? test::wide_speech() : test::narrow_speech(); }

constexpr std::size_t frame_at(ClockRate sampling) { return sampling.value / 50; }

/// 5 %, two of them in a row.
bool is_lost(std::size_t frame) { return frame % 40 == 17 || frame % 40 == 18; }

/// Mean spectral distance from the original, over lost frames in which somebody speaks.
double distance_of_lost(const Pcm& original, const Pcm& heard, std::size_t frame) {
  double sum = 0;
  double count = 0;
  for (std::size_t i = 0; (i + 1) * frame <= original.size(); ++i) {
    const auto said = std::span(original).subspan(i * frame, frame);
    if (!is_lost(i) || test::level_of(said) < 100) continue;
    sum += test::spectral_distance(said, std::span(heard).subspan(i * frame, frame));
    count += 1;
  }
  return sum / count;
}

Pcm vowel(ClockRate sampling, std::size_t samples) {
  Pcm pcm(samples);
  for (std::size_t i = 0; i < samples; ++i) {
    const double turn = 2 * std::numbers::pi * static_cast<double>(i) / sampling.value;
    // 125 Hz: its period is a whole number of samples at both rates.
    pcm[i] = static_cast<std::int16_t>(6000 * std::sin(125 * turn) + 3000 * std::sin(500 * turn + 1));
  }
  return pcm;
}

}  // namespace

TEST_CASE("with 5 % of speech lost, what is filled in is far nearer to it than silence") {
  for (const ClockRate sampling : {narrow, wide}) {
    const Pcm original = speech_at(sampling);
    const std::size_t frame = frame_at(sampling);
    Pcm concealed = original;
    Pcm silenced = original;
    Concealment concealment(sampling);
    for (std::size_t i = 0; (i + 1) * frame <= original.size(); ++i) {
      const auto pcm = std::span(concealed).subspan(i * frame, frame);
      if (is_lost(i)) {
        concealment.fill(pcm);
        std::ranges::fill(std::span(silenced).subspan(i * frame, frame), std::int16_t{0});
      } else {
        concealment.heard(pcm);
      }
    }
    const double concealed_distance = distance_of_lost(original, concealed, frame);
    const double silenced_distance = distance_of_lost(original, silenced, frame);
    CAPTURE(sampling.value);
    CAPTURE(concealed_distance);
    CAPTURE(silenced_distance);
    CHECK(concealed_distance < 11);
    CHECK(silenced_distance > 20);
  }
}

TEST_CASE("without loss audio stays as it is") {
  for (const ClockRate sampling : {narrow, wide}) {
    const Pcm original = speech_at(sampling);
    Pcm heard = original;
    Concealment concealment(sampling);
    for (std::size_t at = 0; at < heard.size(); at += 160) {
      concealment.heard(std::span(heard).subspan(at, std::min<std::size_t>(160, heard.size() - at)));
    }
    CHECK(heard == original);
  }
}

TEST_CASE("a steady vowel goes on in its own phase and is taken up again without a click") {
  for (const ClockRate sampling : {narrow, wide}) {
    const std::size_t frame = frame_at(sampling);
    const Pcm original = vowel(sampling, 10 * frame);
    Pcm heard = original;
    Concealment concealment(sampling);
    for (std::size_t i = 0; i < 10; ++i) {
      const auto pcm = std::span(heard).subspan(i * frame, frame);
      i == 5 ? concealment.fill(pcm) : concealment.heard(pcm);
    }
    const auto part = [&](const Pcm& pcm, std::size_t from, std::size_t to) {
      return std::span(pcm).subspan(from, to - from);
    };
    CAPTURE(sampling.value);
    // The first half; then it begins to fade.
    CHECK(test::signal_to_noise(part(original, 5 * frame, 5 * frame + frame / 2),
                                part(heard, 5 * frame, 5 * frame + frame / 2)) > 12);
    CHECK(test::signal_to_noise(part(original, 6 * frame, 7 * frame), part(heard, 6 * frame, 7 * frame)) >
          15);
    CHECK(test::signal_to_noise(part(original, 7 * frame, 8 * frame), part(heard, 7 * frame, 8 * frame)) >
          60);
    int steepest = 0;
    int steepest_originally = 0;
    for (std::size_t i = 1; i < heard.size(); ++i) {
      steepest = std::max(steepest, std::abs(heard[i] - heard[i - 1]));
      steepest_originally = std::max(steepest_originally, std::abs(original[i] - original[i - 1]));
    }
    CHECK(steepest < 1.5 * steepest_originally);
  }
}

TEST_CASE("a long loss fades to silence within 60 ms and stays silent") {
  for (const ClockRate sampling : {narrow, wide}) {
    const std::size_t frame = frame_at(sampling);
    Pcm original = vowel(sampling, 10 * frame);
    Concealment concealment(sampling);
    concealment.heard(original);
    Pcm filled(100 * frame);
    concealment.fill(filled);
    const double loud = test::level_of(original);
    const double first = test::level_of(std::span(filled).first(frame));
    const double third = test::level_of(std::span(filled).subspan(2 * frame, frame));
    CHECK(first > 0.6 * loud);
    CHECK(third < 0.6 * loud);
    CHECK(test::level_of(std::span(filled).subspan(3 * frame)) == 0);
    // And what is heard then is heard as it is, but for its first samples.
    Pcm again = vowel(sampling, frame);
    const Pcm expected = again;
    concealment.heard(again);
    CHECK(std::ranges::equal(std::span(again).subspan(frame / 2), std::span(expected).subspan(frame / 2)));
  }
}

TEST_CASE("a loss may have any length, also at the very beginning") {
  for (const ClockRate sampling : {narrow, wide}) {
    Pcm filled(777, 1);
    Concealment never_heard(sampling);
    never_heard.fill(filled);
    CHECK(test::level_of(filled) == 0);

    Pcm original = vowel(sampling, 1000);
    Pcm copy = original;
    Concealment whole(sampling);
    Concealment pieces(sampling);
    whole.heard(original);
    pieces.heard(copy);
    Pcm at_once(300);
    Pcm in_pieces(300);
    whole.fill(at_once);
    for (std::size_t at = 0; at < 300; at += 4) pieces.fill(std::span(in_pieces).subspan(at, 4));
    CHECK(at_once == in_pieces);
  }
}

TEST_CASE("full-scale audio is not turned over") {
  Pcm square(4000);
  for (std::size_t i = 0; i < square.size(); ++i) square[i] = i / 50 % 2 == 0 ? 32767 : -32768;
  Concealment concealment(wide);
  concealment.heard(square);
  Pcm filled(160);
  concealment.fill(filled);
  // 4000 is a whole number of periods: it goes on at the start of one.
  CHECK(std::ranges::all_of(std::span(filled).first(32), [](std::int16_t each) { return each > 16000; }));
}

TEST_CASE("nothing is allocated once it is made") {
  for (const ClockRate sampling : {narrow, wide}) {
    Concealment concealment(sampling);
    Pcm pcm = vowel(sampling, 320);
    const std::size_t before = test::allocation_count();
    for (int i = 0; i < 10; ++i) {
      concealment.heard(pcm);
      concealment.fill(pcm);
    }
    CHECK(test::allocation_count() == before);
  }
}
