#include "audio/tone_detector.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <doctest/doctest.h>
#include <numbers>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/random.hpp"
#include "support/allocation_count.hpp"
#include "support/speech.hpp"

using namespace mediaswitch;

namespace {

using Pcm = std::vector<std::int16_t>;
using Change = ToneDetector::Change;

constexpr std::string_view keys = "123A456B789C*0#D";
/// Hertz (ITU-T Q.23).
constexpr std::array rows{697, 770, 852, 941};
constexpr std::array columns{1209, 1336, 1477, 1633};

struct Tone {
  std::size_t millis = 60;
  /// Of the row's tone, in dBm0. Full scale of a sine is 3.14 dBm0.
  double level = -10;
  /// By how much the column's tone is louder, in dB.
  double twist = 0;
  /// By which part the frequencies are off.
  double row_off = 0;
  double column_off = 0;
};

double sine(double hertz, std::size_t at) {
  return std::sin(2 * std::numbers::pi * hertz * static_cast<double>(at) / 8000);
}

double amplitude(double dbm0) { return 32767 * std::pow(10, (dbm0 - 3.14) / 20); }

Pcm tone_of(char key, const Tone& tone) {
  const std::size_t place = keys.find(key);
  Pcm pcm(tone.millis * 8);
  const double row = rows.at(place / 4) * (1 + tone.row_off);
  const double column = columns.at(place % 4) * (1 + tone.column_off);
  for (std::size_t i = 0; i < pcm.size(); ++i) {
    pcm[i] = static_cast<std::int16_t>(amplitude(tone.level) * sine(row, i) +
                                       amplitude(tone.level + tone.twist) * sine(column, i));
  }
  return pcm;
}

void append(Pcm& pcm, const Pcm& more) { pcm.insert(pcm.end(), more.begin(), more.end()); }
Pcm silence(std::size_t millis) { return Pcm(millis * 8); }

std::vector<Change> heard_in(Pcm pcm) {
  pcm.resize((pcm.size() / narrow_frame + 1) * narrow_frame);
  ToneDetector detector;
  std::vector<Change> all;
  for (std::size_t at = 0; at < pcm.size(); at += narrow_frame) {
    const auto changes = detector.hear(std::span(pcm).subspan(at).first<narrow_frame>());
    all.insert(all.end(), changes.begin(), changes.end());
  }
  return all;
}

/// The keys that were pressed; each has to be released before the next.
std::string keys_in(const std::vector<Change>& changes) {
  std::string pressed;
  bool is_down = false;
  for (const Change& each : changes) {
    CHECK(is_down == (each.kind == Change::Kind::Released));
    is_down = each.kind == Change::Kind::Pressed;
    if (is_down) pressed += each.key;
    CHECK(each.key == pressed.back());
  }
  CHECK_FALSE(is_down);
  return pressed;
}

/// All sixteen keys.
Pcm dialled(const Tone& tone, std::size_t gap = 50) {
  Pcm pcm = silence(100);
  for (const char key : keys) {
    append(pcm, tone_of(key, tone));
    append(pcm, silence(gap));
  }
  return pcm;
}

Pcm with_noise(Pcm pcm, double dbm0) {
  Random random({1, 2, 3, 4});
  for (std::int16_t& sample : pcm) {
    const double even = static_cast<double>(static_cast<std::int32_t>(random.next32())) / 2147483648.0;
    sample = static_cast<std::int16_t>(sample + even * amplitude(dbm0) * std::sqrt(1.5));
  }
  return pcm;
}

}  // namespace

TEST_CASE("every key is heard once, at all levels a line may have") {
  for (const double level : {-3.0, -10.0, -20.0, -30.0, -36.0}) {
    CAPTURE(level);
    CHECK(keys_in(heard_in(dialled({.level = level}))) == keys);
  }
}

TEST_CASE("one tone of the two may be louder, as lines make them") {
  for (const double twist : {-6.0, -3.0, 3.0}) {
    CAPTURE(twist);
    CHECK(keys_in(heard_in(dialled({.level = -12, .twist = twist}))) == keys);
  }
  CHECK(heard_in(dialled({.level = -12, .twist = 12})).empty());
  CHECK(heard_in(dialled({.level = -12, .twist = -14})).empty());
}

