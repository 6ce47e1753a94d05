#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "audio/end_reason.hpp"
#include "audio/frame_source.hpp"
#include "core/ring.hpp"
#include "io/alarm.hpp"
#include "io/event.hpp"
#include "io/rate_match.hpp"

namespace mediaswitch {

struct WriterSpec {
  WriterId id;
  /// 8 or 16 kHz, of what is written.
  ClockRate sampling = narrowband;
};

/// What the two ends of a writer share.
struct WriterLine {
  static constexpr Millis longest_wait{1000};

  WriterLine(const WriterSpec& its_spec, Events& events, Waker& waker)
      : spec(its_spec),
        ring(samples_in(longest_wait, spec.sampling).value),
        writable(events, waker),
        ended(events, waker) {
    ended.arm();
  }

  enum class Progress : std::uint8_t { Open, Ended, Discarded };

  WriterSpec spec;
  Ring<std::int16_t> ring;
  Alarm writable;
  Alarm ended;
  std::atomic<Progress> progress{Progress::Open};
};

/// The channel's end: plays what a script writes. Its destruction ends the writer: WriterEnded.
class WriterFeed final : public FrameSource {
 public:
  explicit WriterFeed(std::shared_ptr<WriterLine> line) : line_(std::move(line)) {}
  WriterFeed(const WriterFeed&) = delete;
  WriterFeed& operator=(const WriterFeed&) = delete;
  WriterFeed(WriterFeed&&) = delete;
  WriterFeed& operator=(WriterFeed&&) = delete;
  ~WriterFeed() override;

  Yield next(Frame& out) override;

  [[nodiscard]] PlayEnd reason() const override;

 private:
  std::shared_ptr<WriterLine> line_;
  RateMatch match_;
};

/// JavaScript's end.
class WriterFill {
 public:
  explicit WriterFill(std::shared_ptr<WriterLine> line) : line_(std::move(line)) {}

  /// Samples taken, from the front: fewer when it is full, and then a Writable event tells when half of it is
  /// free. None after `end` or `close`.
  std::size_t write(std::span<const std::int16_t> samples);
  /// What was taken is played out; the last frame is filled up with silence.
  void end();
  /// What was not played yet is given up.
  void close();

 private:
  std::shared_ptr<WriterLine> line_;
};

struct OpenedWriter {
  std::unique_ptr<WriterFeed> feed;
  std::unique_ptr<WriterFill> fill;
};

/// JavaScript's thread. `feed` goes to the channel's shard.
OpenedWriter open_writer(const WriterSpec& spec, Events& events, Waker& waker);

}  // namespace mediaswitch
