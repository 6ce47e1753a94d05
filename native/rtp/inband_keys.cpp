#include "rtp/inband_keys.hpp"

#include <array>

namespace mediaswitch {

void InbandKeys::take(const Frame* in, const Frame* /*out*/) {
  std::array<std::int16_t, narrow_frame> pcm{};
  std::span<const std::int16_t, narrow_frame> heard = pcm;
  if (in != nullptr && in->sampling == wideband) {
    downsampler_.process(in->pcm(), pcm);
  } else if (in != nullptr) {
    heard = in->pcm().first<narrow_frame>();
  }
  for (const ToneDetector::Change& change : detector_.hear(heard)) {
    if (change.kind == ToneDetector::Change::Kind::Pressed) {
      pressed_at_ = change.at;
      outbox_.key_pressed(change.key, KeySource::Inband);
    } else {
      constexpr std::uint64_t samples_per_milli = 8;
      const auto held = static_cast<Millis::rep>((change.at - pressed_at_) / samples_per_milli);
      outbox_.key_released(change.key, Millis{held});
    }
  }
}

}  // namespace mediaswitch
