#pragma once

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <unordered_map>

#include "far_ends.hpp"
#include "flow.hpp"
#include "g711_levels.hpp"

namespace bench {

/// One-way delay where streams are mixed and no packet comes out as it went in: all members of a group
/// murmur, and each in its turn begins a loud burst with the first sample of a packet; the first loud sample
/// that another member gets tells how long it took. Turns are longer apart than any delay that is measured.
class BurstWatch {
 public:
  void sent(std::uint32_t group, std::uint32_t flow, WallTime at) { last_[group] = {.flow = flow, .at = at}; }

  /// The delay from the first sample given to the server to that sample coming back, when this packet has the
  /// first loud sample of a burst.
  std::optional<std::chrono::nanoseconds> heard(const Flow& flow,
                                                std::uint32_t index,
                                                std::span<const std::uint8_t> payload,
                                                WallTime at) {
    bool& was_loud = was_loud_[index];
    const std::optional<std::size_t> onset = first_loud(flow.coding, payload);
    const bool is_onset = onset.has_value() && !was_loud;
    was_loud = onset.has_value();
    const auto burst = last_.find(flow.group);
    if (!is_onset || burst == last_.end() || burst->second.flow == index) return std::nullopt;
    if (at - burst->second.at > std::chrono::seconds(1)) return std::nullopt;
    constexpr std::chrono::microseconds sample{125};
    return at - burst->second.at + sample * static_cast<std::int64_t>(*onset);
  }

 private:
  static constexpr int loud = 12000;

  static std::optional<std::size_t> first_loud(Coding coding, std::span<const std::uint8_t> payload) {
    for (std::size_t i = 0; i < payload.size(); ++i) {
      const int level = coding == Coding::Pcmu ? level_of_pcmu(payload[i]) : level_of_pcma(payload[i]);
      if (std::abs(level) > loud) return i;
    }
    return std::nullopt;
  }

  struct Burst {
    std::uint32_t flow;
    WallTime at;
  };
  std::unordered_map<std::uint32_t, Burst> last_;
  std::unordered_map<std::uint32_t, bool> was_loud_;
};

}  // namespace bench
