#pragma once

#include <optional>

#include "core/time.hpp"
#include "rtp/address.hpp"

namespace mediaswitch {

/// When RTP of the far end came.
struct Heard {
  /// Of the last packet.
  Address from;
  Time first;
  Time last;
  /// The longest time between two packets while media was due, and when it was over.
  Time::duration longest_gap{};
  Time gap_over;
};

/// Looks at each packet's arrival. Time in which nothing was due (hold) is no gap.
class HeardTimes {
 public:
  void note(const Address& from, Time now) {
    if (!heard_) heard_ = Heard{.from = from, .first = now, .last = now, .longest_gap = {}, .gap_over = now};
    const Time::duration gap = now - heard_->last;
    if (is_due_ && !has_paused_ && gap > heard_->longest_gap) {
      heard_->longest_gap = gap;
      heard_->gap_over = now;
    }
    has_paused_ = false;
    heard_->from = from;
    heard_->last = now;
  }

  struct Expected {
    bool is_media_due = true;
  };
  void expect(const Expected& expected) {
    if (is_due_ && expected.is_media_due) return;
    is_due_ = expected.is_media_due;
    has_paused_ = true;
  }

  [[nodiscard]] const std::optional<Heard>& heard() const { return heard_; }

 private:
  std::optional<Heard> heard_;
  bool is_due_ = true;
  /// No packet came since media became due again.
  bool has_paused_ = false;
};

}  // namespace mediaswitch
