#include "io/file_work.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <doctest/doctest.h>
#include <fstream>
#include <iterator>
#include <latch>
#include <numeric>
#include <poll.h>
#include <signal.h>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "audio/wav.hpp"
#include "support/event_box.hpp"
#include "support/frames.hpp"
#include "support/gated_disk.hpp"
#include "support/temporary_folder.hpp"
#include "support/wav_builder.hpp"

using namespace mediaswitch;
using test::EventBox;
using test::GatedDisk;
using test::level_frame;
using Yield = FrameSource::Yield;

namespace {

constexpr ChannelId channel{1};
constexpr std::size_t sender = 0;
/// The tests' channels have no clock: they are as fast as they can.
constexpr Millis soon{1};

RecorderSpec mono(std::uint64_t recorder = 1) {
  return {.channel = channel,
          .recorder = RecorderId{recorder},
          .recording = {.channels = 1, .direction = RecordDirection::In}};
}

Playlist list_of(const std::string& path, std::uint32_t plays = 1) {
  return {.entries = {PlaylistFile{.path = path, .coding = {}, .stop = {}}}, .plays = plays};
}

std::vector<std::int16_t> counting(std::size_t samples) {
  std::vector<std::int16_t> pcm(samples);
  std::iota(pcm.begin(), pcm.end(), std::int16_t{1});
  return pcm;
}

std::vector<std::uint8_t> content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::uint32_t word_at(const std::vector<std::uint8_t>& octets, std::size_t at) {
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < 4; ++i) word |= std::uint32_t{octets.at(at + i)} << 8 * i;
  return word;
}

/// Everything of a source; waits for it where it is late.
std::vector<std::int16_t> play_out(FrameSource& source) {
  std::vector<std::int16_t> played;
  Frame frame;
  for (;;) {
    const Yield yield = source.next(frame);
    if (yield == Yield::End) return played;
    if (yield == Yield::Late) {
      std::this_thread::yield();
    } else {
      played.insert(played.end(), frame.pcm().begin(), frame.pcm().end());
    }
  }
}

}  // namespace

TEST_CASE("files are recorded and played back, several at a time") {
  const test::TemporaryFolder folder;
  EventBox box;
  FileWork work(box.events(), box, sender, {}, soon);
  std::latch done(3);
  for (std::uint64_t i = 0; i < 3; ++i) {
    const auto feed = work.record(mono(i), folder.file(std::to_string(i)), [&done] { done.count_down(); });
    feed->begin(0);
    for (int tick = 0; tick < 50; ++tick) {
      const Frame frame = level_frame(static_cast<std::int16_t>(1000 * i + static_cast<unsigned>(tick)));
      feed->take(&frame, nullptr);
    }
    feed->finish(RecordEnd::Requested);
  }
  done.wait();
  CHECK(box.take_count<RecordFinished>() == 3);

  std::vector<std::unique_ptr<PlayerFeed>> players;
  for (int i = 0; i < 3; ++i)
    players.push_back(work.play(list_of(folder.file(std::to_string(i))), narrowband));
  for (std::size_t i = 0; i < 3; ++i) {
    const std::vector<std::int16_t> played = play_out(*players[i]);
    REQUIRE(played.size() == 50 * narrow_frame);
    for (std::size_t at = 0; at < played.size(); ++at) {
      REQUIRE(played[at] == static_cast<std::int16_t>(1000 * i + at / narrow_frame));
    }
    CHECK(players[i]->reason() == PlayEnd::Completed);
  }
  const auto none = work.play(list_of(folder.file("none")), narrowband);
  CHECK(play_out(*none).empty());
  CHECK(none->reason() == PlayEnd::Error);
}

