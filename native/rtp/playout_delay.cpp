#include "rtp/playout_delay.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <span>

namespace mediaswitch {
namespace {

using namespace std::chrono_literals;

/// Ten of these are remembered: what jitter there was is forgotten in 2.5 s, which leaves as much to play
/// faster.
constexpr MediaSpan period_length{250ms};
/// After such a gap clocks may have drifted apart by more than what was learnt is worth.
constexpr MediaSpan stale_after{10s};

MediaSpan common_step_of(MediaSpan packet_length) {
  return MediaSpan{std::gcd(MediaSpan{frame_length}.count(), packet_length.count())};
}

/// Keeps the greatest, in falling order.
void insert(std::span<MediaSpan> greatest, MediaSpan value) {
  if (value <= greatest.back()) return;
  const auto place = std::ranges::upper_bound(greatest, value, std::ranges::greater{});
  std::copy_backward(place, greatest.end() - 1, greatest.end());
  *place = value;
}

/// How far an instant is past the last whole step; not negative.
MediaSpan past_step(MediaSpan since_origin, MediaSpan step) {
  const MediaSpan rest = since_origin % step;
  return rest < MediaSpan::zero() ? rest + step : rest;
}

}  // namespace

void PlayoutDelay::note(MediaSpan begin, MediaSpan length, MediaSpan arrived) {
  if (arrived - last_arrival_ > stale_after) forget();
  last_arrival_ = arrived;
  const bool is_new_period = filled_ == 0 || arrived - begun_ >= period_length;
  if (is_new_period) begin_period(arrived);

  grid_origin_ = begin;
  if (length != packet_length_) {
    packet_length_ = length;
    common_step_ = common_step_of(length);
  }

  const MediaSpan transit = arrived - begin;
  Period& period = periods_[newest_];
  period.least = std::min(period.least, transit);
  insert(period.greatest, transit);
  ++period.packets;
  if (is_new_period || transit < least_transit_ || transit > percentile_) summarize();
}

void PlayoutDelay::forget() { filled_ = 0; }

void PlayoutDelay::begin_period(MediaSpan now) {
  newest_ = filled_ == 0 ? 0 : (newest_ + 1) % periods_.size();
  filled_ = std::min(filled_ + 1, periods_.size());
  periods_[newest_] = {};
  begun_ = now;
}

void PlayoutDelay::summarize() {
  Period all;
  for (const Period& period : std::span(periods_).first(filled_)) {
    all.packets += period.packets;
    all.least = std::min(all.least, period.least);
    for (const MediaSpan transit : period.greatest) insert(all.greatest, transit);
  }
  least_transit_ = all.least;
  percentile_ = all.greatest[std::min<std::size_t>(all.packets / 100, all.greatest.size() - 1)];
}

MediaSpan PlayoutDelay::latest_front(MediaSpan tick, MediaSpan margin) const {
  // Packets that begin up to here have come. Frames and packets share a grid of `common_step_`; in the worst
  // of the positions they take to each other on it, the last packet ends one step after its last common
  // point.
  const MediaSpan come = tick - std::min(percentile_ + margin, least_transit_ + longest_);
  return come - past_step(come - grid_origin_, common_step_) + common_step_ - frame_length;
}

}  // namespace mediaswitch
