#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "audio/barge_in.hpp"
#include "audio/end_reason.hpp"
#include "audio/frame.hpp"
#include "audio/frame_source.hpp"

namespace mediaswitch {

/// What a channel plays: one source at a time, which can be held, and what ends it early.
class Playback {
 public:
  struct Rules {
    /// A key press ends it.
    bool ends_on_key = false;
    /// Speech ends it.
    std::optional<BargeIn::Options> barge_in;
  };

  /// Nothing may be playing. `packets_heard`: from the far end, so far.
  void start(std::unique_ptr<FrameSource> source, const Rules& rules, std::uint64_t packets_heard);
  /// Gives the source back for destruction; nothing plays from now on.
  std::unique_ptr<FrameSource> stop();

  void hold() { is_held_ = true; }
  void go_on() { is_held_ = false; }

  [[nodiscard]] bool is_active() const { return source_ != nullptr; }
  [[nodiscard]] bool is_held() const { return is_held_; }
  [[nodiscard]] bool ends_on_key() const { return is_active() && ends_on_key_; }
  [[nodiscard]] bool listens() const { return is_active() && barge_in_.has_value(); }

  /// What is to be said in this tick. Late: nothing, this time.
  FrameSource::Yield next(Frame& out);
  /// After End.
  [[nodiscard]] PlayEnd reason() const { return source_->reason(); }
  /// Tells it what was heard (nullptr: nothing). True: that was speech, which ends it.
  [[nodiscard]] bool is_interrupted_by(const Frame* heard);

 private:
  std::unique_ptr<FrameSource> source_;
  bool ends_on_key_ = false;
  std::optional<BargeIn> barge_in_;
  bool is_held_ = false;
};

}  // namespace mediaswitch
