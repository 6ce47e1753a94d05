#include "codecs/concealment.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>

namespace mediaswitch {
namespace {

/// 10 and 60 ms, at 8 kHz.
constexpr std::size_t full_until = 80;
constexpr std::size_t silent_from = 480;
/// In which a step between what was heard and its repetition is evened out: 2 ms.
constexpr std::size_t smoothed = 16;

std::int16_t to_sample(float value) {
  return static_cast<std::int16_t>(std::lrint(std::clamp(value, -32768.0F, 32767.0F)));
}

float ratio(std::size_t part, std::size_t whole) {
  return static_cast<float>(part) / static_cast<float>(whole);
}

}  // namespace

Concealment::Concealment(ClockRate sampling) : scale_(sampling.value / 8000) {}

void Concealment::heard(std::span<std::int16_t> pcm) {
  if (filled_ > 0) {
    const std::size_t blended = std::min(period_ / 4 + smoothed * scale_, pcm.size());
    for (std::size_t i = 0; i < blended; ++i) {
      const float arrived = ratio(i + 1, blended + 1);
      pcm[i] = to_sample(static_cast<float>(pcm[i]) * arrived +
                         next() * level_after(filled_ + i) * (1.0F - arrived));
    }
    filled_ = 0;
  }
  remember(pcm);
}

void Concealment::fill(std::span<std::int16_t> pcm) {
  if (filled_ == 0) begin();
  for (std::int16_t& sample : pcm) {
    const std::size_t even = smoothed * scale_;
    const float smoothing = filled_ < even ? step_ * (1.0F - ratio(filled_, even)) : 0.0F;
    sample = to_sample((next() + smoothing) * level_after(filled_));
    filled_ = std::min(filled_ + 1, silent_from * scale_);
  }
  remember(pcm);
}

void Concealment::remember(std::span<const std::int16_t> pcm) {
  const auto latest = pcm.last(std::min(pcm.size(), memory_.size()));
  const auto fitting = latest.first(std::min(latest.size(), memory_.size() - oldest_));
  const auto rest = latest.subspan(fitting.size());
  std::ranges::copy(fitting, memory_.begin() + static_cast<std::ptrdiff_t>(oldest_));
  std::ranges::copy(rest, memory_.begin());
  oldest_ = (oldest_ + latest.size()) % memory_.size();
}

std::span<const std::int16_t> Concealment::straightened() {
  std::rotate(memory_.begin(), memory_.begin() + static_cast<std::ptrdiff_t>(oldest_), memory_.end());
  oldest_ = 0;
  return std::span(memory_).last(remembered * scale_);
}

Concealment::Sketch Concealment::sketch_of(std::span<const std::int16_t> all) const {
  int loudest = 0;
  for (const std::int16_t sample : all) loudest = std::max(loudest, std::abs(static_cast<int>(sample)));
  // 160 products of numbers of 11 bits and a sign fit into 32 bits.
  const int bits = static_cast<int>(std::bit_width(static_cast<unsigned>(loudest)));
  const int shift = std::max(bits - 11, 0) + 1;
  const std::size_t neighbour = scale_ - 1;
  Sketch sketch;
  for (std::size_t i = 0; i < sketch.size(); ++i) {
    sketch[i] = static_cast<std::int16_t>((all[i * scale_] + all[i * scale_ + neighbour]) >> shift);
  }
  return sketch;
}

std::size_t Concealment::find_period(std::span<const std::int16_t> all) const {
  const Sketch outline = sketch_of(all);
  const std::int16_t* const latest = &outline[longest_period];
  std::size_t best = longest_period;
  float best_likeness = 0;
  for (std::size_t period = shortest_period; period <= longest_period; ++period) {
    const std::int16_t* const before = latest - period;
    std::int32_t product = 0;
    std::int32_t energy = 1;
    for (std::size_t i = 0; i < compared; ++i) {
      product += latest[i] * before[i];
      energy += before[i] * before[i];
    }
    const auto alike = static_cast<float>(std::max(product, 0));
    const float likeness = alike * alike / static_cast<float>(energy);
    if (likeness > best_likeness) {
      best_likeness = likeness;
      best = period;
    }
  }
  return best * scale_;
}

void Concealment::begin() {
  const std::span<const std::int16_t> all = straightened();
  period_ = find_period(all);
  position_ = 0;
  const std::size_t start = all.size() - period_;
  for (std::size_t i = 0; i < period_; ++i) cycle_[i] = static_cast<float>(all[start + i]);
  step_ = static_cast<float>(all.back()) - static_cast<float>(all[start - 1]);
  // The end of the period changes over into what came before its beginning, so that it goes on into itself.
  const std::size_t quarter = period_ / 4;
  for (std::size_t i = 0; i < quarter; ++i) {
    const float other = ratio(i + 1, quarter + 1);
    float& sample = cycle_[period_ - quarter + i];
    sample = sample * (1.0F - other) + static_cast<float>(all[start - quarter + i]) * other;
  }
}

float Concealment::next() {
  const float sample = cycle_[position_];
  position_ = position_ + 1 == period_ ? 0 : position_ + 1;
  return sample;
}

float Concealment::level_after(std::size_t samples) const {
  const std::size_t full = full_until * scale_;
  const std::size_t silent = silent_from * scale_;
  if (samples < full) return 1;
  return samples < silent ? 1.0F - ratio(samples - full, silent - full) : 0;
}

}  // namespace mediaswitch
