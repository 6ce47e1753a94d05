#include "io/player_feed.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

namespace mediaswitch {
namespace {

/// Read in one turn: so little that a hundred players that begin together all begin at once.
constexpr Millis piece{100};
constexpr std::size_t most_in_piece = 1600;

}  // namespace

PlayerFeed::~PlayerFeed() { line_->is_abandoned.store(true, std::memory_order_release); }

FrameSource::Yield PlayerFeed::next(Frame& out) {
  // Read before the ring: after the end was seen, all that was read is seen too.
  const PlayerLine::Progress progress = line_->progress.load(std::memory_order_acquire);
  std::array<std::int16_t, wide_frame> read{};
  const std::span frame = std::span(read).first(samples_in(frame_length, line_->sampling).value);
  if (progress == PlayerLine::Progress::Reading && line_->ring.size() < frame.size()) return Yield::Late;
  if (line_->ring.pop(frame) == 0) return Yield::End;
  match_.process(frame, line_->sampling, out.pcm(), out.sampling);
  return Yield::Audio;
}

PlayEnd PlayerFeed::reason() const {
  return line_->progress.load(std::memory_order_acquire) == PlayerLine::Progress::Failed ? PlayEnd::Error
                                                                                         : PlayEnd::Completed;
}

FileJob::Progress PlayerJob::work() {
  if (line_->is_abandoned.load(std::memory_order_acquire)) return Progress::Done;
  Ring<std::int16_t>& ring = line_->ring;
  if (!is_filling_ && ring.size() > ring.capacity() / 2) return Progress::Idle;
  std::array<std::int16_t, most_in_piece> pcm{};
  const std::size_t wanted = std::min<std::size_t>(ring.room(), samples_in(piece, line_->sampling).value);
  const std::size_t read = reader_.read(std::span(pcm).first(wanted));
  ring.push(std::span<const std::int16_t>(pcm).first(read));
  if (const auto end = reader_.ended()) {
    line_->progress.store(
        *end == PlayEnd::Error ? PlayerLine::Progress::Failed : PlayerLine::Progress::Completed,
        std::memory_order_release);
    return Progress::Done;
  }
  is_filling_ = ring.room() > 0;
  return is_filling_ ? Progress::More : Progress::Idle;
}

}  // namespace mediaswitch
