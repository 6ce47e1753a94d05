#pragma once

#include <cstdint>

#include "audio/end_reason.hpp"
#include "audio/frame.hpp"

namespace mediaswitch {

/// Something a channel plays: a list of files, tones, what a script writes. Asked once a tick, on the thread
/// of the channel's shard; must not wait.
class FrameSource {
 public:
  enum class Yield : std::uint8_t {
    /// `out` was filled, sampled as `out.sampling` asked.
    Audio,
    /// Nothing at hand in time; there may be more later. Counted.
    Late,
    /// The last frame went before. Asked no more.
    End,
  };

  FrameSource() = default;
  FrameSource(const FrameSource&) = delete;
  FrameSource& operator=(const FrameSource&) = delete;
  FrameSource(FrameSource&&) = delete;
  FrameSource& operator=(FrameSource&&) = delete;
  virtual ~FrameSource() = default;

  virtual Yield next(Frame& out) = 0;

  /// After `next` gave End: Completed; Error when nothing of it could be played; Stopped when it was given
  /// up.
  [[nodiscard]] virtual PlayEnd reason() const = 0;
};

}  // namespace mediaswitch
