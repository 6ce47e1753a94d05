#include "rtp/group.hpp"

#include <algorithm>

#include "rtp/channel.hpp"

namespace mediaswitch {
namespace {

/// The higher of the rates that two channels are spoken to with: what one recorder of both is to have.
ClockRate common_sampling(const Channel& one, const Channel& other) {
  return std::max(one.sampling(), other.sampling());
}

}  // namespace

void Group::add(Channel& channel) {
  members_.push_back(&channel);
  channel.enter(this);
}

void Group::remove(Channel& channel) {
  // Nobody would tell the others of its release.
  if (channel.is_key_held()) pass_key_release(channel);
  std::erase(members_, &channel);
  channel.enter(nullptr);
  channel.arrange({});
  channel.read(Reading::AtOnce);
}

void Group::arrange() {
  const std::size_t size = members_.size();
  if (size < 3) {
    mixer_.reset();
    seats_ = {};
  }
  if (size == 1) arrange_alone(*members_[0]);
  if (size == 2) arrange_bridge(*members_[0], *members_[1]);
  if (size >= 3) arrange_mix();
  wants_ticks_ = size >= 3 || std::ranges::any_of(members_, &Channel::wants_ticks);
  for (Channel* const each : members_) each->read(wants_ticks_ ? Reading::AtTicks : Reading::AtOnce);
}

void Group::arrange_alone(Channel& channel) {
  channel.arrange({.heard_by = channel.is_echoing() ? &channel : nullptr,
                   .hears = channel.has_taps() || channel.playback().listens()
                                ? std::optional(channel.sampling())
                                : std::nullopt,
                   .speaks = channel.playback().is_active()});
}

/// Ears only where somebody listens: to one of them is to listen to what the other is sent.
void Group::arrange_bridge(Channel& one, Channel& other) {
  const bool is_listened_to = one.has_taps() || other.has_taps();
  const auto hears = is_listened_to ? std::optional(common_sampling(one, other)) : std::nullopt;
  one.arrange({.heard_by = one.is_audible_to(other) ? &other : nullptr, .hears = hears, .speaks = false});
  other.arrange({.heard_by = other.is_audible_to(one) ? &one : nullptr, .hears = hears, .speaks = false});
}

void Group::arrange_mix() {
  mix_sampling_ = std::ranges::max(members_, {}, &Channel::sampling)->sampling();
  if (!mixer_) mixer_.emplace();
  // Room for those who come next, so that a conference that fills up does not move with each.
  if (seats_.capacity() < members_.size()) seats_.reserve(2 * members_.size());
  for (Channel* const each : members_) {
    each->arrange({.heard_by = nullptr, .hears = mix_sampling_, .speaks = true});
  }
}

void Group::tick(Time now, Time::duration late) {
  for (Channel* const each : members_) {
    each->note_lateness(late);
    each->read_gathered();
  }
  if (members_.size() == 1) tick_alone(*members_[0], now);
  if (members_.size() == 2) tick_bridge(*members_[0], *members_[1], now);
  if (members_.size() >= 3 && mixer_) tick_mix(now);
}

void Group::tick_alone(Channel& channel, Time now) {
  channel.tick_relay(now);
  channel.hear(now);
  const Frame* const said = channel.say(now, channel.heard());
  channel.listen(channel.heard(), said);
}

void Group::tick_bridge(Channel& one, Channel& other, Time now) {
  one.tick_relay(now);
  other.tick_relay(now);
  one.say_digits(now);
  other.say_digits(now);
  one.hear(now);
  other.hear(now);
  one.listen(one.heard(), other.is_audible_to(one) ? other.heard() : nullptr);
  other.listen(other.heard(), one.is_audible_to(other) ? one.heard() : nullptr);
}

void Group::tick_mix(Time now) {
  seats_.clear();
  for (Channel* const each : members_) {
    each->hear(now);
    MixSeat seat = each->seat();
    // Keys of ours go first: the mix is not said meanwhile.
    if (each->say_digits(now)) seat.speaker = nullptr;
    seats_.push_back(seat);
  }
  mixer_->tick(seats_, mix_sampling_, now);
  for (std::size_t i = 0; i < members_.size(); ++i) members_[i]->listen(members_[i]->heard(), seats_[i].sent);
}

void Group::pass_key(const Channel& from, char key) {
  if (!is_mixing()) return;
  for (Channel* const each : members_) {
    if (each != &from && from.is_audible_to(*each)) each->pass_key(key, from.id());
  }
}

void Group::pass_key_release(const Channel& from) {
  if (!is_mixing()) return;
  for (Channel* const each : members_) {
    if (each != &from && from.is_audible_to(*each)) each->pass_key_release(from.id());
  }
}

}  // namespace mediaswitch
