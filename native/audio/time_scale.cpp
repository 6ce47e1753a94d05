#include "audio/time_scale.hpp"

#include <algorithm>
#include <cmath>

namespace mediaswitch {
namespace {

/// Mean square below which nobody hears where a seam is: −60 dB below full scale.
constexpr std::int64_t faint = 1089;
/// Normalised correlation of two stretches from which on one passes for the other.
constexpr double alike = 0.9;

std::int64_t product(std::span<const std::int16_t> one, std::span<const std::int16_t> other) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    sum += std::int64_t{one[i]} * other[i];
  }
  return sum;
}

/// How like two stretches of `energies` are whose product is `common`: −1 to 1; 0 when one of them is silent.
double likeness(std::int64_t common, std::int64_t one, std::int64_t other) {
  const auto energies = static_cast<double>(one) * static_cast<double>(other);
  return energies > 0 ? static_cast<double>(common) / std::sqrt(energies) : 0;
}

/// The length of a stretch at the beginning that is like the stretch after it; 0: none.
std::size_t find_period(std::span<const std::int16_t> pcm, std::size_t most, ClockRate sampling, Seam seam) {
  const std::size_t shortest = sampling.value / highest_splice_pitch.value;
  const std::size_t longest =
      std::min({most, pcm.size() / 2, std::size_t{samples_in(longest_splice, sampling).value}});
  if (longest < shortest) return 0;

  const auto both = pcm.first(2 * longest);
  if (product(both, both) < faint * static_cast<std::int64_t>(both.size())) return longest;

  // Of both stretches, kept up as they grow by a sample each.
  std::int64_t first = product(pcm.first(shortest - 1), pcm.first(shortest - 1));
  std::int64_t second =
      product(pcm.subspan(shortest - 1, shortest - 1), pcm.subspan(shortest - 1, shortest - 1));
  const auto square = [pcm](std::size_t at) { return std::int64_t{pcm[at]} * pcm[at]; };

  std::size_t best = 0;
  double best_likeness = seam == Seam::Any ? -2 : alike;
  for (std::size_t period = shortest; period <= longest; ++period) {
    first += square(period - 1);
    second += square(2 * period - 2) + square(2 * period - 1) - square(period - 1);
    const double found = likeness(product(pcm.first(period), pcm.subspan(period, period)), first, second);
    if (found > best_likeness) {
      best = period;
      best_likeness = found;
    }
  }
  return best;
}

/// Writes to `into` what begins as `from` and ends as `to`; all are equally long.
void blend(std::span<const std::int16_t> from,
           std::span<const std::int16_t> to,
           std::span<std::int16_t> into) {
  const auto length = static_cast<std::int32_t>(into.size());
  for (std::int32_t i = 0; i < length; ++i) {
    const auto at = static_cast<std::size_t>(i);
    into[at] = static_cast<std::int16_t>((from[at] * (length - i) + to[at] * i) / length);
  }
}

}  // namespace

std::size_t shorten(std::span<std::int16_t> pcm, std::size_t most, ClockRate sampling, Seam seam) {
  const std::size_t period = find_period(pcm, most, sampling, seam);
  if (period == 0) return 0;
  const auto second = pcm.subspan(period, period);
  blend(pcm.first(period), second, second);
  std::ranges::copy(pcm.subspan(period), pcm.begin());
  return period;
}

std::size_t lengthen(std::span<std::int16_t> pcm, std::size_t length, ClockRate sampling, Seam seam) {
  const std::size_t period = find_period(pcm.first(length), length, sampling, seam);
  if (period == 0) return 0;
  // From the second period on everything moves back by one; what then is the second period begins as the
  // second did and ends as the first.
  const auto rest = pcm.subspan(period, length - period);
  std::copy_backward(rest.begin(), rest.end(), pcm.begin() + static_cast<std::ptrdiff_t>(length + period));
  blend(pcm.subspan(2 * period, period), pcm.first(period), pcm.subspan(period, period));
  return period;
}

}  // namespace mediaswitch
