// What do our G.722 and our resamplers cost per 20 ms, next to spandsp's G.722?
//
//   g++ -std=c++20 -O3 -Inative bench/native/codec_bench.cpp native/codecs/g722.cpp
//   native/codecs/resampler.cpp
//       -lspandsp -o build/codec_bench && build/codec_bench > bench/results/codecs.txt
//
// The contenders of one row take turns every ten frames, so that what else the machine does falls on both.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <span>
#include <spandsp.h>
#include <string>
#include <vector>

#include "codecs/g722.hpp"
#include "codecs/resampler.hpp"
#include "core/random.hpp"

namespace {

using namespace mediaswitch;

constexpr std::size_t frames = 500;
constexpr std::size_t frames_per_turn = 10;
constexpr std::size_t rounds = 40;
constexpr std::size_t wide_frame = 320;
constexpr std::size_t narrow_frame = 160;

/// Works on the frame of that number.
using Work = std::function<void(std::size_t)>;

struct Row {
  std::string what;
  Work ours;
  /// Empty where there is nothing to compare with.
  Work spandsp;
};

double nanoseconds_per_frame(const Work& work, std::size_t first_frame) {
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < frames_per_turn; ++i) work(first_frame + i);
  const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - begin;
  return spent.count() / frames_per_turn;
}

double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

void measure(const Row& row) {
  std::vector<double> ours;
  std::vector<double> theirs;
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t frame = 0; frame < frames; frame += frames_per_turn) {
      ours.push_back(nanoseconds_per_frame(row.ours, frame));
      if (row.spandsp) theirs.push_back(nanoseconds_per_frame(row.spandsp, frame));
    }
  }
  const double own = median(ours);
  if (theirs.empty()) {
    std::printf("%-22s %8.0f\n", row.what.c_str(), own);
  } else {
    const double other = median(theirs);
    std::printf("%-22s %8.0f %9.0f %7.2f\n", row.what.c_str(), own, other, other / own);
  }
}

/// Noise through a low-pass filter with two tones, swelling: codec adaptation is kept busy.
std::vector<std::int16_t> signal() {
  Random random({1, 2, 3, 4});
  std::vector<std::int16_t> pcm(frames * wide_frame);
  double low = 0;
  for (std::size_t i = 0; i < pcm.size(); ++i) {
    const double time = static_cast<double>(i);
    low = 0.8 * low + 0.2 * (static_cast<double>(random.next16()) - 32768) / 3;
    const double swell = 0.5 + 0.5 * std::sin(time * 2e-4);
    pcm[i] = static_cast<std::int16_t>(
        swell * (1.2 * low + 4000 * std::sin(time * 0.05) + 2000 * std::sin(time * 0.31)));
  }
  return pcm;
}

}  // namespace

int main() {
  const std::vector<std::int16_t> wide = signal();
  std::vector<std::int16_t> narrow(frames * narrow_frame);
  Downsampler{}.process(wide, narrow);
  std::vector<std::uint8_t> octets(frames * narrow_frame);
  G722Encoder{}.encode(wide, octets);

  std::array<std::int16_t, wide_frame> pcm{};
  std::array<std::uint8_t, narrow_frame> coded{};
  const auto wide_at = [&](std::size_t frame) {
    return std::span(wide).subspan(frame * wide_frame, wide_frame);
  };
  const auto narrow_at = [&](std::size_t frame) {
    return std::span(narrow).subspan(frame * narrow_frame, narrow_frame);
  };
  const auto octets_at = [&](std::size_t frame) {
    return std::span(octets).subspan(frame * narrow_frame, narrow_frame);
  };

  G722Encoder encoder;
  G722Decoder decoder;
  Upsampler up;
  Downsampler down;
  const std::unique_ptr<g722_encode_state_t, int (*)(g722_encode_state_t*)> spandsp_encoder(
      g722_encode_init(nullptr, 64000, 0), g722_encode_free);
  const std::unique_ptr<g722_decode_state_t, int (*)(g722_decode_state_t*)> spandsp_decoder(
      g722_decode_init(nullptr, 64000, 0), g722_decode_free);
  const std::vector<Row> rows{
      {.what = "G.722 encode",
       .ours = [&](std::size_t frame) { encoder.encode(wide_at(frame), coded); },
       .spandsp =
           [&](std::size_t frame) {
             g722_encode(
                 spandsp_encoder.get(), coded.data(), wide_at(frame).data(), static_cast<int>(wide_frame));
           }},
      {.what = "G.722 decode",
       .ours = [&](std::size_t frame) { decoder.decode(octets_at(frame), pcm); },
       .spandsp =
           [&](std::size_t frame) {
             g722_decode(
                 spandsp_decoder.get(), pcm.data(), octets_at(frame).data(), static_cast<int>(narrow_frame));
           }},
      {.what = "8 kHz to 16 kHz",
       .ours = [&](std::size_t frame) { up.process(narrow_at(frame), pcm); },
       .spandsp = {}},
      {.what = "16 kHz to 8 kHz",
       .ours = [&](std::size_t frame) { down.process(wide_at(frame), std::span(pcm).first<narrow_frame>()); },
       .spandsp = {}}};

  std::printf("ns per 20 ms, median      ours   spandsp   ratio\n");
  for (const Row& row : rows) measure(row);
}
