#include "rtp/quality.hpp"

#include <array>
#include <chrono>
#include <cmath>
#include <doctest/doctest.h>
#include <limits>

using namespace mediaswitch;
using namespace std::chrono_literals;

namespace {

/// ITU-T G.107 written out equation by equation, with table 2's default values, nothing put together
/// beforehand.
struct Recommendation {
  double delay = 0;
  double loss = 0;
  double burst_ratio = 1;
  double ie = 0;
  double bpl = 25.1;

  static constexpr double slr = 8;
  static constexpr double rlr = 2;
  static constexpr double olr = slr + rlr;
  static constexpr double stmr = 15;
  static constexpr double d = 3;  // Ds and Dr
  static constexpr double lstr = stmr + d;
  static constexpr double telr = 65;
  static constexpr double wepl = 110;
  static constexpr double room = 35;  // Ps and Pr, dB(A)
  static constexpr double circuit_noise = -70;
  static constexpr double floor_noise = -64;

  static double level(double ratio) { return 10 * std::log10(ratio); }
  static double ratio(double level) { return std::pow(10, level / 10); }

  [[nodiscard]] static double no() {
    const double nos = room - slr - d - 100 + 0.004 * std::pow(room - olr - d - 14, 2);
    const double pre = room + level(1 + ratio(10 - lstr));
    const double nor = rlr - 121 + pre + 0.008 * std::pow(pre - 35, 2);
    const double nfo = floor_noise + rlr;
    return level(ratio(circuit_noise) + ratio(nos) + ratio(nor) + ratio(nfo));
  }
  [[nodiscard]] static double ro() { return 15 - 1.5 * (slr + no()); }
  [[nodiscard]] double is() const {
    const double xolr = olr + 0.2 * (64 + no() - rlr);
    const double iolr = 20 * (std::pow(1 + std::pow(xolr / 8, 8), 1.0 / 8) - xolr / 8);
    const double stmro = -level(ratio(-stmr) + std::exp(-delay / 4) * ratio(-telr));
    const double ist = 12 * std::pow(1 + std::pow((stmro - 13) / 6, 8), 1.0 / 8) -
                       28 * std::pow(1 + std::pow((stmro + 1) / 19.4, 35), 1.0 / 35) -
                       13 * std::pow(1 + std::pow((stmro - 3) / 33, 13), 1.0 / 13) + 29;
    const double q = 37;  // one quantisation
    const double g = 1.07 + 0.258 * q + 0.0602 * q * q;
    const double iq = 1.5 * level(1 + std::pow(10, (ro() - 100) / 15 + 46 / 8.4 - g / 9) +
                                  std::pow(10, 46.0 / 30 - g / 40));
    return iolr + ist + iq;
  }
  [[nodiscard]] double id() const {
    const double terv =
        telr - 40 * std::log10((1 + delay / 10) / (1 + delay / 150)) + 6 * std::exp(-0.3 * delay * delay);
    const double roe = -1.5 * (no() - rlr);
    const double re = 80 + 2.5 * (terv - 14);
    const double idte =
        ((roe - re) / 2 + std::sqrt(std::pow(roe - re, 2) / 4 + 100) - 1) * (1 - std::exp(-delay));
    const double rle = 10.5 * (wepl + 7) * std::pow(2 * delay + 1, -0.25);
    const double idle = (ro() - rle) / 2 + std::sqrt(std::pow(ro() - rle, 2) / 4 + 169);
    double idd = 0;
    if (delay > 100) {
      const double x = std::log10(delay / 100) / std::log10(2);
      idd = 25 * (std::pow(1 + std::pow(x, 6), 1.0 / 6) - 3 * std::pow(1 + std::pow(x / 3, 6), 1.0 / 6) + 2);
    }
    return idte + idle + idd;
  }
  [[nodiscard]] double ie_eff() const { return ie + (95 - ie) * loss / (loss / burst_ratio + bpl); }
  [[nodiscard]] double r() const { return ro() - is() - id() - ie_eff(); }
};

Quality measured(const Passage& passage) {
  const auto quality = quality_of(passage);
  REQUIRE(quality);
  return *quality;
}

}  // namespace

