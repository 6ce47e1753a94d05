#include "codecs/ilbc_kernels.hpp"

#if defined(__SSE2__)

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <doctest/doctest.h>
#include <limits>
#include <memory>
#include <vector>

#include "core/random.hpp"

extern "C" {
#include <ilbc.h>
}

using namespace mediaswitch;

namespace {

using Short = std::vector<std::int16_t>;
using Long = std::vector<std::int32_t>;

/// One kind of content per round: speech-like sizes, anything, or the ends of the range.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_({seed, 2, 3, 4}) {}

  std::size_t below(std::size_t limit) { return random_.next32() % limit; }
  Short numbers(std::size_t count) {
    Short drawn(count);
    const std::size_t kind = below(4);
    for (std::int16_t& number : drawn) {
      const std::uint16_t bits = random_.next16();
      if (kind == 0) number = static_cast<std::int16_t>(bits % 4001 - 2000);
      if (kind == 1) number = static_cast<std::int16_t>(bits);
      if (kind == 2) number = static_cast<std::int16_t>(0x7fff + bits % 2);
      if (kind == 3) number = -32768;
    }
    return drawn;
  }
  Long wide_numbers(std::size_t count) {
    Long drawn(count);
    const std::size_t kind = below(4);
    for (std::int32_t& number : drawn) {
      const auto bits = static_cast<std::int32_t>(random_.next32());
      if (kind == 0) number = bits >> 14;
      if (kind == 1) number = bits;
      if (kind == 2) number = bits % 2 == 0 ? std::numeric_limits<std::int32_t>::min() : bits;
      if (kind == 3) number = static_cast<std::int32_t>(below(3)) - 1;
    }
    return drawn;
  }

 private:
  Random random_;
};

std::int32_t wrapped(std::int64_t sum) { return static_cast<std::int32_t>(static_cast<std::uint32_t>(sum)); }
std::int16_t rounded_q12(std::int64_t sum) {
  const std::int64_t clipped = std::clamp<std::int64_t>(sum, -134217728, 134215679);
  return static_cast<std::int16_t>((clipped + 2048) >> 12);
}

}  // namespace

TEST_CASE("iLBC kernels: correlations of any length, shift and step") {
  Draw draw(1);
  for (int round = 0; round < 3000; ++round) {
    const std::size_t length = 1 + draw.below(90);
    const std::size_t count = 1 + draw.below(40);
    const int shift = draw.below(3) == 0 ? static_cast<int>(draw.below(12)) : 0;
    const std::ptrdiff_t step = draw.below(2) == 0 ? 1 : -1;
    const Short fixed = draw.numbers(length);
    const Short buffer = draw.numbers(length + count - 1);
    const std::int16_t* moving = buffer.data() + (step > 0 ? 0 : count - 1);
    Long out(count);
    WebRtcSpl_CrossCorrelationC(
        out.data(), fixed.data(), moving, length, count, shift, static_cast<int>(step));
    for (std::size_t i = 0; i < count; ++i) {
      std::int64_t sum = 0;
      for (std::size_t j = 0; j < length; ++j) {
        sum += (fixed[j] * moving[static_cast<std::ptrdiff_t>(i) * step + static_cast<std::ptrdiff_t>(j)]) >>
               shift;
      }
      CHECK(out[i] == wrapped(sum));
    }
  }
}

TEST_CASE("iLBC kernels: moving averages, also where outputs replace inputs") {
  Draw draw(2);
  for (int round = 0; round < 3000; ++round) {
    const std::size_t taps_count =
        draw.below(3) == 0 ? 1 + draw.below(14) : std::array{7, 8, 11}.at(draw.below(3));
    const std::size_t length = 1 + draw.below(130);
    const Short taps = draw.numbers(taps_count);
    const Short in = draw.numbers(length + taps_count - 1);
    Short expected(length);
    for (std::size_t i = 0; i < length; ++i) {
      std::int64_t sum = 0;
      for (std::size_t j = 0; j < taps_count; ++j) sum += taps[j] * in[taps_count - 1 + i - j];
      expected[i] = rounded_q12(wrapped(sum));
    }
    Short out(length);
    WebRtcSpl_FilterMAFastQ12(in.data() + taps_count - 1, out.data(), taps.data(), taps_count, length);
    CHECK(out == expected);

    Short both = in;
    WebRtcSpl_FilterMAFastQ12(both.data() + taps_count - 1, both.data(), taps.data(), taps_count, length);
    both.resize(length);
    CHECK(both == expected);
  }
}

