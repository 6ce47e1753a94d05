#include "io/recorder_feed.hpp"

#include <doctest/doctest.h>
#include <memory>
#include <utility>
#include <vector>

#include "audio/wav.hpp"
#include "support/allocation_count.hpp"
#include "support/event_box.hpp"
#include "support/frames.hpp"
#include "support/gated_disk.hpp"

using namespace mediaswitch;
using Progress = FileJob::Progress;
using test::EventBox;
using test::GatedDisk;
using test::level_frame;

namespace {

constexpr ChannelId channel{4};
constexpr RecorderId recorder{9};
/// Room in the ring.
constexpr int room = 100;

RecorderSpec mono() {
  return {.channel = channel,
          .recorder = recorder,
          .recording = {.channels = 1, .direction = RecordDirection::Both}};
}

/// Both ends of a recorder, without a thread.
struct Rig {
  explicit Rig(const RecorderSpec& spec = mono())
      : line(std::make_shared<RecorderLine>(spec, box.events(), box)),
        feed(std::make_unique<RecorderFeed>(line, std::make_shared<Bell>())),
        job(std::make_unique<RecorderJob>(
            line,
            [this] { return disk.disk().make("file"); },
            RecorderJob::Outlets{.events = EventOutlet(box.events(), box, 0),
                                 .on_done = [this] { ++times_done; }})) {}

  /// As a file thread would until it has nothing more to do.
  Progress work() const {
    Progress progress = Progress::More;
    while (progress == Progress::More) progress = job->work();
    return progress;
  }

  /// One tick in which the far end says this.
  void hear(int value) const {
    const Frame frame = level_frame(static_cast<std::int16_t>(value));
    feed->take(&frame, nullptr);
  }

  /// What each tick in the file says.
  std::vector<int> recorded() {
    std::vector<int> values;
    const GatedDisk::Octets octets = disk.content("file");
    for (std::size_t at = wav_header_size; at < octets.size(); at += 2 * narrow_frame) {
      values.push_back(static_cast<std::int16_t>(octets[at] | octets[at + 1] << 8U));
    }
    return values;
  }

  EventBox box;
  GatedDisk disk;
  int times_done = 0;
  std::shared_ptr<RecorderLine> line;
  std::unique_ptr<RecorderFeed> feed;
  std::unique_ptr<RecorderJob> job;
};

std::vector<int> up_to(int from, int to) {
  std::vector<int> values;
  for (int i = from; i < to; ++i) values.push_back(i);
  return values;
}

/// The states told; the events are of nothing else.
std::vector<RecordState> states(const std::vector<Event>& events) {
  std::vector<RecordState> told;
  for (const Event& event : events) {
    const auto& changed = std::get<RecordChanged>(event);
    CHECK(changed.channel == channel);
    CHECK(changed.recorder == recorder);
    told.push_back(changed.state);
  }
  return told;
}

using States = std::vector<RecordState>;

}  // namespace

TEST_CASE("what a channel hears and says is in the file, and the end is told last") {
  Rig rig({.channel = channel, .recorder = recorder, .recording = {}});
  rig.feed->begin(0);
  CHECK(rig.work() == Progress::Idle);
  CHECK(states(rig.box.take()) == States{RecordState::Recording});
  const Frame in = level_frame(100);
  const Frame out = level_frame(-100);
  rig.feed->take(&in, &out);
  rig.feed->take(nullptr, nullptr);
  rig.feed->take(nullptr, &out);
  CHECK(rig.work() == Progress::Idle);
  CHECK_FALSE(rig.feed->is_over());
  rig.feed->finish(RecordEnd::Requested);
  rig.feed->take(&in, &out);
  CHECK(rig.work() == Progress::Done);
  CHECK(rig.feed->is_over());
  CHECK(rig.times_done == 1);

  const GatedDisk::Octets octets = rig.disk.content("file");
  REQUIRE(octets.size() == wav_header_size + 2 * narrow_frame * 4);
  const auto sample = [&](std::size_t at) {
    const std::size_t octet = wav_header_size + 2 * at;
    return static_cast<std::int16_t>(octets[octet] | octets[octet + 1] << 8U);
  };
  for (std::size_t i = 0; i < narrow_frame; ++i) {
    REQUIRE(sample(2 * i) == 100);
    REQUIRE(sample(2 * i + 1) == -100);
    REQUIRE(sample(2 * narrow_frame + 2 * i) == 0);
    REQUIRE(sample(2 * narrow_frame + 2 * i + 1) == -100);
  }
  const std::vector<Event> events = rig.box.take();
  REQUIRE(events.size() == 1);
  const auto& finished = std::get<RecordFinished>(events[0]);
  CHECK(finished.channel == channel);
  CHECK(finished.recorder == recorder);
  CHECK(finished.reason == RecordEnd::Requested);
  CHECK(finished.octets == octets.size());
  CHECK(finished.duration == Millis(40));
  CHECK(rig.disk.open_files() == 0);
}

