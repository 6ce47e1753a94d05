#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "audio/end_reason.hpp"
#include "audio/frame_source.hpp"
#include "audio/playlist.hpp"
#include "core/ring.hpp"
#include "io/file_thread.hpp"
#include "io/rate_match.hpp"

namespace mediaswitch {

/// What the channel's end and the file thread's end of a player share.
struct PlayerLine {
  /// Read ahead at most; at half of it the file thread goes on reading.
  static constexpr Millis longest_lead{1000};

  explicit PlayerLine(ClockRate its_sampling)
      : sampling(its_sampling), ring(samples_in(longest_lead, sampling).value) {}

  enum class Progress : std::uint8_t { Reading, Completed, Failed };

  ClockRate sampling;
  Ring<std::int16_t> ring;
  std::atomic<Progress> progress{Progress::Reading};
  /// Nobody listens any more.
  std::atomic<bool> is_abandoned{false};
};

/// The channel's end: what a file thread has read. When that is late, playing goes on later where it was.
class PlayerFeed final : public FrameSource {
 public:
  explicit PlayerFeed(std::shared_ptr<PlayerLine> line) : line_(std::move(line)) {}
  PlayerFeed(const PlayerFeed&) = delete;
  PlayerFeed& operator=(const PlayerFeed&) = delete;
  PlayerFeed(PlayerFeed&&) = delete;
  PlayerFeed& operator=(PlayerFeed&&) = delete;
  /// The file thread closes what it has open, and frees the rest.
  ~PlayerFeed() override;

  /// The last frame is filled up with silence.
  Yield next(Frame& out) override;

  [[nodiscard]] PlayEnd reason() const override;

 private:
  std::shared_ptr<PlayerLine> line_;
  RateMatch match_;
};

/// The file thread's end.
class PlayerJob final : public FileJob {
 public:
  PlayerJob(std::shared_ptr<PlayerLine> line, PlaylistReader reader)
      : line_(std::move(line)), reader_(std::move(reader)) {}

  Progress work() override;
  void wrap_up() override {}

 private:
  std::shared_ptr<PlayerLine> line_;
  PlaylistReader reader_;
  bool is_filling_ = true;
};

}  // namespace mediaswitch