TEST_CASE("nothing measured, nothing told") {
  CHECK_FALSE(quality_of({}));
  CHECK_FALSE(quality_of({.expected = 0, .lost = 5, .burst_ratio = 2, .one_way_delay = 100ms}));
}

// Ro = 94.769, Is = 1.414, Id at 0 ms = 0.149 (listener echo): R = 93.206, what G.107 §7.7 rounds to 93.2.
// MOS = 1 + 0.035 R + R (R - 60) (100 - R) 7e-6 = 1 + 3.2622 + 93.206 · 33.206 · 6.794 · 7e-6 = 4.409.
TEST_CASE("without losses and delay: the best there is") {
  const Quality best = measured({.format = AudioFormat::Pcmu, .expected = 1000});
  CHECK(best.r_factor == doctest::Approx(93.206).epsilon(0.0001));
  CHECK(best.mos == doctest::Approx(4.409).epsilon(0.0002));
}

// R = 93.206 - (Ie + (95 - Ie) Ppl / (Ppl / BurstR + Bpl)).
TEST_CASE("losses, worked out by hand") {
  struct Row {
    AudioFormat format;
    std::uint64_t lost;
    std::optional<double> burst_ratio;
    Passage::Gaps gaps;
    double r;
    double mos;
  };
  using enum Passage::Gaps;
  const std::array rows{
      // 95 · 1 / (1 + 25.1) = 3.640
      Row{AudioFormat::Pcmu, 10, std::nullopt, Concealed, 89.566, 4.328},
      // 95 · 5 / (5 + 25.1) = 15.781
      Row{AudioFormat::Pcma, 50, std::nullopt, Concealed, 77.425, 3.923},
      Row{AudioFormat::L16Narrow, 50, 1, Concealed, 77.425, 3.923},
      // 95 · 5 / (5 / 2 + 25.1) = 17.210
      Row{AudioFormat::Pcmu, 50, 2, Concealed, 75.996, 3.864},
      // 95 · 1 / (1 + 4.3) = 17.925
      Row{AudioFormat::Pcmu, 10, std::nullopt, Silent, 75.282, 3.834},
      // 11
      Row{AudioFormat::Ilbc20, 0, std::nullopt, Concealed, 82.206, 4.105},
      // 11 + 84 · 3 / (3 + 25.1) = 19.968
      Row{AudioFormat::Ilbc30, 30, std::nullopt, Silent, 73.238, 3.745},
      // 95 · 100 / (100 + 25.1) = 75.939; 1 + 0.6044 + 17.267 · -42.733 · 82.733 · 7e-6 = 1.177
      Row{AudioFormat::Pcmu, 1000, std::nullopt, Concealed, 17.267, 1.177},
      // Wideband: (129 - 13) / 1.29 = 89.922
      Row{AudioFormat::G722, 0, std::nullopt, Concealed, 89.922, 4.337},
      // (129 - (13 + 82 · 2 / (2 + 4.3))) / 1.29 = (116 - 26.032) / 1.29
      Row{AudioFormat::G722, 20, std::nullopt, Concealed, 69.743, 3.584},
      Row{AudioFormat::L16Wide, 0, std::nullopt, Concealed, 100, 4.5},
  };
  for (const Row& row : rows) {
    const Quality quality = measured({.format = row.format,
                                      .expected = 1000,
                                      .lost = row.lost,
                                      .burst_ratio = row.burst_ratio,
                                      .one_way_delay = std::nullopt,
                                      .gaps = row.gaps});
    CAPTURE(traits(row.format).name);
    CAPTURE(row.lost);
    CHECK(std::abs(quality.r_factor - row.r) < 0.002);
    CHECK(std::abs(quality.mos - row.mos) < 0.001);
  }
}

