#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "audio/frame.hpp"
#include "core/ring.hpp"

namespace mediaswitch {

/// What a channel heard and said in one tick, as it leaves the channel's thread.
struct HeardTick {
  bool has_in = false;
  bool has_out = false;
  /// What the sender tells along with it, in words of its own.
  std::uint8_t note = 0;
  /// Only what is there was filled in.
  Frame in;
  Frame out;
};

/// Ticks on their way from a channel's thread to one that may wait, as `Ring`: never waits, never allocates.
class FrameRing {
 public:
  /// Room for `ticks` ticks with `frames_per_tick` (1 or 2) frames at 16 kHz.
  FrameRing(std::size_t ticks, std::size_t frames_per_tick)
      : headers_(ticks), samples_(ticks * frames_per_tick * wide_frame) {}

  /// Channel's thread. nullptr: nothing in this tick. False: it is full, nothing was taken.
  bool push(const Frame* in, const Frame* out, std::uint8_t note) {
    const std::size_t needed = (in == nullptr ? 0 : in->size()) + (out == nullptr ? 0 : out->size());
    if (headers_.room() == 0 || samples_.room() < needed) return false;
    Header header{.note = note};
    if (in != nullptr) {
      header.in = in->sampling;
      samples_.push(in->pcm());
    }
    if (out != nullptr) {
      header.out = out->sampling;
      samples_.push(out->pcm());
    }
    return headers_.push(header);
  }

  /// The other thread. False: there is none.
  bool pop(HeardTick& tick) {
    Header header;
    if (!headers_.pop(header)) return false;
    tick.has_in = header.in != absent;
    tick.has_out = header.out != absent;
    tick.note = header.note;
    if (tick.has_in) fill(tick.in, header.in);
    if (tick.has_out) fill(tick.out, header.out);
    return true;
  }

  /// Any thread, as `Ring::size`.
  [[nodiscard]] std::size_t size() const { return headers_.size(); }
  [[nodiscard]] std::size_t capacity() const { return headers_.capacity(); }

 private:
  static constexpr ClockRate absent{0};
  struct Header {
    ClockRate in = absent;
    ClockRate out = absent;
    std::uint8_t note = 0;
  };

  void fill(Frame& frame, ClockRate sampling) {
    frame.sampling = sampling;
    samples_.pop(frame.pcm());
  }

  /// A header is pushed after its samples: who finds it finds them.
  Ring<Header> headers_;
  Ring<std::int16_t> samples_;
};

}  // namespace mediaswitch
