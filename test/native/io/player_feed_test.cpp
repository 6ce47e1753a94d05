#include "io/player_feed.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "support/allocation_count.hpp"
#include "support/gated_disk.hpp"
#include "support/wav_builder.hpp"

using namespace mediaswitch;
using Yield = FrameSource::Yield;
using Progress = FileJob::Progress;
using test::GatedDisk;

namespace {

std::vector<std::int16_t> counting(std::size_t samples) {
  std::vector<std::int16_t> pcm(samples);
  std::iota(pcm.begin(), pcm.end(), std::int16_t{1});
  return pcm;
}

Playlist list_of(std::vector<std::string> paths) {
  Playlist list;
  for (std::string& path : paths)
    list.entries.emplace_back(PlaylistFile{.path = std::move(path), .coding = {}, .stop = {}});
  return list;
}

/// Both ends of a player, without a thread.
struct Player {
  Player(GatedDisk& disk, Playlist list, ClockRate sampling = narrowband)
      : line(std::make_shared<PlayerLine>(sampling)),
        feed(std::make_unique<PlayerFeed>(line)),
        job(std::make_unique<PlayerJob>(line, PlaylistReader(std::move(list), sampling, disk.disk().open))) {}

  /// As a file thread would until it has nothing more to do.
  Progress work() const {
    Progress progress = Progress::More;
    while (progress == Progress::More) progress = job->work();
    return progress;
  }

  /// Samples played until it is late or over.
  std::vector<std::int16_t> play() const {
    std::vector<std::int16_t> played;
    Frame frame{.sampling = line->sampling};
    while (feed->next(frame) == Yield::Audio) {
      played.insert(played.end(), frame.pcm().begin(), frame.pcm().end());
    }
    return played;
  }

  std::shared_ptr<PlayerLine> line;
  std::unique_ptr<PlayerFeed> feed;
  std::unique_ptr<PlayerJob> job;
};

std::vector<std::int16_t> slice(const std::vector<std::int16_t>& pcm, std::size_t from, std::size_t to) {
  return {pcm.begin() + static_cast<std::ptrdiff_t>(from), pcm.begin() + static_cast<std::ptrdiff_t>(to)};
}

}  // namespace

TEST_CASE("a list is played to its last sample, the last frame filled up, then it is over") {
  GatedDisk disk;
  const std::vector<std::int16_t> pcm = counting(500);
  disk.put("a", test::pcm_wav(pcm));
  const Player player(disk, list_of({"a", "a"}));
  Frame frame;
  CHECK(player.feed->next(frame) == Yield::Late);
  CHECK(player.work() == Progress::Done);
  std::vector<std::int16_t> expected = pcm;
  expected.insert(expected.end(), pcm.begin(), pcm.end());
  expected.resize(7 * 160, 0);
  CHECK(player.play() == expected);
  CHECK(player.feed->next(frame) == Yield::End);
  CHECK(player.feed->reason() == PlayEnd::Completed);
}

TEST_CASE("a list that ends with a frame adds none") {
  GatedDisk disk;
  disk.put("a", test::pcm_wav(counting(320)));
  const Player player(disk, list_of({"a"}));
  player.work();
  CHECK(player.play().size() == 320);
  Frame frame;
  CHECK(player.feed->next(frame) == Yield::End);
}

TEST_CASE("a second is read ahead, and again when half of it is left") {
  GatedDisk disk;
  const std::vector<std::int16_t> pcm = counting(30'000);
  disk.put("a", test::pcm_wav(pcm));
  const Player player(disk, list_of({"a"}));
  CHECK(player.work() == Progress::Idle);
  CHECK(player.line->ring.size() == 8000);
  Frame frame;
  for (int i = 0; i < 24; ++i) {
    REQUIRE(player.feed->next(frame) == Yield::Audio);
    CHECK(player.work() == Progress::Idle);
  }
  CHECK(player.line->ring.size() == 8000 - 24 * 160);
  REQUIRE(player.feed->next(frame) == Yield::Audio);
  CHECK(player.work() == Progress::Idle);
  CHECK(player.line->ring.size() == 8000);
}

TEST_CASE("a turn of the job is short") {
  GatedDisk disk;
  disk.put("a", test::pcm_wav(counting(30'000)));
  const Player player(disk, list_of({"a"}));
  CHECK(player.job->work() == Progress::More);
  CHECK(player.line->ring.size() == 800);
}

TEST_CASE("when the disk is late nothing is skipped, and what is not a whole frame waits") {
  GatedDisk disk;
  const std::vector<std::int16_t> pcm = counting(30'000);
  disk.put("a", test::pcm_wav(pcm));
  const Player player(disk, list_of({"a"}));
  std::vector<std::int16_t> played;
  Frame frame;
  for (int round = 0; round < 5; ++round) {
    CHECK(player.job->work() != Progress::Done);
    const std::vector<std::int16_t> piece = player.play();
    played.insert(played.end(), piece.begin(), piece.end());
    CHECK(player.feed->next(frame) == Yield::Late);
    CHECK(player.feed->next(frame) == Yield::Late);
  }
  CHECK(played == slice(pcm, 0, played.size()));
  CHECK(played.size() == 4000);
}

TEST_CASE("nothing that can be read is an error; something is enough") {
  GatedDisk disk;
  disk.put("noise", {1, 2, 3});
  disk.put("a", test::pcm_wav(counting(160)));
  Frame frame;
  {
    const Player player(disk, list_of({"none", "noise"}));
    CHECK(player.work() == Progress::Done);
    CHECK(player.feed->next(frame) == Yield::End);
    CHECK(player.feed->reason() == PlayEnd::Error);
  }
  const Player player(disk, list_of({"none", "a", "noise"}));
  CHECK(player.work() == Progress::Done);
  CHECK(player.play() == counting(160));
  CHECK(player.feed->reason() == PlayEnd::Completed);
}

TEST_CASE("audio comes at the rate the frame asks for, whatever it was read at") {
  GatedDisk disk;
  disk.put("a", test::pcm_wav(std::vector<std::int16_t>(8000, 8000)));
  for (const ClockRate read_at : {narrowband, wideband}) {
    const Player player(disk, list_of({"a"}), read_at);
    player.work();
    std::size_t frames = 0;
    Frame frame;
    // The channel's rate may change while it plays.
    for (; frames < 40; ++frames) {
      frame.sampling = frames % 20 < 10 ? wideband : narrowband;
      REQUIRE(player.feed->next(frame) == Yield::Audio);
      if (frames % 10 < 5) continue;
      CHECK(std::ranges::all_of(frame.pcm(), [](std::int16_t each) { return each > 7800 && each < 8200; }));
    }
  }
}

TEST_CASE("when nobody listens any more the file is closed") {
  GatedDisk disk;
  disk.put("a", test::pcm_wav(counting(30'000)));
  Player player(disk, list_of({"a"}));
  CHECK(player.work() == Progress::Idle);
  CHECK(disk.open_files() == 1);
  player.feed.reset();
  CHECK(player.work() == Progress::Done);
  player.job.reset();
  CHECK(disk.open_files() == 0);
  CHECK(player.line.use_count() == 1);
}

TEST_CASE("the channel's end of a player asks for no memory") {
  GatedDisk disk;
  disk.put("a", test::pcm_wav(counting(30'000)));
  Player player(disk, list_of({"a"}));
  player.work();
  Frame frame;
  const std::size_t before = test::allocation_count();
  for (int i = 0; i < 60; ++i) player.feed->next(frame);
  player.feed.reset();
  CHECK(test::allocation_count() == before);
}
