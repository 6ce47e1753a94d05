#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "core/time.hpp"

namespace mediaswitch {

/// Even RTP ports, each with the odd one after it for RTCP, within a range.
///
/// The port that was given back longest ago is handed out first, so that late packets of an old call meet
/// nobody. A rest of ten seconds after use is meant; when calls come faster than that allows, the longest
/// rested port goes out before its time (counted) rather than a call be refused. A port that another program
/// holds is set aside and tried again after the same rest, or sooner when nothing else is left.
class PortPool {
 public:
  static constexpr std::chrono::seconds rest{10};

  /// Ports `low` to `high`, both included.
  PortPool(std::uint16_t low, std::uint16_t high);

  /// nullopt: none is left.
  std::optional<std::uint16_t> take(Time now);
  void give_back(std::uint16_t port, Time now);
  /// `take` gave it, but another program has it.
  void set_aside(std::uint16_t port, Time now);

  /// Ports that `take` could still give, without those set aside.
  [[nodiscard]] std::size_t available() const { return free_.size(); }
  /// Ports handed out before their rest was over, so far.
  [[nodiscard]] std::uint64_t shortened_rests() const { return shortened_rests_; }

 private:
  struct Resting {
    std::uint16_t port;
    /// nullopt: never used.
    std::optional<Time> rested;
  };

  std::deque<Resting> free_;
  std::deque<Resting> aside_;
  std::uint64_t shortened_rests_ = 0;
};

}  // namespace mediaswitch
