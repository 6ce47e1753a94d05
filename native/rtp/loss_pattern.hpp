#pragma once

#include <cstdint>
#include <optional>

#include "core/sequence.hpp"

namespace mediaswitch {

/// Whether packets are lost one by one or in rows. Fed with what arrives, in any order.
class LossPattern {
 public:
  /// A packet of the source heard now has arrived. Out of order or twice is no loss, unless it is behind by
  /// more than the last 64.
  void note(ExtendedSequence sequence);

  /// What comes from now on is counted anew by its sender.
  void begin_source();

  /// ITU-T G.107 §7.5, BurstR: the mean length of a row of losses, over what it would be if as many were lost
  /// at random: 1 is chance, more is rows. nullopt: nothing is known to be lost.
  [[nodiscard]] std::optional<double> burst_ratio() const;

 private:
  static constexpr unsigned window_size = 64;

  void advance(std::uint64_t steps);
  void settle(bool has_arrived);
  void settle_lost(std::uint64_t count);

  /// Bit n: whether the packet n before the newest has arrived. The first `known_` count.
  std::uint64_t window_ = 0;
  unsigned known_ = 0;
  std::optional<ExtendedSequence> newest_;
  /// Beyond the window.
  std::uint64_t settled_ = 0;
  std::uint64_t lost_ = 0;
  std::uint64_t rows_ = 0;
  bool is_in_row_ = false;
};

}  // namespace mediaswitch