TEST_CASE("a pause begins and ends between the right ticks") {
  Rig rig;
  rig.feed->begin(0);
  for (int i = 0; i < 20; ++i) {
    if (i == 5) rig.feed->pause();
    if (i == 12) rig.feed->resume();
    rig.hear(i);
  }
  rig.feed->finish(RecordEnd::Requested);
  rig.work();
  std::vector<int> expected = up_to(0, 5);
  for (const int each : up_to(12, 20)) expected.push_back(each);
  CHECK(rig.recorded() == expected);
  std::vector<Event> events = rig.box.take();
  REQUIRE(std::holds_alternative<RecordFinished>(events.back()));
  events.pop_back();
  CHECK(states(events) == States{RecordState::Recording, RecordState::Paused, RecordState::Resumed});
}

TEST_CASE("a pause is told without waiting for the next tick") {
  Rig rig;
  rig.feed->begin(0);
  rig.work();
  rig.box.take();
  rig.feed->pause();
  rig.work();
  CHECK(states(rig.box.take()) == States{RecordState::Paused});
}

TEST_CASE("the disk is slow: two seconds are kept, the rest is lost and counted, told once each time") {
  Rig rig;
  rig.feed->begin(0);
  rig.work();
  rig.box.take();
  for (int episode = 0; episode < 3; ++episode) {
    for (int i = 0; i < room; ++i) rig.hear(i);
    CHECK(rig.box.take().empty());
    CHECK(rig.feed->lost() == static_cast<std::uint64_t>(25 * episode));
    for (int i = 0; i < 20; ++i) rig.hear(-1);
    CHECK(rig.feed->lost() == static_cast<std::uint64_t>(25 * episode + 20));
    CHECK(states(rig.box.take()) == States{RecordState::SlowDisk});
    // One turn makes room, but the file thread has not caught up: it is the same episode.
    CHECK(rig.job->work() == Progress::More);
    for (int i = 0; i < 25; ++i) rig.hear(100 + i);
    for (int i = 0; i < 5; ++i) rig.hear(-1);
    rig.work();
    CHECK(rig.box.take().empty());
  }
  rig.feed.reset();
  rig.work();
  const std::vector<int> once = up_to(0, room + 25);
  std::vector<int> expected;
  for (int episode = 0; episode < 3; ++episode) expected.insert(expected.end(), once.begin(), once.end());
  CHECK(rig.recorded() == expected);
}

TEST_CASE("SlowDisk and RecordFinished come through however full the mailbox is") {
  Rig rig;
  rig.feed->begin(0);
  rig.work();
  while (rig.box.events().offer(0, KeyPressed{})) {
  }
  while (rig.box.events().offer(1, KeyPressed{})) {
  }
  for (int i = 0; i <= room; ++i) rig.hear(i);
  rig.feed.reset();
  rig.work();
  int slow = 0;
  int finished = 0;
  for (const Event& event : rig.box.take()) {
    const auto* changed = std::get_if<RecordChanged>(&event);
    slow += changed != nullptr && changed->state == RecordState::SlowDisk ? 1 : 0;
    finished += std::holds_alternative<RecordFinished>(event) ? 1 : 0;
  }
  CHECK(slow == 1);
  CHECK(finished == 1);
}

