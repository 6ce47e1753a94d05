#include "audio/power.hpp"

#include <algorithm>
#include <cmath>

namespace mediaswitch {
namespace {

/// y[n] = x[n] - x[n-1] + pole · y[n-1]
constexpr float pole = 0.995F;
constexpr float loudest = 32767;
/// What is left of a sound long gone is made nothing before it gets so small that sums of it are slow.
constexpr float nothing = 1e-3F;

}  // namespace

PowerMeter::PowerMeter(std::uint32_t average_packets, std::uint32_t heard_before)
    : average_packets_(std::clamp<std::size_t>(average_packets, 1, longest_average)),
      heard_(std::min(heard_before, warm_up)) {}

void PowerMeter::hear(std::span<const std::int16_t> pcm) {
  float sum = 0;
  for (const std::int16_t sample : pcm) {
    const auto in = static_cast<float>(sample);
    last_out_ = in - last_in_ + pole * last_out_;
    last_in_ = in;
    sum += last_out_ * last_out_;
  }
  if (std::abs(last_out_) < nothing) last_out_ = 0;
  if (heard_ < warm_up) {
    ++heard_;
    push(0);
    return;
  }
  const float mean = pcm.empty() ? 0 : sum / static_cast<float>(pcm.size());
  push(static_cast<std::uint16_t>(std::min(std::sqrt(mean), loudest)));
}

double PowerMeter::average() const {
  return static_cast<double>(sum_) / static_cast<double>(average_packets_);
}

void PowerMeter::push(std::uint16_t power) {
  sum_ = sum_ - powers_[next_] + power;
  powers_[next_] = power;
  next_ = (next_ + 1) % average_packets_;
}

}  // namespace mediaswitch
