#include "audio/rate_converter.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>

#include "audio/frame.hpp"

namespace mediaswitch {
namespace {

/// Half the filter's length, in samples of the lower rate.
constexpr std::size_t crossings = 32;
/// Steps of the table per such sample; between them it is interpolated.
constexpr std::size_t steps = 256;
/// Middle of the slope between pass band and stop band, of half the lower rate.
constexpr double cutoff = 0.92;
/// Of the Kaiser window: 80 dB.
constexpr double beta = 7.86;

/// Modified Bessel function of the first kind, order 0.
double bessel(double x) {
  double sum = 1;
  double term = 1;
  for (int k = 1; k < 40; ++k) {
    term *= x / (2 * k);
    sum += term * term;
  }
  return sum;
}

/// One side of the impulse response, and a step beyond its end.
using Response = std::array<float, crossings * steps + 2>;
const Response& response() {
  static const Response table = [] {
    Response made{};
    for (std::size_t i = 0; i < crossings * steps; ++i) {
      const double at = static_cast<double>(i) / steps;
      const double angle = std::numbers::pi * cutoff * at;
      const double sinc = i == 0 ? 1 : std::sin(angle) / angle;
      const double part = at / crossings;
      made[i] = static_cast<float>(cutoff * sinc * bessel(beta * std::sqrt(1 - part * part)) / bessel(beta));
    }
    return made;
  }();
  return table;
}

/// The response at `at` steps from its middle.
float response_at(const Response& table, double at) {
  const double steps_away = std::abs(at);
  const auto index = static_cast<std::size_t>(steps_away);
  if (index >= crossings * steps) return 0;
  const auto part = static_cast<float>(steps_away - static_cast<double>(index));
  return table[index] + part * (table[index + 1] - table[index]);
}

/// So many places between two samples are kept at most.
constexpr std::uint32_t most_places = 640;
/// Where there are more, so many are interpolated: less than 90 dB away from the truth.
constexpr std::uint32_t interpolated_places = 512;

/// Products summed side by side, for the compiler to do at once.
constexpr std::size_t lanes = 8;

/// Both as long, a multiple of `lanes`.
float product(std::span<const float> one, std::span<const float> other) {
  std::array<float, lanes> sums{};
  for (std::size_t i = 0; i < one.size(); i += lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane) sums[lane] += one[i + lane] * other[i + lane];
  }
  return std::accumulate(sums.begin(), sums.end(), 0.0F);
}

}  // namespace

RateConverter::RateConverter(ClockRate from, ClockRate to) : from_(from), to_(to) {
  if (from == to) return;
  if (from == narrowband && to == wideband) {
    way_.emplace<Upsampler>();
  } else if (from == wideband && to == narrowband) {
    way_.emplace<Halved>();
  } else {
    way_.emplace<Fir>(make_fir(from, to));
  }
}

RateConverter::Fir RateConverter::make_fir(ClockRate from, ClockRate to) {
  Fir fir;
  const double narrowing = std::min(1.0, static_cast<double>(to.value) / from.value);
  const auto needed = static_cast<std::size_t>(std::ceil(crossings / narrowing));
  fir.reach = (needed + lanes / 2 - 1) / (lanes / 2) * (lanes / 2);
  fir.places = to.value / std::gcd(from.value, to.value);
  if (fir.places > most_places) fir.places = interpolated_places;

  const Response& table = response();
  const std::size_t length = 2 * fir.reach;
  // One place more: the first of the next sample, to interpolate towards.
  fir.taps.resize((fir.places + 1) * length);
  for (std::size_t place = 0; place <= fir.places; ++place) {
    const auto taps = std::span(fir.taps).subspan(place * length, length);
    const double offset = static_cast<double>(place) / fir.places;
    for (std::size_t i = 0; i < length; ++i) {
      const double distance = static_cast<double>(i) - static_cast<double>(fir.reach - 1) - offset;
      taps[i] = response_at(table, distance * narrowing * steps);
    }
    // What is constant stays as it is.
    const float sum = std::accumulate(taps.begin(), taps.end(), 0.0F);
    for (float& tap : taps) tap /= sum;
  }
  begin(fir);
  return fir;
}

void RateConverter::begin(Fir& fir) {
  fir.input.assign(fir.reach, 0);
  fir.whole = fir.reach;
  fir.fraction = 0;
}

void RateConverter::convert(std::span<const std::int16_t> pcm, std::vector<std::int16_t>& out) {
  if (std::holds_alternative<Same>(way_)) {
    out.insert(out.end(), pcm.begin(), pcm.end());
  } else if (auto* doubled = std::get_if<Upsampler>(&way_)) {
    const std::size_t before = out.size();
    out.resize(before + 2 * pcm.size());
    doubled->process(pcm, std::span(out).subspan(before));
  } else if (auto* halved = std::get_if<Halved>(&way_)) {
    halved->waiting.insert(halved->waiting.end(), pcm.begin(), pcm.end());
    const std::size_t pairs = halved->waiting.size() / 2;
    const std::size_t before = out.size();
    out.resize(before + pairs);
    halved->resampler.process(std::span(halved->waiting).first(2 * pairs), std::span(out).subspan(before));
    halved->waiting.erase(halved->waiting.begin(),
                          halved->waiting.begin() + static_cast<std::ptrdiff_t>(2 * pairs));
  } else if (auto* fir = std::get_if<Fir>(&way_)) {
    fir->input.insert(fir->input.end(), pcm.begin(), pcm.end());
    run(*fir, out);
  }
}

void RateConverter::finish(std::vector<std::int16_t>& out) {
  if (auto* halved = std::get_if<Halved>(&way_)) {
    const std::array<std::int16_t, 1> silence{};
    if (!halved->waiting.empty()) convert(silence, out);
  } else if (auto* fir = std::get_if<Fir>(&way_)) {
    fir->input.insert(fir->input.end(), fir->reach, 0);
    run(*fir, out);
    begin(*fir);
  }
}

void RateConverter::run(Fir& fir, std::vector<std::int16_t>& out) const {
  while (fir.whole + fir.reach < fir.input.size()) {
    out.push_back(sample_at(fir));
    const std::uint32_t moved = fir.fraction + from_.value % to_.value;
    fir.whole += from_.value / to_.value + moved / to_.value;
    fir.fraction = moved % to_.value;
  }
  // One step may go beyond what has come so far.
  const std::size_t done = std::min(fir.whole - fir.reach, fir.input.size());
  fir.input.erase(fir.input.begin(), fir.input.begin() + static_cast<std::ptrdiff_t>(done));
  fir.whole -= done;
}

std::int16_t RateConverter::sample_at(const Fir& fir) const {
  const std::size_t length = 2 * fir.reach;
  const auto input = std::span(fir.input).subspan(fir.whole + 1 - fir.reach, length);
  const std::uint64_t scaled = std::uint64_t{fir.fraction} * fir.places;
  const auto place = static_cast<std::size_t>(scaled / to_.value);
  const auto beyond = static_cast<float>(scaled % to_.value) / static_cast<float>(to_.value);
  const auto taps = std::span(fir.taps).subspan(place * length, length);
  float sum = product(input, taps);
  if (beyond > 0) {
    const auto next = std::span(fir.taps).subspan((place + 1) * length, length);
    sum += beyond * (product(input, next) - sum);
  }
  return static_cast<std::int16_t>(std::clamp(std::round(sum), -32768.0F, 32767.0F));
}

}  // namespace mediaswitch