TEST_CASE("what is wished while there is no room takes effect when there is") {
  Rig rig;
  rig.feed->begin(0);
  for (int i = 0; i < room; ++i) rig.hear(i);
  rig.feed->pause();
  rig.hear(-1);
  rig.work();
  rig.hear(-2);
  rig.work();
  CHECK(rig.recorded().size() == static_cast<std::size_t>(room));
  rig.feed->resume();
  rig.hear(7);
  rig.feed.reset();
  rig.work();
  std::vector<int> expected = up_to(0, room);
  expected.push_back(7);
  CHECK(rig.recorded() == expected);
}

TEST_CASE("an end while there is no room loses nothing of what came before") {
  Rig rig;
  rig.feed->begin(0);
  for (int i = 0; i < room; ++i) rig.hear(i);
  rig.feed->finish(RecordEnd::Replaced);
  CHECK(rig.work() == Progress::Done);
  CHECK(rig.recorded() == up_to(0, room));
}

TEST_CASE("a recorder that ends by itself says so to the channel, and only once to all") {
  Rig rig({.channel = channel,
           .recorder = recorder,
           .recording = {.channels = 1, .direction = RecordDirection::In, .longest = Millis(60)}});
  rig.feed->begin(0);
  for (int i = 0; i < 10; ++i) rig.hear(i);
  CHECK(rig.work() == Progress::Done);
  CHECK(rig.feed->is_over());
  CHECK(rig.recorded() == up_to(0, 3));
  rig.hear(5);
  rig.feed->finish(RecordEnd::Requested);
  rig.feed.reset();
  const std::vector<Event> events = rig.box.take();
  REQUIRE(events.size() == 2);
  CHECK(std::get<RecordFinished>(events[1]).reason == RecordEnd::Timeout);
  CHECK(rig.times_done == 1);
}

TEST_CASE("what the disk refuses is the recorder's end") {
  for (const auto& [answer, reason] : {std::pair(ByteSink::Written::DiskFull, RecordEnd::DiskFull),
                                       std::pair(ByteSink::Written::Failed, RecordEnd::WriteFailed)}) {
    Rig rig;
    rig.feed->begin(0);
    rig.work();
    rig.box.take();
    rig.disk.answer(answer);
    for (int i = 0; i < 60; ++i) rig.hear(i);
    CHECK(rig.work() == Progress::Done);
    CHECK(rig.feed->is_over());
    const std::vector<Event> events = rig.box.take();
    REQUIRE(events.size() == 1);
    CHECK(std::get<RecordFinished>(events[0]).reason == reason);
    CHECK(rig.disk.open_files() == 0);
  }
}

TEST_CASE("a channel that goes ends its recorder") {
  Rig rig;
  rig.feed->begin(0);
  for (int i = 0; i < 30; ++i) rig.hear(i);
  rig.feed.reset();
  CHECK(rig.work() == Progress::Done);
  CHECK(rig.recorded() == up_to(0, 30));
  CHECK(std::get<RecordFinished>(rig.box.take().back()).reason == RecordEnd::ChannelClosed);
}

TEST_CASE("no file is made before the recorder begins, but its end is told") {
  Rig rig;
  CHECK(rig.work() == Progress::Idle);
  rig.feed.reset();
  CHECK(rig.work() == Progress::Done);
  CHECK_FALSE(rig.disk.has("file"));
  const std::vector<Event> events = rig.box.take();
  REQUIRE(events.size() == 1);
  CHECK(std::get<RecordFinished>(events[0]).reason == RecordEnd::ChannelClosed);
  CHECK(std::get<RecordFinished>(events[0]).octets == 0);
  CHECK(rig.times_done == 1);
}

