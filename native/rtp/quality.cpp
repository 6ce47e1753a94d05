#include "rtp/quality.hpp"

#include <algorithm>
#include <cmath>

namespace mediaswitch {
namespace {

/// What coding takes from R, and how well it gets over losses (the greater the better).
struct Impairment {
  /// ITU-T G.113: Ie, or Ie,WB of a wideband format.
  double equipment;
  /// Bpl, or Bpl,WB.
  double robustness;
};

/// ITU-T G.113 appendix I, of PCM: with concealment (that of G.711 appendix I), and without.
constexpr double concealed_pcm = 25.1;
constexpr double silent_pcm = 4.3;
/// Appendix IV has none for G.722 or linear wideband; this is the least of those it has for wideband,
/// G.722.2's.
constexpr double wideband_robustness = 4.3;

Impairment impairment_of(AudioFormat format, Passage::Gaps gaps) {
  const double pcm = gaps == Passage::Gaps::Concealed ? concealed_pcm : silent_pcm;
  switch (format) {
    case AudioFormat::Pcmu:
    case AudioFormat::Pcma:
    case AudioFormat::L16Narrow: return {.equipment = 0, .robustness = pcm};
    // G.113 has none for iLBC. Ie is G.729A's with VAD, the coder nearest to it in rate and quality; Bpl is
    // that of concealed PCM, which RFC 3951 §1 likens its response to losses to. Its decoder always conceals.
    case AudioFormat::Ilbc20:
    case AudioFormat::Ilbc30: return {.equipment = 11, .robustness = concealed_pcm};
    // G.113 appendix IV: Ie,WB at 64 kbit/s.
    case AudioFormat::G722: return {.equipment = 13, .robustness = wideband_robustness};
    case AudioFormat::L16Wide: return {.equipment = 0, .robustness = wideband_robustness};
  }
  return {};
}

/// G.107 §7.5, equation 7-29, and the same in G.107.1 §7.5. `percent`: of packets lost.
double effective(const Impairment& impairment, double percent, double burst_ratio) {
  const auto [equipment, robustness] = impairment;
  return equipment + (95 - equipment) * percent / (percent / burst_ratio + robustness);
}

/// G.107 §7.4, Idd: that one has to wait for each other. Nothing up to 100 ms.
double impairment_of_waiting(double millis) {
  if (millis <= 100) return 0;
  const double doublings = std::log2(millis / 100);
  const auto bend = [](double x) { return std::pow(1 + std::pow(x, 6), 1.0 / 6); };
  return 25 * (bend(doublings) - 3 * bend(doublings / 3) + 2);
}

// G.107 §7.2 and §7.3 with the default values of its table 2.
/// Ro = 15 - 1.5 (SLR + No) at SLR = 8 dB; No, all noise together, is -61.179 dBm0p.
constexpr double signal_to_noise = 94.769;
/// Is: too loud a connection, sidetone that is not optimal, quantisation.
constexpr double simultaneous_impairment = 1.414;

/// G.107 §7.4, Idte + Idle: of echoes as weak as TELR = 65 dB (talker) and WEPL = 110 dB (listener) make
/// them.
double impairment_of_echo(double millis) {
  const double talker_echo =
      65 - 40 * std::log10((1 + millis / 10) / (1 + millis / 150)) + 6 * std::exp(-0.3 * millis * millis);
  const double of_talker = 80 + 2.5 * (talker_echo - 14);
  // Roe = -1.5 (No - RLR) with RLR = 2 dB has the value of Ro.
  const double half = (signal_to_noise - of_talker) / 2;
  const double talker = (half + std::sqrt(half * half + 100) - 1) * (1 - std::exp(-millis));

  const double of_listener = 10.5 * (110 + 7) * std::pow(2 * millis + 1, -0.25);
  const double other_half = (signal_to_noise - of_listener) / 2;
  return talker + other_half + std::sqrt(other_half * other_half + 169);
}

double narrowband_r(double millis, double effective_impairment) {
  return signal_to_noise - simultaneous_impairment - impairment_of_echo(millis) -
         impairment_of_waiting(millis) - effective_impairment;
}

/// G.107.1 §7: Ro,WB = 129, Is,WB = 0. Echo is left out: no default loss of it is given for wideband
/// telephones.
double wideband_r(double millis, double effective_impairment) {
  return (129 - impairment_of_waiting(millis) - effective_impairment) / 1.29;
}

/// G.107 annex B, G.107.1 annex A. The polynomial falls below 1 for the least R; no opinion does.
double mos_of(double r) { return std::max(1.0, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6); }

}  // namespace

std::optional<Quality> quality_of(const Passage& passage) {
  if (passage.expected == 0) return std::nullopt;
  const auto lost = static_cast<double>(std::min(passage.lost, passage.expected));
  const double percent = 100 * lost / static_cast<double>(passage.expected);
  const Impairment impairment = impairment_of(passage.format, passage.gaps);
  const double of_losses = effective(impairment, percent, passage.burst_ratio.value_or(1));
  const auto delay =
      static_cast<double>(std::max(passage.one_way_delay.value_or(Millis{}), Millis{}).count());

  const bool is_wideband = traits(passage.format).clocks.sampling.value > 8000;
  const double r = is_wideband ? wideband_r(delay, of_losses) : narrowband_r(delay, of_losses);
  const double r_factor = std::clamp(r, 0.0, 100.0);
  return Quality{.r_factor = r_factor, .mos = mos_of(r_factor)};
}

}  // namespace mediaswitch
