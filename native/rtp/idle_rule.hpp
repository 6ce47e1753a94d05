#pragma once

#include <chrono>

#include "core/time.hpp"

namespace mediaswitch {

/// When a channel that nobody closed has to go. Advanced in coarse steps; a new one starts from zero.
///
/// 20 s without RTP once the far end is known, counted only while we take media; 1 h when the far end was
/// never named; 2 h while we were told to take nothing.
class IdleRule {
 public:
  void heard() { silent_ = {}; }

  /// The far end was named (again).
  void targeted(bool takes_media) {
    has_target_ = true;
    takes_media_ = takes_media;
    silent_ = {};
    deaf_ = {};
  }

  /// True when the channel's time is up.
  [[nodiscard]] bool advance(Millis step) {
    if (!has_target_) return (waiting_ += step) >= std::chrono::hours{1};
    if (!takes_media_) return (deaf_ += step) >= std::chrono::hours{2};
    return (silent_ += step) >= std::chrono::seconds{20};
  }

 private:
  bool has_target_ = false;
  bool takes_media_ = true;
  Millis waiting_{};
  Millis silent_{};
  Millis deaf_{};
};

}  // namespace mediaswitch
