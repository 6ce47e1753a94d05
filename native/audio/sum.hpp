#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "audio/frame.hpp"

namespace mediaswitch {

/// What several say at once, before it is cut to 16 bits: 65,536 of them fit.
///
/// Only the first frame of samples that were added count; all frames added and taken out have one length.
class Sum {
 public:
  /// Begins anew, with this alone.
  void set(std::span<const std::int16_t> pcm);
  void add(std::span<const std::int16_t> pcm);

  /// What everybody says, saturated. As long as `out`, which is no longer than what was added.
  void total(std::span<std::int16_t> out) const;
  /// What everybody but `own` says, saturated once: taking out what was added before is exact.
  void without(std::span<const std::int16_t> own, std::span<std::int16_t> out) const;

 private:
  std::array<std::int32_t, wide_frame> samples_{};
};

}  // namespace mediaswitch
