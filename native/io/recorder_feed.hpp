#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "audio/end_reason.hpp"
#include "audio/frame_tap.hpp"
#include "audio/recorder.hpp"
#include "io/alarm.hpp"
#include "io/bell.hpp"
#include "io/event.hpp"
#include "io/file_thread.hpp"
#include "io/frame_ring.hpp"

namespace mediaswitch {

struct RecorderSpec {
  ChannelId channel;
  RecorderId recorder;
  Recording recording;
  /// Of the file.
  ClockRate sampling = narrowband;
  Recorder::Begin begin = Recorder::Begin::Now;
};

/// What the channel's end and the file thread's end of a recorder share.
struct RecorderLine {
  /// Two seconds: a disk that is slower than that costs audio.
  static constexpr std::size_t most_ticks = 100;

  RecorderLine(const RecorderSpec& its_spec, Events& events, Waker& waker);

  /// Which voices the file thread needs: those of the direction, and what comes in if its power counts.
  [[nodiscard]] bool wants_in() const;
  [[nodiscard]] bool wants_out() const;

  /// What the channel has told by now. It goes along with each tick, so that it takes effect between the
  /// right ones and, while there is no room, is told later rather than lost.
  struct Wishes {
    bool is_paused = false;
    bool is_released = false;
  };
  struct Ending {
    RecordEnd reason;
    Wishes wishes;
  };

  RecorderSpec spec;
  FrameRing ring;
  /// RecordChanged to SlowDisk, once until the file thread has caught up.
  Alarm slow;
  std::atomic<std::uint64_t> lost{0};
  /// Packets heard before it began; below 0: it has not begun yet.
  std::atomic<std::int64_t> heard_before{-1};
  /// Written once, before `has_ending` is set.
  Ending ending{};
  std::atomic<bool> has_ending{false};
  std::atomic<bool> is_over{false};
};

/// The channel's end. Its destruction ends the recording as ChannelClosed, if it had not ended yet; the file
/// thread then writes what it has not written yet.
class RecorderFeed final : public FrameTap {
 public:
  RecorderFeed(std::shared_ptr<RecorderLine> line, std::shared_ptr<Bell> bell);
  RecorderFeed(const RecorderFeed&) = delete;
  RecorderFeed& operator=(const RecorderFeed&) = delete;
  RecorderFeed(RecorderFeed&&) = delete;
  RecorderFeed& operator=(RecorderFeed&&) = delete;
  ~RecorderFeed() override;

  /// To be called first, once; before it no file is made. `heard_before`: packets that the channel has
  /// received.
  void begin(std::uint32_t heard_before);
  void take(const Frame* in, const Frame* out) override;
  void pause();
  void resume();
  /// Of a recorder that began held.
  void release();
  /// The first reason counts. Nothing is taken any more.
  void finish(RecordEnd reason);

  /// It has ended, maybe by itself; RecordFinished is or will be among the events.
  [[nodiscard]] bool is_over() const { return line_->is_over.load(std::memory_order_acquire); }
  /// Ticks that found no room because the disk was slow.
  [[nodiscard]] std::uint64_t lost() const { return line_->lost.load(std::memory_order_relaxed); }

 private:
  void tell_wishes();

  std::shared_ptr<RecorderLine> line_;
  std::shared_ptr<Bell> bell_;
  RecorderLine::Wishes wishes_;
};

/// The file thread's end.
class RecorderJob final : public FileJob {
 public:
  struct Outlets {
    EventOutlet events;
    /// File thread, after RecordFinished was sent; may be empty.
    std::function<void()> on_done;
  };

  RecorderJob(std::shared_ptr<RecorderLine> line, OpenSink open, Outlets outlets);

  Progress work() override;
  void wrap_up() override;

 private:
  bool has_begun();
  void heed(RecorderLine::Wishes wishes);
  void finish(RecordEnd reason);
  void tell(const Recorder::News& news);
  void conclude(const Recorder::Finish& finish);

  std::shared_ptr<RecorderLine> line_;
  OpenSink open_;
  Outlets outlets_;
  std::optional<Recorder> recorder_;
  RecorderLine::Wishes heeded_;
  HeardTick tick_;
  Events::Reservation finished_;
};

}  // namespace mediaswitch