TEST_CASE("one frequency may be off by 1.5 %, or both by 1 %, but not by 3.5 %") {
  for (const double off : {-0.015, 0.015}) {
    CHECK(keys_in(heard_in(dialled({.row_off = off}))) == keys);
    CHECK(keys_in(heard_in(dialled({.column_off = off}))) == keys);
  }
  for (const double off : {-0.01, 0.01}) {
    CHECK(keys_in(heard_in(dialled({.row_off = off, .column_off = off}))) == keys);
  }
  for (const double off : {-0.035, 0.035}) {
    CHECK(heard_in(dialled({.row_off = off, .column_off = off})).empty());
  }
}

TEST_CASE("40 ms are a key, 20 ms are none; noise 15 dB below does no harm") {
  CHECK(keys_in(heard_in(dialled({.millis = 40}, 40))) == keys);
  CHECK(heard_in(dialled({.millis = 20})).empty());
  CHECK(keys_in(heard_in(with_noise(dialled({.level = -12}), -24))) == keys);
}

TEST_CASE("the same key twice is two keys") {
  Pcm pcm = silence(50);
  for (int i = 0; i < 3; ++i) {
    append(pcm, tone_of('5', {}));
    append(pcm, silence(50));
  }
  CHECK(keys_in(heard_in(pcm)) == "555");
}

TEST_CASE("one key straight after another is a release and a press") {
  Pcm pcm = silence(50);
  append(pcm, tone_of('1', {.millis = 100}));
  append(pcm, tone_of('9', {.millis = 100}));
  append(pcm, silence(100));
  const std::vector<Change> changes = heard_in(pcm);
  CHECK(keys_in(changes) == "19");
  CHECK(changes.size() == 4);
}

TEST_CASE("press and release are told with their time, right within 13 ms, wherever they lie") {
  for (std::size_t before = 60; before < 90; before += 3) {
    Pcm pcm = silence(before);
    append(pcm, tone_of('7', {.millis = 200}));
    append(pcm, silence(100));
    const std::vector<Change> changes = heard_in(pcm);
    REQUIRE(changes.size() == 2);
    CAPTURE(before);
    CHECK(std::abs(static_cast<double>(changes[0].at) - static_cast<double>(before) * 8) <= 104);
    CHECK(std::abs(static_cast<double>(changes[1].at) - static_cast<double>(before + 200) * 8) <= 104);
  }
}

TEST_CASE("a key is told while it is held, within 40 ms") {
  Pcm pcm = tone_of('0', {.millis = 1000});
  ToneDetector detector;
  const auto first = detector.hear(std::span(pcm).first<narrow_frame>());
  CHECK(first.empty());
  const auto second = detector.hear(std::span(pcm).subspan(narrow_frame).first<narrow_frame>());
  REQUIRE(second.size() == 1);
  CHECK(second[0].kind == Change::Kind::Pressed);
  CHECK(second[0].key == '0');
  CHECK(second[0].at == 0);
}

TEST_CASE("speech, silence, noise and other tones are no keys") {
  CHECK(heard_in(test::narrow_speech()).empty());
  CHECK(heard_in(silence(1000)).empty());
  CHECK(heard_in(with_noise(silence(3000), -10)).empty());
  for (const double hertz : {350.0, 425.0, 697.0, 1000.0, 1336.0, 2100.0}) {
    Pcm pcm(8000);
    for (std::size_t i = 0; i < pcm.size(); ++i) pcm[i] = static_cast<std::int16_t>(8000 * sine(hertz, i));
    CHECK(heard_in(pcm).empty());
  }
}

TEST_CASE("a detector goes on where it was after a move, and allocates nothing") {
  const Pcm pcm = dialled({});
  ToneDetector detector;
  std::string pressed;
  pressed.reserve(100);
  const std::size_t before = test::allocation_count();
  for (std::size_t at = 0; at + narrow_frame <= pcm.size(); at += narrow_frame) {
    ToneDetector moved = std::move(detector);
    for (const Change& each : moved.hear(std::span(pcm).subspan(at).first<narrow_frame>())) {
      if (each.kind == Change::Kind::Pressed) pressed += each.key;
    }
    detector = std::move(moved);
  }
  CHECK(test::allocation_count() == before);
  CHECK(pressed == keys);
}
