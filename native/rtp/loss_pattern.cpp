#include "rtp/loss_pattern.hpp"

#include <algorithm>

namespace mediaswitch {

void LossPattern::note(ExtendedSequence sequence) {
  if (!newest_) {
    newest_ = sequence;
    known_ = 1;
    window_ = 1;
    return;
  }
  if (sequence > *newest_) {
    advance(static_cast<std::uint64_t>(sequence.value) - static_cast<std::uint64_t>(newest_->value));
    newest_ = sequence;
    window_ |= 1;
    return;
  }
  const auto behind = static_cast<std::uint64_t>(newest_->value) - static_cast<std::uint64_t>(sequence.value);
  if (behind < known_) window_ |= std::uint64_t{1} << behind;
}

void LossPattern::advance(std::uint64_t steps) {
  const auto shifts = static_cast<unsigned>(std::min<std::uint64_t>(steps, window_size));
  for (unsigned i = 0; i < shifts; ++i) {
    if (known_ == window_size) {
      settle((window_ >> (window_size - 1)) != 0);
    } else {
      ++known_;
    }
    window_ <<= 1U;
  }
  if (steps > shifts) settle_lost(steps - shifts);
}

void LossPattern::settle(bool has_arrived) {
  if (!has_arrived) return settle_lost(1);
  ++settled_;
  is_in_row_ = false;
}

void LossPattern::settle_lost(std::uint64_t count) {
  settled_ += count;
  lost_ += count;
  if (!is_in_row_) ++rows_;
  is_in_row_ = true;
}

void LossPattern::begin_source() {
  for (unsigned bit = known_; bit > 0; --bit) settle((window_ >> (bit - 1) & 1U) != 0);
  window_ = 0;
  known_ = 0;
  newest_.reset();
  is_in_row_ = false;
}

std::optional<double> LossPattern::burst_ratio() const {
  if (lost_ == 0) return std::nullopt;
  const double mean_row = static_cast<double>(lost_) / static_cast<double>(rows_);
  // Losses at random: each one is followed by another with the probability of any packet to be lost.
  const double share_lost = static_cast<double>(lost_) / static_cast<double>(settled_);
  return mean_row * (1 - share_lost);
}

}  // namespace mediaswitch
