#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "core/units.hpp"

namespace mediaswitch {

/// Who is in a group with whom, as far as the engine told its shards: it decides by this on which shard
/// channels come together. JavaScript's thread.
class Membership {
 public:
  /// Whether it is in a group with others.
  [[nodiscard]] bool has_others(ChannelId channel) const { return group_of_.contains(channel); }
  [[nodiscard]] bool are_together(ChannelId one, ChannelId other) const {
    const auto first = group_of_.find(one);
    const auto second = group_of_.find(other);
    return first != group_of_.end() && second != group_of_.end() && first->second == second->second;
  }
  /// At most one of them is in a group with others.
  void join(ChannelId one, ChannelId other) {
    if (are_together(one, other)) return;
    const bool is_other_in = has_others(other);
    const ChannelId inside = is_other_in ? other : one;
    const ChannelId joining = is_other_in ? one : other;
    const auto group = group_of_.try_emplace(inside, last_ + 1);
    if (group.second) members_[++last_].push_back(inside);
    group_of_[joining] = group.first->second;
    members_[group.first->second].push_back(joining);
  }
  void part(ChannelId channel) {
    const auto found = group_of_.find(channel);
    if (found == group_of_.end()) return;
    const std::uint64_t group = found->second;
    group_of_.erase(found);
    std::vector<ChannelId>& members = members_[group];
    std::erase(members, channel);
    if (members.size() > 1) return;
    if (!members.empty()) group_of_.erase(members.front());
    members_.erase(group);
  }

 private:
  std::unordered_map<ChannelId, std::uint64_t> group_of_;
  std::unordered_map<std::uint64_t, std::vector<ChannelId>> members_;
  std::uint64_t last_ = 0;
};

}  // namespace mediaswitch
