#include "codecs/comfort_noise.hpp"

#include <algorithm>
#include <cmath>

namespace mediaswitch {
namespace {

/// A filter whose coefficients reach 1 would ring for ever.
constexpr float largest_reflection = 0.99F;

/// RFC 3389 §3.2: n stands for 258 (n - 127) / 32768.
float reflection_of(std::uint8_t octet) {
  const float value = 258.0F * (static_cast<float>(octet) - 127.0F) / 32768.0F;
  return std::clamp(value, -largest_reflection, largest_reflection);
}

}  // namespace

std::optional<NoiseDescription> read_comfort_noise(std::span<const std::uint8_t> payload) {
  if (payload.empty()) return std::nullopt;
  NoiseDescription description;
  // The first bit is sent as 0 and means nothing (§3.1).
  description.below_overload = payload[0] & 0x7FU;
  const auto octets = payload.subspan(1, std::min(payload.size() - 1, NoiseDescription::most_coefficients));
  std::ranges::transform(octets, description.reflection.begin(), reflection_of);
  return description;
}

ComfortNoise::ComfortNoise(const Random::Seed& seed) : random_(seed) {}

void ComfortNoise::become(const NoiseDescription& description) {
  reflection_ = description.reflection;
  order_ = reflection_.size();
  while (order_ > 0 && reflection_[order_ - 1] == 0) --order_;

  // The filter makes noise stronger by the product of 1 / (1 - k²); evenly distributed noise of peak 1 has a
  // root mean square of 1 / sqrt(3).
  float unfiltered = 1;
  for (const float k : reflection_) unfiltered *= 1 - k * k;
  const float level = 32768.0F * std::pow(10.0F, -static_cast<float>(description.below_overload) / 20.0F);
  amplitude_ = level * std::sqrt(3.0F * unfiltered);
}

void ComfortNoise::fill(std::span<std::int16_t> pcm) {
  const float scale = amplitude_ / 2147483648.0F;
  for (std::int16_t& sample : pcm) {
    float forward = static_cast<float>(static_cast<std::int32_t>(random_.next32())) * scale;
    // All-pole lattice: from the highest coefficient down to the first.
    for (std::size_t i = order_; i-- > 0;) {
      forward -= reflection_[i] * backward_[i];
      if (i + 1 < order_) backward_[i + 1] = backward_[i] + reflection_[i] * forward;
    }
    if (order_ > 0) backward_[0] = forward;
    sample = static_cast<std::int16_t>(std::lrint(std::clamp(forward, -32768.0F, 32767.0F)));
  }
}

}  // namespace mediaswitch
