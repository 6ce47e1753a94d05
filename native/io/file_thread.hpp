#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/time.hpp"
#include "io/bell.hpp"

namespace mediaswitch {

/// Something a file thread does a piece at a time.
class FileJob {
 public:
  enum class Progress : std::uint8_t {
    /// There is more to do at once, after the other jobs have had their turn.
    More,
    /// Nothing more for now.
    Idle,
    /// Nothing more for ever.
    Done,
  };

  FileJob() = default;
  FileJob(const FileJob&) = delete;
  FileJob& operator=(const FileJob&) = delete;
  FileJob(FileJob&&) = delete;
  FileJob& operator=(FileJob&&) = delete;
  virtual ~FileJob() = default;

  /// File thread: does a piece of what there is to do; may wait for the disk.
  virtual Progress work() = 0;
  /// File thread: the last call, in place of any further `work`.
  virtual void wrap_up() = 0;
};

/// A thread that may wait for the disk, and looks after its jobs in turn: at once when its bell rings, else
/// once a period, so that media threads need not ring it for each frame. Without a job it sleeps.
class FileThread {
 public:
  static constexpr Millis usual_period{100};

  explicit FileThread(Millis period = usual_period);
  FileThread(const FileThread&) = delete;
  FileThread& operator=(const FileThread&) = delete;
  FileThread(FileThread&&) = delete;
  FileThread& operator=(FileThread&&) = delete;
  /// Stops.
  ~FileThread();

  /// Any thread but the media threads; never waits for the disk. Destroyed by the file thread.
  void add(std::unique_ptr<FileJob> job);

  /// Makes the thread look after its jobs now. May outlive the thread.
  [[nodiscard]] const std::shared_ptr<Bell>& bell() const { return bell_; }

  /// Wraps up every job and waits for the thread to end. What is added later is never done.
  void stop();

 private:
  using Jobs = std::vector<std::unique_ptr<FileJob>>;

  void run();
  bool take_orders(Jobs& jobs);

  Millis period_;
  std::shared_ptr<Bell> bell_ = std::make_shared<Bell>();
  /// Never held while a job works.
  std::mutex orders_;
  Jobs added_;
  bool must_stop_ = false;
  std::thread thread_;
};

}  // namespace mediaswitch
