#pragma once

#include <span>

#include "audio/frame_tap.hpp"
#include "audio/tone_detector.hpp"
#include "codecs/resampler.hpp"
#include "rtp/outbox.hpp"

namespace mediaswitch {

/// Tells the keys that are heard as tones in what comes from the far end.
class InbandKeys final : public FrameTap {
 public:
  /// `outbox` outlives it.
  explicit InbandKeys(Outbox& outbox) : outbox_(outbox) {}

  void take(const Frame* in, const Frame* out) override;

 private:
  Outbox& outbox_;
  ToneDetector detector_;
  Downsampler downsampler_;
  std::uint64_t pressed_at_ = 0;
};

}  // namespace mediaswitch