TEST_CASE("iLBC kernels: a moving average whose outputs are inputs of the next") {
  const std::array<std::int16_t, 8> taps{4096, 4096, 0, 0, 0, 0, 0, 0};
  Short both(7 + 24, 0);
  both[7] = 1;
  WebRtcSpl_FilterMAFastQ12(both.data() + 7, both.data() + 7, taps.data(), taps.size(), 24);
  CHECK(std::all_of(both.begin() + 7, both.end(), [](std::int16_t each) { return each == 1; }));
}

TEST_CASE("iLBC kernels: feedback filters") {
  Draw draw(3);
  for (int round = 0; round < 3000; ++round) {
    const std::size_t taps_count = draw.below(3) == 0 ? 2 + draw.below(14) : 11;
    const std::size_t length = 1 + draw.below(130);
    Short taps = draw.numbers(taps_count);
    if (draw.below(4) != 0) taps[0] = 4096;
    const Short in = draw.numbers(length);
    Short expected = draw.numbers(length + taps_count - 1);
    Short out = expected;
    for (std::size_t i = 0; i < length; ++i) {
      std::int64_t sum = taps[0] * in[i];
      for (std::size_t j = 1; j < taps_count; ++j) sum -= taps[j] * expected[taps_count - 1 + i - j];
      expected[taps_count - 1 + i] = rounded_q12(sum);
    }
    WebRtcSpl_FilterARFastQ12(in.data(), out.data() + taps_count - 1, taps.data(), taps_count, length);
    CHECK(out == expected);
  }
}

TEST_CASE("iLBC kernels: dot products saturate as a whole") {
  Draw draw(4);
  for (int round = 0; round < 5000; ++round) {
    const std::size_t length = draw.below(100);
    const int shift = draw.below(3) == 0 ? static_cast<int>(draw.below(12)) : 0;
    const Short a = draw.numbers(length);
    const Short b = draw.numbers(length);
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < length; ++i) sum += (a[i] * b[i]) >> shift;
    const std::int64_t expected = std::clamp<std::int64_t>(
        sum, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max());
    CHECK(WebRtcSpl_DotProductWithScale(a.data(), b.data(), length, shift) == expected);
  }
}

TEST_CASE("iLBC kernels: the longest sums keep all their bits") {
  const Short a(32768, -32768);
  Short b(32768, -32768);
  std::fill(b.begin() + 16384, b.end(), std::int16_t{32767});
  // 2^14 · 2^30 − 2^14 · 2^15 · (2^15 − 1)
  CHECK(WebRtcSpl_DotProductWithScale(a.data(), b.data(), a.size(), 0) == 1 << 29);
}

