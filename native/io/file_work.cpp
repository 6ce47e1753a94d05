#include "io/file_work.hpp"

#include <utility>

namespace mediaswitch {

FileWork::FileWork(Events& events, Waker& waker, std::size_t sender, Disk disk, Millis period)
    : events_(events),
      waker_(waker),
      sender_(sender),
      disk_(std::move(disk)),
      reading_(period),
      writing_(period) {}

FileWork::~FileWork() { stop(); }

std::unique_ptr<PlayerFeed> FileWork::play(Playlist playlist, ClockRate sampling) {
  auto line = std::make_shared<PlayerLine>(sampling);
  auto feed = std::make_unique<PlayerFeed>(line);
  reading_.add(std::make_unique<PlayerJob>(std::move(line),
                                           PlaylistReader(std::move(playlist), sampling, disk_.open)));
  return feed;
}

std::unique_ptr<RecorderFeed> FileWork::record(const RecorderSpec& spec,
                                               std::string path,
                                               std::function<void()> on_done) {
  auto line = std::make_shared<RecorderLine>(spec, events_, waker_);
  auto feed = std::make_unique<RecorderFeed>(line, writing_.bell());
  OpenSink open = [make = disk_.make, path = std::move(path)] { return make(path); };
  writing_.add(std::make_unique<RecorderJob>(
      std::move(line),
      std::move(open),
      RecorderJob::Outlets{.events = EventOutlet(events_, waker_, sender_), .on_done = std::move(on_done)}));
  return feed;
}

void FileWork::stop() {
  reading_.stop();
  writing_.stop();
}

}  // namespace mediaswitch
