#pragma once

#include <cstdint>

#include "audio/frame.hpp"
#include "audio/power.hpp"

namespace mediaswitch {

/// Hears whether somebody speaks into a prompt. For the media thread: allocates nothing.
class BargeIn {
 public:
  struct Options {
    /// Speech is louder, by `PowerMeter::average`.
    double power = 0;
    std::uint32_t average_packets = 5;
    /// Packets that came before the first tick told to `hear`.
    std::uint32_t heard_before = 0;
  };

  explicit BargeIn(const Options& options)
      : meter_(options.average_packets, options.heard_before), power_(options.power) {}

  /// One tick; nullptr: nothing came. True: somebody speaks.
  bool hear(const Frame* in) {
    if (in != nullptr) {
      meter_.hear(in->pcm());
    } else {
      meter_.miss();
    }
    return meter_.average() > power_;
  }

 private:
  PowerMeter meter_;
  double power_;
};

}  // namespace mediaswitch