TEST_CASE("iLBC kernels: extremes, and of equal ones the first") {
  Draw draw(5);
  for (int round = 0; round < 5000; ++round) {
    const std::size_t length = 1 + draw.below(60);
    const Short values = draw.numbers(length);
    const Long wide = draw.wide_numbers(length);
    const auto least = std::min_element(values.begin(), values.end());
    const auto most = std::max_element(values.begin(), values.end());
    const auto wide_least = std::min_element(wide.begin(), wide.end());
    const auto wide_most = std::max_element(wide.begin(), wide.end());
    const int magnitude = std::max(std::abs(int{*least}), std::abs(int{*most}));
    const std::int64_t wide_magnitude =
        std::max(std::abs(std::int64_t{*wide_least}), std::abs(std::int64_t{*wide_most}));
    CHECK(WebRtcSpl_MaxAbsValueW16C(values.data(), length) == std::min(magnitude, 32767));
    CHECK(WebRtcSpl_MaxAbsValueW32C(wide.data(), length) ==
          std::min<std::int64_t>(wide_magnitude, 2147483647));
    CHECK(WebRtcSpl_MaxValueW16C(values.data(), length) == *most);
    CHECK(WebRtcSpl_MaxValueW32C(wide.data(), length) == *wide_most);
    CHECK(WebRtcSpl_MinValueW16C(values.data(), length) == *least);
    CHECK(WebRtcSpl_MinValueW32C(wide.data(), length) == *wide_least);
    CHECK(WebRtcSpl_MaxIndexW16(values.data(), length) == static_cast<std::size_t>(most - values.begin()));
    CHECK(WebRtcSpl_MaxIndexW32(wide.data(), length) == static_cast<std::size_t>(wide_most - wide.begin()));
    CHECK(WebRtcSpl_MinIndexW16(values.data(), length) == static_cast<std::size_t>(least - values.begin()));
    CHECK(WebRtcSpl_MinIndexW32(wide.data(), length) == static_cast<std::size_t>(wide_least - wide.begin()));
    const std::size_t at = WebRtcSpl_MaxAbsIndexW16(values.data(), length);
    CHECK(std::abs(int{values[at]}) == magnitude);
    CHECK(std::none_of(values.begin(),
                       values.begin() + static_cast<std::ptrdiff_t>(at),
                       [&](std::int16_t each) { return std::abs(int{each}) == magnitude; }));
  }
}

TEST_CASE("iLBC kernels: the best vector of a codebook") {
  Draw draw(6);
  for (int round = 0; round < 5000; ++round) {
    const std::size_t range = 1 + draw.below(120);
    const auto stage = static_cast<std::int16_t>(draw.below(3));
    const Long drawn = draw.wide_numbers(range);
    Short energies = draw.numbers(range);
    for (std::int16_t& energy : energies) energy = static_cast<std::int16_t>(energy & 0x7fff);
    Short shifts(range);
    for (std::int16_t& shift : shifts) shift = static_cast<std::int16_t>(draw.below(50));

    Long expected_correlations = drawn;
    std::int64_t largest = 0;
    for (std::int32_t& each : expected_correlations) {
      if (stage == 0) each = std::max(each, 0);
      largest = std::max(largest, std::abs(std::int64_t{each}));
    }
    largest = std::min<std::int64_t>(largest, 2147483647);
    int up = 0;
    while (largest != 0 && largest << (up + 1) <= 2147483647) ++up;
    std::vector<std::int64_t> expected(range);
    int most = -32768;
    for (std::size_t i = 0; i < range; ++i) {
      const std::int32_t normalised =
          wrapped(static_cast<std::int64_t>(expected_correlations[i]) * (std::int64_t{1} << up)) >> 16;
      expected[i] = ((normalised * normalised) >> 16) * energies[i];
      if (expected[i] != 0) most = std::max<int>(most, shifts[i]);
    }
    if (most == -32768) most = 0;
    for (std::size_t i = 0; i < range; ++i) {
      if (expected[i] != 0) expected[i] >>= std::min(16, most - shifts[i]);
    }
    const auto best = std::max_element(expected.begin(), expected.end());

    Long correlations = drawn;
    Long criteria(range);
    std::size_t index = 0;
    std::int32_t criterion = 0;
    std::int16_t criterion_shift = 0;
    WebRtcIlbcfix_CbSearchCore(correlations.data(),
                               range,
                               stage,
                               energies.data(),
                               shifts.data(),
                               criteria.data(),
                               &index,
                               &criterion,
                               &criterion_shift);
    CHECK(correlations == expected_correlations);
    CHECK(std::equal(criteria.begin(), criteria.end(), expected.begin()));
    CHECK(index == static_cast<std::size_t>(best - expected.begin()));
    CHECK(criterion == *best);
    CHECK(criterion_shift == 32 - 2 * up + most);
  }
}

