#include "rtp/playback.hpp"

#include <algorithm>
#include <utility>

namespace mediaswitch {

void Playback::start(std::unique_ptr<FrameSource> source, const Rules& rules, std::uint64_t packets_heard) {
  source_ = std::move(source);
  ends_on_key_ = rules.ends_on_key;
  barge_in_.reset();
  if (rules.barge_in) {
    BargeIn::Options options = *rules.barge_in;
    options.heard_before = static_cast<std::uint32_t>(std::min<std::uint64_t>(packets_heard, UINT32_MAX));
    barge_in_.emplace(options);
  }
  is_held_ = false;
}

std::unique_ptr<FrameSource> Playback::stop() {
  is_held_ = false;
  barge_in_.reset();
  return std::move(source_);
}

FrameSource::Yield Playback::next(Frame& out) {
  if (is_held_) return FrameSource::Yield::Late;
  return source_->next(out);
}

bool Playback::is_interrupted_by(const Frame* heard) { return listens() && barge_in_->hear(heard); }

}  // namespace mediaswitch