TEST_CASE("a file of minutes is played whole by two threads") {
  GatedDisk disk;
  EventBox box;
  const std::vector<std::int16_t> pcm = counting(300'003);
  disk.put("long", test::pcm_wav(pcm));
  FileWork work(box.events(), box, sender, disk.disk(), soon);
  const auto feed = work.play(list_of("long"), narrowband);
  std::vector<std::int16_t> played;
  Frame frame;
  std::size_t late = 0;
  for (Yield yield = feed->next(frame); yield != Yield::End; yield = feed->next(frame)) {
    if (yield == Yield::Late) {
      ++late;
      std::this_thread::yield();
      continue;
    }
    played.insert(played.end(), frame.pcm().begin(), frame.pcm().end());
  }
  REQUIRE(played.size() == (pcm.size() + 159) / 160 * 160);
  played.resize(pcm.size());
  CHECK(played == pcm);
  CHECK(late > 0);
}

TEST_CASE("a disk that doesn't answer: the channel's end never waits, players are not late for a write") {
  GatedDisk disk;
  disk.put("prompt", test::pcm_wav(counting(40'000)));
  EventBox box;
  FileWork work(box.events(), box, sender, disk.disk(), soon);
  disk.writing().close();
  const auto recorder = work.record(mono(), "record", [] {});
  recorder->begin(0);
  disk.writing().await_visitor();

  const Frame frame = level_frame(1);
  for (int i = 0; i < 1000; ++i) recorder->take(&frame, nullptr);
  CHECK(recorder->lost() == 900);
  CHECK_FALSE(recorder->is_over());
  const std::vector<Event> events = box.take();
  REQUIRE(events.size() == 1);
  CHECK(std::get<RecordChanged>(events[0]).state == RecordState::SlowDisk);

  const auto player = work.play(list_of("prompt"), narrowband);
  CHECK(play_out(*player).size() == 40'000);

  recorder->finish(RecordEnd::Requested);
  CHECK_FALSE(recorder->is_over());
  disk.writing().open();
  work.stop();
  CHECK(recorder->is_over());
  CHECK(box.take_count<RecordFinished>() == 1);
  CHECK(disk.content("record").size() == wav_header_size + 100 * 2 * narrow_frame);
}

TEST_CASE("a disk that doesn't answer: players say Late at once, and may be dropped while it is asked") {
  GatedDisk disk;
  disk.put("prompt", test::pcm_wav(counting(40'000)));
  EventBox box;
  FileWork work(box.events(), box, sender, disk.disk(), soon);
  disk.reading().close();
  auto dropped = work.play(list_of("prompt"), narrowband);
  const auto kept = work.play(list_of("prompt"), narrowband);
  disk.reading().await_visitor();
  Frame frame;
  for (int i = 0; i < 1000; ++i) {
    REQUIRE(dropped->next(frame) == Yield::Late);
    REQUIRE(kept->next(frame) == Yield::Late);
  }
  dropped.reset();
  disk.reading().open();
  CHECK(play_out(*kept) == counting(40'000));
  work.stop();
  CHECK(disk.open_files() == 0);
}

TEST_CASE("stopping writes out what is being recorded; feeds may live on") {
  const test::TemporaryFolder folder;
  EventBox box;
  std::unique_ptr<RecorderFeed> recorder;
  std::unique_ptr<PlayerFeed> player;
  std::atomic<int> done{0};
  {
    FileWork work(box.events(), box, sender, {}, soon);
    recorder = work.record(mono(), folder.file("a"), [&] { ++done; });
    recorder->begin(0);
    const Frame frame = level_frame(1);
    for (int i = 0; i < 77; ++i) recorder->take(&frame, nullptr);
    player = work.play(list_of("none"), narrowband);
  }
  CHECK(done.load() == 1);
  CHECK(recorder->is_over());
  CHECK(content_of(folder.file("a")).size() == wav_header_size + 77 * 2 * narrow_frame);
  const Frame frame = level_frame(1);
  recorder->take(&frame, nullptr);
  recorder->pause();
  Frame out;
  CHECK(player->next(out) != Yield::Audio);
}

TEST_CASE("one recorder after another of the same file: the last one's is whole") {
  const test::TemporaryFolder folder;
  EventBox box;
  FileWork work(box.events(), box, sender, {}, soon);
  const Frame first = level_frame(1);
  const Frame second = level_frame(2);
  const auto old = work.record(mono(1), folder.file("a"), [] {});
  old->begin(0);
  for (int i = 0; i < 80; ++i) old->take(&first, nullptr);
  const auto fresh = work.record(mono(2), folder.file("a"), [] {});
  fresh->begin(0);
  for (int i = 0; i < 30; ++i) {
    fresh->take(&second, nullptr);
    old->take(&first, nullptr);
  }
  old->finish(RecordEnd::Replaced);
  fresh->finish(RecordEnd::Requested);
  work.stop();
  const std::vector<std::uint8_t> octets = content_of(folder.file("a"));
  REQUIRE(octets.size() == wav_header_size + 30 * 2 * narrow_frame);
  CHECK(word_at(octets, 40) == octets.size() - wav_header_size);
  for (std::size_t at = wav_header_size; at < octets.size(); at += 2) REQUIRE(octets[at] == 2);
  CHECK(box.take_count<RecordFinished>() == 2);
}

namespace {

/// Records until it is killed. Tells its parent, as soon as it is sure, each tick that has left the ring.
[[noreturn]] void record_until_killed(const std::string& path, int to_parent) {
  EventBox box;
  FileWork work(box.events(), box, sender, {}, soon);
  const auto feed = work.record(mono(), path, [] {});
  feed->begin(0);
  const Frame frame = level_frame(1);
  constexpr std::uint64_t room = RecorderLine::most_ticks;
  for (std::uint64_t taken = 0;;) {
    const std::uint64_t lost = feed->lost();
    feed->take(&frame, nullptr);
    if (feed->lost() > lost) {
      std::this_thread::yield();
      continue;
    }
    ++taken;
    // At most a ring of them has not left it.
    const std::uint64_t gone = taken - std::min(taken, room);
    if (write(to_parent, &gone, sizeof(gone)) != sizeof(gone)) _exit(1);
  }
}

}  // namespace

TEST_CASE("a process that is killed leaves a true header, and a second of what it wrote is missing at most") {
  const test::TemporaryFolder folder;
  for (const std::uint64_t kill_at : {1UL, 20UL, 137UL, 333UL}) {
    CAPTURE(kill_at);
    const std::string path = folder.file(std::to_string(kill_at));
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    const pid_t child = fork();
    if (child == 0) record_until_killed(path, ends[1]);
    REQUIRE(child > 0);
    close(ends[1]);
    std::uint64_t gone = 0;
    while (gone < kill_at) {
      REQUIRE(read(ends[0], &gone, sizeof(gone)) == static_cast<ssize_t>(sizeof(gone)));
    }
    kill(child, SIGKILL);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    close(ends[0]);

    const std::vector<std::uint8_t> octets = content_of(path);
    constexpr std::size_t second = 2 * 8000;
    REQUIRE(octets.size() >= wav_header_size);
    const std::uint32_t told = word_at(octets, 40);
    CHECK(std::string(octets.begin(), octets.begin() + 4) == "RIFF");
    CHECK(word_at(octets, 4) == told + wav_header_size - 8);
    CHECK(told + wav_header_size <= octets.size());
    CHECK(octets.size() - wav_header_size - told < second);
    CHECK(told + second >= gone * 2 * narrow_frame);
  }
}