namespace {

/// Voiced and unvoiced stretches, quiet ones and clipped ones, in whole numbers only.
Short speech_like(std::size_t length) {
  Random random({7, 8, 9, 10});
  Short pcm(length);
  int before = 0;
  int last = 0;
  for (std::size_t i = 0; i < length; ++i) {
    const std::size_t stretch = i / 1500;
    const int noise = static_cast<int>(random.next16() % 801) - 400;
    const int period = 40 + static_cast<int>(stretch % 7) * 13;
    const int pulse = stretch % 3 != 0 && static_cast<int>(i) % period == 0 ? 6000 : 0;
    const int next = (56 * last - 28 * before) / 32 + pulse + noise * static_cast<int>(stretch % 4);
    before = last;
    last = std::clamp(next, -200000, 200000);
    const int loudness = static_cast<int>(stretch % 5);
    pcm[i] = static_cast<std::int16_t>(std::clamp(last * loudness / 2, -32768, 32767));
  }
  return pcm;
}

class Fingerprint {
 public:
  template <class Number>
  void add(const std::vector<Number>& numbers) {
    for (const Number number : numbers) {
      value_ = (value_ ^ static_cast<std::uint16_t>(number)) * 0x100000001b3U;
    }
  }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325U;
};

struct Coded {
  std::uint64_t frames;
  std::uint64_t heard;
};

/// Every tenth frame is lost on the way.
Coded coded(std::int16_t milliseconds, std::size_t samples, std::size_t octets) {
  IlbcEncoderInstance* encoder_made = nullptr;
  IlbcDecoderInstance* decoder_made = nullptr;
  REQUIRE(WebRtcIlbcfix_EncoderCreate(&encoder_made) == 0);
  const std::unique_ptr<IlbcEncoderInstance, int16_t (*)(IlbcEncoderInstance*)> encoder(
      encoder_made, WebRtcIlbcfix_EncoderFree);
  REQUIRE(WebRtcIlbcfix_DecoderCreate(&decoder_made) == 0);
  const std::unique_ptr<IlbcDecoderInstance, int16_t (*)(IlbcDecoderInstance*)> decoder(
      decoder_made, WebRtcIlbcfix_DecoderFree);
  WebRtcIlbcfix_EncoderInit(encoder.get(), milliseconds);
  WebRtcIlbcfix_DecoderInit(decoder.get(), milliseconds);
  const Short pcm = speech_like(48000);
  std::vector<std::uint8_t> frame(octets);
  Short heard(samples);
  Fingerprint frames;
  Fingerprint sound;
  for (std::size_t i = 0; i + samples <= pcm.size(); i += samples) {
    REQUIRE(WebRtcIlbcfix_Encode(encoder.get(), pcm.data() + i, samples, frame.data()) ==
            static_cast<int>(octets));
    frames.add(frame);
    if (i / samples % 10 == 9) {
      WebRtcIlbcfix_DecodePlc(decoder.get(), heard.data(), 1);
    } else {
      std::int16_t kind = 0;
      REQUIRE(WebRtcIlbcfix_Decode(decoder.get(), frame.data(), octets, heard.data(), &kind) ==
              static_cast<int>(samples));
    }
    sound.add(heard);
  }
  return {.frames = frames.value(), .heard = sound.value()};
}

}  // namespace

// The fingerprints are of libilbc 3.0.4 without these kernels.
TEST_CASE("iLBC with the kernels gives the octets and samples that it gives without") {
  const Coded twenty = coded(20, 160, 38);
  CHECK(twenty.frames == 12559122372965570724U);
  CHECK(twenty.heard == 1853928454973747640U);
  const Coded thirty = coded(30, 240, 50);
  CHECK(thirty.frames == 4249363218507303199U);
  CHECK(thirty.heard == 5190545066686154828U);
}

#endif
