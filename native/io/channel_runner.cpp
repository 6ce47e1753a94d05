#include "io/channel_runner.hpp"

#include <algorithm>
#include <utility>

#include "io/monotonic_clock.hpp"
#include "io/wall_clock.hpp"

namespace mediaswitch {

ChannelRunner::ChannelRunner(ChannelId id, Random random, BoundPair sockets)
    : channel_(id, *this, random), sockets_(std::move(sockets)) {}

bool ChannelRunner::settle(Home& home) {
  home_ = &home;
  pair_ = std::make_unique<UdpPair>(home.receiving, std::move(*sockets_));
  sockets_.reset();
  return !pair_->start(*this);
}

void ChannelRunner::leave() {
  sockets_.emplace(pair_->release());
  pair_.reset();
}

bool ChannelRunner::begin_end(CloseReason reason) {
  channel_.stop_playing(PlayEnd::ChannelClosed);
  for (Recorder& each : recorders_) {
    channel_.remove_tap(*each.feed);
    each.feed->finish(RecordEnd::ChannelClosed);
  }
  for (Reader& each : readers_) channel_.remove_tap(*each.feed);
  readers_.clear();
  detect_inband_keys(false);
  channel_.leave_session(monotonic_now(), ntp_now());
  last_ = Closed{.channel = channel_.id(), .reason = reason, .statistics = channel_.statistics()};
  leave();
  sockets_.reset();
  return recorders_.empty();
}

void ChannelRunner::tell_end() { home_->events.deliver(std::move(closed_), *last_); }

void ChannelRunner::play(std::unique_ptr<FrameSource> source,
                         const Playback::Rules& rules,
                         std::optional<RecorderId> prompt_of) {
  channel_.play(std::move(source), rules);
  prompt_of_ = prompt_of;
  home_->events.offer(PlayChanged{.channel = channel_.id(), .state = PlayState::Started});
}

bool ChannelRunner::pause_playing() {
  Playback& playback = channel_.playback();
  if (!playback.is_active()) return false;
  if (playback.is_held()) return true;
  playback.hold();
  home_->events.offer(PlayChanged{.channel = channel_.id(), .state = PlayState::Paused});
  return true;
}

bool ChannelRunner::resume_playing() {
  Playback& playback = channel_.playback();
  if (!playback.is_active()) return false;
  if (!playback.is_held()) return true;
  playback.go_on();
  home_->events.offer(PlayChanged{.channel = channel_.id(), .state = PlayState::Resumed});
  return true;
}

bool ChannelRunner::stop_playing() {
  if (!channel_.playback().is_active()) return false;
  channel_.stop_playing(PlayEnd::Stopped);
  return true;
}

void ChannelRunner::record(RecorderId id, std::unique_ptr<RecorderFeed> feed) {
  feed->begin(static_cast<std::uint32_t>(std::min<std::uint64_t>(channel_.packets_heard(), UINT32_MAX)));
  channel_.add_tap(*feed);
  recorders_.push_back({.id = id, .feed = std::move(feed)});
}

RecorderFeed* ChannelRunner::recorder(RecorderId id) {
  const auto found = std::ranges::find(recorders_, id, &Recorder::id);
  return found == recorders_.end() ? nullptr : found->feed.get();
}

bool ChannelRunner::forget_recorder(RecorderId id) {
  if (RecorderFeed* const feed = recorder(id)) {
    channel_.remove_tap(*feed);
    std::erase_if(recorders_, [id](const Recorder& each) { return each.id == id; });
  }
  return last_ && recorders_.empty();
}

void ChannelRunner::read(ReaderId id, std::unique_ptr<ReaderFeed> feed) {
  channel_.add_tap(*feed);
  readers_.push_back({.id = id, .feed = std::move(feed)});
}

void ChannelRunner::stop_reading(ReaderId id) {
  const auto found = std::ranges::find(readers_, id, &Reader::id);
  if (found == readers_.end()) return;
  channel_.remove_tap(*found->feed);
  readers_.erase(found);
}

void ChannelRunner::detect_inband_keys(bool is_wanted) {
  if (is_wanted == (inband_keys_ != nullptr)) return;
  if (is_wanted) {
    inband_keys_ = std::make_unique<InbandKeys>(*this);
    channel_.add_tap(*inband_keys_);
  } else {
    channel_.remove_tap(*inband_keys_);
    inband_keys_.reset();
  }
}

void ChannelRunner::tell_mix(bool has_started) {
  home_->events.offer(MixChanged{.channel = channel_.id(), .has_started = has_started});
}

std::optional<Drop> ChannelRunner::send(std::span<const std::uint8_t> packet, const Address& to) {
  return pair_->send(packet, to);
}

std::optional<Drop> ChannelRunner::send_control(std::span<const std::uint8_t> packet, const Address& to) {
  return pair_->send_control(packet, to);
}

void ChannelRunner::source_rejected(const Address& from) {
  home_->events.offer(SourceRejected{.channel = channel_.id(), .from = from});
}

void ChannelRunner::key_pressed(char key, KeySource source) {
  home_->events.offer(
      KeyPressed{.channel = channel_.id(), .key = key, .is_inband = source == KeySource::Inband});
}

void ChannelRunner::key_released(char key, Millis held) {
  home_->events.offer(KeyReleased{.channel = channel_.id(), .key = key, .held = held});
}

void ChannelRunner::play_ended(PlayEnd reason) {
  // Before the recorder that waited for it begins, which another thread tells of.
  home_->events.offer(PlayEnded{.channel = channel_.id(), .reason = reason});
  if (!prompt_of_) return;
  if (RecorderFeed* const feed = recorder(*prompt_of_)) feed->release();
  prompt_of_.reset();
}

void ChannelRunner::needs_arranging() { home_->on_needs_arranging(channel_.id()); }

}  // namespace mediaswitch
