#pragma once

#include "audio/frame.hpp"

namespace mediaswitch {

/// Something that listens to a channel: a recorder, a script's read stream, a detector. Told once a tick, on
/// the thread of the channel's shard; must not wait.
class FrameTap {
 public:
  FrameTap() = default;
  FrameTap(const FrameTap&) = delete;
  FrameTap& operator=(const FrameTap&) = delete;
  FrameTap(FrameTap&&) = delete;
  FrameTap& operator=(FrameTap&&) = delete;
  virtual ~FrameTap() = default;

  /// `in`: what came from the far end, `out`: what it was sent. nullptr: nothing in these 20 ms. Both have
  /// the same sampling rate, the channel's.
  virtual void take(const Frame* in, const Frame* out) = 0;
};

}  // namespace mediaswitch