TEST_CASE("the file thread stops: what came is written, the end is told") {
  Rig rig;
  rig.feed->begin(0);
  for (int i = 0; i < 90; ++i) rig.hear(i);
  rig.job->wrap_up();
  CHECK(rig.recorded() == up_to(0, 90));
  CHECK(std::get<RecordFinished>(rig.box.take().back()).reason == RecordEnd::ChannelClosed);
  CHECK(rig.times_done == 1);
  CHECK(rig.feed->is_over());

  Rig not_begun;
  not_begun.job->wrap_up();
  CHECK(not_begun.times_done == 1);

  Rig ended;
  ended.feed->begin(0);
  ended.feed->finish(RecordEnd::Requested);
  ended.job->wrap_up();
  CHECK(ended.times_done == 1);
  CHECK(std::get<RecordFinished>(ended.box.take().back()).reason == RecordEnd::Requested);
}

TEST_CASE("a recorder that was held writes what came in meanwhile when it is let go") {
  RecorderSpec spec = mono();
  spec.begin = Recorder::Begin::Held;
  SUBCASE("and goes on") {
    Rig rig(spec);
    rig.feed->begin(0);
    for (int i = 0; i < 10; ++i) rig.hear(i);
    rig.work();
    CHECK_FALSE(rig.disk.has("file"));
    rig.feed->release();
    for (int i = 10; i < 20; ++i) rig.hear(i);
    rig.feed.reset();
    rig.work();
    CHECK(rig.recorded() == up_to(0, 20));
  }
  SUBCASE("though it ends at once, and there was no room to tell") {
    Rig rig(spec);
    rig.feed->begin(0);
    for (int i = 0; i < room; ++i) rig.hear(i);
    rig.feed->release();
    rig.feed->finish(RecordEnd::Requested);
    rig.work();
    CHECK(rig.recorded() == up_to(0, room));
  }
}

TEST_CASE("power is heeded of what comes in, also when only what goes out is recorded") {
  Rig rig({.channel = channel,
           .recorder = recorder,
           .recording = {.channels = 1,
                         .direction = RecordDirection::Out,
                         .start_above_power = 500,
                         .average_packets = 1}});
  // The warm-up is over.
  rig.feed->begin(1000);
  const Frame out = level_frame(77);
  Frame loud;
  for (std::size_t i = 0; i < loud.pcm().size(); ++i) loud.pcm()[i] = i % 2 == 0 ? 3000 : -3000;
  for (int i = 0; i < 10; ++i) rig.feed->take(nullptr, &out);
  rig.work();
  CHECK(rig.box.take().empty());
  rig.feed->take(&loud, &out);
  rig.work();
  CHECK(states(rig.box.take()) == States{RecordState::AbovePower});
}

TEST_CASE("two seconds are kept at 16 kHz too, with as many voices as are needed") {
  const Frame wide = level_frame(5, wideband);
  for (const RecordDirection direction : {RecordDirection::In, RecordDirection::Out, RecordDirection::Both}) {
    Rig rig({.channel = channel,
             .recorder = recorder,
             .recording = {.channels = 2, .direction = direction},
             .sampling = wideband});
    rig.feed->begin(0);
    for (int i = 0; i < room; ++i) rig.feed->take(&wide, &wide);
    CHECK(rig.feed->lost() == 0);
    rig.feed->take(&wide, &wide);
    CHECK(rig.feed->lost() == 1);
    rig.feed.reset();
    rig.work();
    CHECK(rig.disk.content("file").size() == wav_header_size + room * 4 * wide_frame);
  }
}

TEST_CASE("the channel's end of a recorder asks for no memory") {
  Rig rig;
  const Frame frame = level_frame(3);
  const std::size_t before = test::allocation_count();
  rig.feed->begin(0);
  for (int i = 0; i < 120; ++i) rig.feed->take(&frame, i % 2 == 0 ? nullptr : &frame);
  rig.feed->pause();
  rig.feed->resume();
  rig.feed->release();
  rig.feed.reset();
  CHECK(test::allocation_count() == before);
  rig.work();
}