// Idte and Idle grow slowly, Idd only after 100 ms:
//   100 ms: 1.964 + 0.728 + 0      R = 94.769 - 1.414 - 2.692  = 90.664
//   200 ms: 3.571 + 0.935 + 3.044  R = 94.769 - 1.414 - 7.551  = 85.805
//   400 ms: 5.808 + 1.230 + 24.070 R = 94.769 - 1.414 - 31.108 = 62.247
TEST_CASE("delay, worked out by hand") {
  const auto r_at = [](Millis delay) {
    return measured({.format = AudioFormat::Pcmu, .expected = 1, .one_way_delay = delay}).r_factor;
  };
  CHECK(std::abs(r_at(0ms) - 93.206) < 0.002);
  CHECK(std::abs(r_at(100ms) - 90.664) < 0.002);
  CHECK(std::abs(r_at(200ms) - 85.805) < 0.002);
  CHECK(std::abs(r_at(400ms) - 62.247) < 0.002);
  // Wideband at 200 ms: (129 - 13 - 3.044) / 1.29
  const Quality wide = measured({.format = AudioFormat::G722, .expected = 1, .one_way_delay = 200ms});
  CHECK(std::abs(wide.r_factor - 87.562) < 0.002);
}

TEST_CASE("all of narrowband is what the Recommendation's equations give one by one") {
  for (int delay = 0; delay <= 1000; delay += 37) {
    for (std::uint64_t lost = 0; lost <= 60; lost += 7) {
      for (const double burst_ratio : {0.8, 1.0, 1.7, 4.0}) {
        const Quality quality = measured({.format = AudioFormat::Pcmu,
                                          .expected = 200,
                                          .lost = lost,
                                          .burst_ratio = burst_ratio,
                                          .one_way_delay = Millis{delay}});
        const Recommendation expected{.delay = static_cast<double>(delay),
                                      .loss = static_cast<double>(lost) / 2,
                                      .burst_ratio = burst_ratio};
        CAPTURE(delay);
        CAPTURE(lost);
        REQUIRE(std::abs(quality.r_factor - std::max(0.0, expected.r())) < 0.002);
      }
    }
  }
}

TEST_CASE("the worst is R 0 and MOS 1, whatever is said to have happened") {
  const Quality worst = measured(
      {.format = AudioFormat::Pcmu, .expected = 10, .lost = 9, .burst_ratio = 50, .one_way_delay = 2s});
  CHECK(worst.r_factor == 0);
  CHECK(worst.mos == 1);
  const Quality more_lost_than_sent = measured({.format = AudioFormat::Pcmu, .expected = 10, .lost = 11});
  const Quality all_lost = measured({.format = AudioFormat::Pcmu, .expected = 10, .lost = 10});
  CHECK(more_lost_than_sent.r_factor == all_lost.r_factor);
  const Quality back_in_time =
      measured({.format = AudioFormat::Pcmu, .expected = 10, .one_way_delay = -50ms});
  CHECK(back_in_time.r_factor == doctest::Approx(93.206).epsilon(0.0001));
  const Quality longest = measured({.format = AudioFormat::G722,
                                    .expected = std::numeric_limits<std::uint64_t>::max(),
                                    .one_way_delay = Millis::max()});
  CHECK(longest.mos >= 1);
  CHECK(longest.mos <= 4.5);
}

TEST_CASE("worse is never rated better") {
  for (const FormatTraits& format : formats) {
    double before = 101;
    for (std::uint64_t lost = 0; lost <= 100; ++lost) {
      const Quality quality = measured({.format = format.format, .expected = 100, .lost = lost});
      CHECK(quality.r_factor <= before);
      CHECK(quality.mos >= 1);
      CHECK(quality.mos <= 4.5);
      before = quality.r_factor;
    }
  }
}
