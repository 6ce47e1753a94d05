#pragma once

#include <optional>
#include <vector>

#include "audio/frame.hpp"
#include "core/time.hpp"
#include "rtp/mixer.hpp"

namespace mediaswitch {

class Channel;

/// Channels that hear each other: two are relayed packet by packet, three and more are mixed every 20 ms. Or
/// one alone that has something to do every 20 ms: playing, recording, being listened to.
///
/// Owned by the shard of its members. Ticking and passing keys allocate nothing.
class Group {
 public:
  Group() = default;
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;
  Group(Group&&) = delete;
  Group& operator=(Group&&) = delete;
  /// It has no members any more.
  ~Group() = default;

  /// It is in no group. `arrange` has to follow, as after `remove`.
  void add(Channel& channel);
  void remove(Channel& channel);

  /// Gives every member what it needs for how many they are and what is asked of each. To be called after
  /// each change of members, agreements, taps and what is played.
  void arrange();

  [[nodiscard]] const std::vector<Channel*>& members() const { return members_; }
  [[nodiscard]] bool is_mixing() const { return mixer_.has_value(); }
  [[nodiscard]] bool wants_ticks() const { return wants_ticks_; }

  /// 20 ms have passed. `late`: how long after its time this comes.
  void tick(Time now, Time::duration late);

  /// Where three and more hear each other, a member's keys go to the others as keys of ours, under their
  /// payload types; between two their packets are relayed.
  void pass_key(const Channel& from, char key);
  void pass_key_release(const Channel& from);

 private:
  void arrange_alone(Channel& channel);
  void arrange_bridge(Channel& one, Channel& other);
  void arrange_mix();
  static void tick_alone(Channel& channel, Time now);
  static void tick_bridge(Channel& one, Channel& other, Time now);
  void tick_mix(Time now);

  std::vector<Channel*> members_;
  bool wants_ticks_ = false;
  /// Where there are three and more.
  std::optional<Mixer> mixer_;
  std::vector<MixSeat> seats_;
  ClockRate mix_sampling_ = narrowband;
};

}  // namespace mediaswitch
