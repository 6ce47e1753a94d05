#pragma once

#include <chrono>

#include "audio/time_scale.hpp"
#include "rtp/media_span.hpp"
#include "rtp/playout_delay.hpp"

namespace mediaswitch {

/// Above the jitter seen: less than `least_slack` asks for more delay, `spare_slack` beyond what is needed
/// for less, and what lies between keeps one from following the other. Speech begins with more slack than it
/// needs to go on with, because then it costs nothing.
inline constexpr MediaSpan least_slack{std::chrono::milliseconds(1)};
inline constexpr MediaSpan starting_slack{std::chrono::milliseconds(2)};
inline constexpr MediaSpan spare_slack{std::chrono::milliseconds(4)};

/// Whether the delay has been too short or too long, for so many ticks in a row that audio may be changed for
/// it.
class DelayBalance {
 public:
  /// At a tick at which the next frame begins with `front`.
  void weigh(const PlayoutDelay& delay, MediaSpan now, MediaSpan front) {
    too_short_ = delay.latest_front(now, least_slack) < front ? too_short_ + 1 : 0;
    spare_ = delay.latest_front(now, spare_slack) - front;
    too_long_ = spare_ >= span_of(1, highest_splice_pitch) ? too_long_ + 1 : 0;
  }
  void clear() { *this = {}; }

  [[nodiscard]] bool is_too_short() const { return too_short_ >= too_short_after; }
  [[nodiscard]] bool is_too_long() const { return too_long_ >= too_long_after; }
  /// By how much it is too long.
  [[nodiscard]] MediaSpan spare() const { return spare_; }
  /// It was made shorter; longer.
  void take(MediaSpan length) { spare_ -= length; }
  void give() { too_short_ = 0; }

  /// What the change may cost by now.
  [[nodiscard]] Seam seam() const {
    return too_short_ > patience || too_long_ > patience ? Seam::Any : Seam::Inaudible;
  }

 private:
  static constexpr unsigned too_short_after = 3;
  static constexpr unsigned too_long_after = 25;
  static constexpr unsigned patience = 75;

  unsigned too_short_ = 0;
  unsigned too_long_ = 0;
  MediaSpan spare_{};
};

}  // namespace mediaswitch
