#include "io/ticker.hpp"

#include <algorithm>

#include "io/monotonic_clock.hpp"

namespace mediaswitch {
namespace {

/// Who comes later than this has been stopped: what was missed is not made up for.
constexpr Millis longest_lag{100};

}  // namespace

void Ticker::add(Group& group) {
  const auto has_it = [&group](const auto& slot) { return std::ranges::find(slot, &group) != slot.end(); };
  if (std::ranges::any_of(groups_, has_it)) return;
  std::ranges::min_element(groups_, {}, &std::vector<Group*>::size)->push_back(&group);
  if (++count_ == 1) next_at_ = monotonic_now() + slot_length;
  arm();
}

void Ticker::remove(Group& group) {
  for (auto& slot : groups_) count_ -= std::erase(slot, &group);
}

void Ticker::stop() {
  for (auto& slot : groups_) slot.clear();
  count_ = 0;
  timer_.cancel();
}

/// That of the next slot that has something to do.
Time Ticker::next_at() const {
  if (count_ == 0) return Time::max();
  Time at = next_at_;
  for (std::size_t i = 0; groups_[(next_slot_ + i) % slots].empty(); ++i) at += slot_length;
  return at;
}

void Ticker::arm() {
  timer_.expires_at(std::chrono::steady_clock::time_point(next_at().time_since_epoch()));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error || count_ == 0) return;
    run_due();
    arm();
  });
}

/// Every slot whose time has come.
void Ticker::run_due() {
  Time now = monotonic_now();
  if (now - next_at_ > longest_lag) next_at_ = now;
  while (next_at_ <= now) {
    const Time::duration late = now - next_at_;
    for (Group* const group : groups_[next_slot_]) group->tick(now, late);
    next_slot_ = (next_slot_ + 1) % slots;
    next_at_ += slot_length;
    now = monotonic_now();
  }
}

}  // namespace mediaswitch
