#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "audio/byte_sink.hpp"
#include "audio/byte_source.hpp"
#include "audio/playlist.hpp"
#include "io/event.hpp"
#include "io/file.hpp"
#include "io/file_thread.hpp"
#include "io/player_feed.hpp"
#include "io/recorder_feed.hpp"

namespace mediaswitch {

/// Where files are; in tests another place than the real one.
struct Disk {
  OpenSource open = open_file;
  std::function<std::unique_ptr<ByteSink>(const std::string& path)> make = make_file;
};

/// All reading and writing of files, off the media threads: one thread reads what is played, another writes
/// what is recorded, so that a write that takes long makes no player late.
///
/// Its methods are for JavaScript's thread and never wait for the disk, except `stop`. The feeds they make go
/// to the shards; they may outlive it.
class FileWork {
 public:
  /// `sender`: a number in `events` that is nobody else's. `period`: as of FileThread.
  FileWork(Events& events,
           Waker& waker,
           std::size_t sender,
           Disk disk = {},
           Millis period = FileThread::usual_period);
  FileWork(const FileWork&) = delete;
  FileWork& operator=(const FileWork&) = delete;
  FileWork(FileWork&&) = delete;
  FileWork& operator=(FileWork&&) = delete;
  /// Stops.
  ~FileWork();

  /// `sampling`: what the channel says at best, 8 or 16 kHz.
  std::unique_ptr<PlayerFeed> play(Playlist playlist, ClockRate sampling);

  /// `on_done`: on the writing thread, after RecordFinished was sent; may be empty.
  std::unique_ptr<RecorderFeed> record(const RecorderSpec& spec,
                                       std::string path,
                                       std::function<void()> on_done);

  /// Writes all that is being recorded to its end and ends the threads; waits for that. To be called when no
  /// shard takes ticks any more, and only then.
  void stop();

 private:
  Events& events_;
  Waker& waker_;
  std::size_t sender_;
  Disk disk_;
  FileThread reading_;
  FileThread writing_;
};

}  // namespace mediaswitch
