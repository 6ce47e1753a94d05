#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "audio/frame_tap.hpp"
#include "codecs/codec.hpp"
#include "io/alarm.hpp"
#include "io/event.hpp"
#include "io/frame_ring.hpp"
#include "io/rate_match.hpp"

namespace mediaswitch {

enum class ReadDirection : std::uint8_t { In, Out, Both };

struct ReaderSpec {
  ReaderId id;
  ReadDirection direction = ReadDirection::In;
  /// `Both` has two channels, what came in on the left, and wants one of the L16 formats. L16 is read in the
  /// machine's octet order.
  AudioFormat format = AudioFormat::L16Narrow;
};

/// What the two ends of a reader share.
struct ReaderLine {
  /// One second: who reads later than that misses frames.
  static constexpr std::size_t most_ticks = 50;

  ReaderLine(const ReaderSpec& its_spec, Events& events, Waker& waker)
      : spec(its_spec),
        ring(most_ticks, spec.direction == ReadDirection::Both ? 2 : 1),
        readable(events, waker),
        ended(events, waker) {
    readable.arm();
    ended.arm();
  }

  ReaderSpec spec;
  FrameRing ring;
  Alarm readable;
  Alarm ended;
  std::atomic<std::uint64_t> dropped{0};
  std::atomic<bool> has_ended{false};
};

/// The channel's end: each tick becomes a frame, a silent one where there is nothing. When nobody reads,
/// frames are dropped and counted. Its destruction is the end of the stream: ReaderEnded.
class ReaderFeed final : public FrameTap {
 public:
  explicit ReaderFeed(std::shared_ptr<ReaderLine> line) : line_(std::move(line)) {}
  ReaderFeed(const ReaderFeed&) = delete;
  ReaderFeed& operator=(const ReaderFeed&) = delete;
  ReaderFeed(ReaderFeed&&) = delete;
  ReaderFeed& operator=(ReaderFeed&&) = delete;
  ~ReaderFeed() override;

  void take(const Frame* in, const Frame* out) override;

 private:
  std::shared_ptr<ReaderLine> line_;
};

/// JavaScript's end: frames to the octets of the format that was asked for.
class ReaderDrain {
 public:
  explicit ReaderDrain(std::shared_ptr<ReaderLine> line);

  /// Writes as many whole chunks as wait and `to` has room for. Returns the octets written; 0: nothing waits,
  /// and a Readable event will tell when something does.
  std::size_t read(std::span<std::uint8_t> to);

  /// Octets of one chunk: 20 ms, with iLBC/30 60 ms.
  [[nodiscard]] std::size_t chunk_octets() const;
  /// Octets that `read` would give now, when it is asked for no fewer.
  [[nodiscard]] std::size_t waiting() const;
  /// Nothing waits and nothing more will come.
  [[nodiscard]] bool has_ended() const;
  /// Frames that came while the ring was full.
  [[nodiscard]] std::uint64_t dropped() const { return line_->dropped.load(std::memory_order_relaxed); }

 private:
  /// One direction, brought to the reader's sampling rate.
  struct Side {
    RateMatch match;
    ClockRate sampling = narrowband;
  };

  [[nodiscard]] std::size_t tick_samples() const;
  [[nodiscard]] std::size_t chunk_ticks() const;
  [[nodiscard]] std::size_t channels() const;
  bool gather();
  void convert(Side& side, const Frame* frame, std::span<std::int16_t> to) const;
  void encode(std::span<std::uint8_t> chunk);

  std::shared_ptr<ReaderLine> line_;
  /// Nothing for L16.
  std::optional<Encoder> encoder_;
  Side in_;
  Side out_;
  /// The chunk that is being gathered, channels interleaved.
  std::array<std::int16_t, 2 * wide_frame> pcm_{};
  std::size_t ticks_gathered_ = 0;
};

struct OpenedReader {
  std::unique_ptr<ReaderFeed> feed;
  std::unique_ptr<ReaderDrain> drain;
};

/// JavaScript's thread. `feed` goes to the channel's shard.
OpenedReader open_reader(const ReaderSpec& spec, Events& events, Waker& waker);

}  // namespace mediaswitch
