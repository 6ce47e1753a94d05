#include "io/writer_feed.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <numeric>
#include <thread>
#include <vector>

#include "support/allocation_count.hpp"
#include "support/event_box.hpp"

using namespace mediaswitch;
using test::EventBox;

namespace {

using Yield = FrameSource::Yield;
constexpr WriterId id{3};

std::vector<std::int16_t> counting(std::size_t samples, std::int16_t first = 0) {
  std::vector<std::int16_t> pcm(samples);
  std::iota(pcm.begin(), pcm.end(), first);
  return pcm;
}

std::vector<std::int16_t> pcm_of(const Frame& frame) { return {frame.pcm().begin(), frame.pcm().end()}; }

}  // namespace

TEST_CASE("what is written in pieces of any size is played in frames; too little is late, not lost") {
  EventBox box;
  auto [feed, fill] = open_writer({.id = id}, box.events(), box);
  Frame frame;
  CHECK(feed->next(frame) == Yield::Late);
  const std::vector<std::int16_t> pcm = counting(400);
  CHECK(fill->write(std::span(pcm).first(7)) == 7);
  CHECK(feed->next(frame) == Yield::Late);
  CHECK(fill->write(std::span(pcm).subspan(7, 293)) == 293);
  REQUIRE(feed->next(frame) == Yield::Audio);
  CHECK(pcm_of(frame) == counting(160));
  CHECK(feed->next(frame) == Yield::Late);
  CHECK(fill->write(std::span(pcm).subspan(300)) == 100);
  REQUIRE(feed->next(frame) == Yield::Audio);
  CHECK(pcm_of(frame) == counting(160, 160));
  CHECK(fill->write({}) == 0);
}

TEST_CASE("the end: the last frame is filled up with silence, then End, then WriterEnded") {
  EventBox box;
  auto [feed, fill] = open_writer({.id = id}, box.events(), box);
  CHECK(fill->write(counting(170, 1)) == 170);
  fill->end();
  CHECK_MESSAGE(fill->write(counting(5)) == 0, "nothing after the end");
  Frame frame;
  REQUIRE(feed->next(frame) == Yield::Audio);
  CHECK(pcm_of(frame) == counting(160, 1));
  frame.samples.fill(99);
  REQUIRE(feed->next(frame) == Yield::Audio);
  std::vector<std::int16_t> last = counting(10, 161);
  last.resize(160, 0);
  CHECK(pcm_of(frame) == last);
  CHECK(feed->next(frame) == Yield::End);
  CHECK(feed->reason() == PlayEnd::Completed);
  CHECK(box.take().empty());
  feed.reset();
  const std::vector<Event> events = box.take();
  REQUIRE(events.size() == 1);
  CHECK(std::get<WriterEnded>(events[0]).writer == id);
}

TEST_CASE("a writer that ends at a frame's end, or without a word, adds no frame") {
  EventBox box;
  for (const std::size_t frames : {std::size_t{0}, std::size_t{2}}) {
    auto [feed, fill] = open_writer({.id = id}, box.events(), box);
    fill->write(counting(frames * 160));
    fill->end();
    Frame frame;
    for (std::size_t i = 0; i < frames; ++i) CHECK(feed->next(frame) == Yield::Audio);
    CHECK(feed->next(frame) == Yield::End);
    CHECK(feed->reason() == PlayEnd::Completed);
  }
}

TEST_CASE("closing gives up what was not played") {
  EventBox box;
  auto [feed, fill] = open_writer({.id = id}, box.events(), box);
  fill->write(counting(800));
  Frame frame;
  CHECK(feed->next(frame) == Yield::Audio);
  SUBCASE("at once") { fill->close(); }
  SUBCASE("after the end was written") {
    fill->end();
    fill->close();
    fill->end();
  }
  CHECK(fill->write(counting(5)) == 0);
  CHECK(feed->next(frame) == Yield::End);
  CHECK(feed->reason() == PlayEnd::Stopped);
}

TEST_CASE("a second fits; Writable tells once, when half of it is free after a short write") {
  EventBox box;
  for (const ClockRate sampling : {narrowband, wideband}) {
    auto [feed, fill] = open_writer({.id = id, .sampling = sampling}, box.events(), box);
    const std::size_t second = sampling.value;
    Frame frame{.sampling = sampling};
    CHECK(fill->write(counting(second)) == second);
    for (int i = 0; i < 50; ++i) CHECK(feed->next(frame) == Yield::Audio);
    CHECK_MESSAGE(box.take().empty(), "no write was short");

    CHECK(fill->write(counting(second + 1)) == second);
    CHECK(fill->write(counting(1)) == 0);
    for (int i = 0; i < 24; ++i) CHECK(feed->next(frame) == Yield::Audio);
    CHECK(box.take().empty());
    CHECK(feed->next(frame) == Yield::Audio);
    const std::vector<Event> events = box.take();
    REQUIRE(events.size() == 1);
    CHECK(std::get<Writable>(events[0]).writer == id);
    for (int i = 0; i < 25; ++i) CHECK(feed->next(frame) == Yield::Audio);
    CHECK(feed->next(frame) == Yield::Late);
    CHECK_MESSAGE(box.take().empty(), "it was told");
    feed.reset();
    CHECK(box.take_count<WriterEnded>() == 1);
  }
}

TEST_CASE(
    "Writable comes through however full the mailbox is, also to one who came when it was nearly empty") {
  EventBox box;
  auto [feed, fill] = open_writer({.id = id}, box.events(), box);
  fill->write(counting(8001));
  Frame frame;
  for (std::size_t sender = 0; sender < 2; ++sender) {
    while (box.events().offer(sender, KeyPressed{})) {
    }
  }
  for (int i = 0; i < 50; ++i) feed->next(frame);
  CHECK(box.take_count<Writable>() == 1);
}

TEST_CASE("a writer's audio comes at the rate the frame asks for") {
  EventBox box;
  for (const auto& [from, to] : {std::pair(narrowband, wideband), std::pair(wideband, narrowband)}) {
    auto [feed, fill] = open_writer({.id = id, .sampling = from}, box.events(), box);
    CHECK(fill->write(std::vector<std::int16_t>(from.value / 10, 8000)) == from.value / 10);
    Frame frame{.sampling = to};
    for (int i = 0; i < 5; ++i) REQUIRE(feed->next(frame) == Yield::Audio);
    CHECK(frame.sampling == to);
    CHECK(std::ranges::all_of(frame.pcm(), [](std::int16_t each) { return each > 7900 && each < 8100; }));
    CHECK(feed->next(frame) == Yield::Late);
  }
}

TEST_CASE("the channel's end of a writer asks for no memory") {
  EventBox box;
  auto [feed, fill] = open_writer({.id = id}, box.events(), box);
  fill->write(counting(8001));
  fill->end();
  Frame frame;
  const std::size_t before = test::allocation_count();
  while (feed->next(frame) != Yield::End) {
  }
  feed.reset();
  CHECK(test::allocation_count() == before);
  CHECK(box.take_count<WriterEnded>() == 1);
}

TEST_CASE("two threads: a writer that sleeps when there is no room has every sample played in order") {
  EventBox box;
  constexpr std::size_t total = 200'003;
  auto [feed, fill] = open_writer({.id = id}, box.events(), box);
  std::vector<std::int16_t> played;
  std::thread channel([&played, feed = std::move(feed)]() mutable {
    Frame frame;
    for (;;) {
      const Yield yield = feed->next(frame);
      if (yield == Yield::End) break;
      if (yield == Yield::Late) {
        std::this_thread::yield();
        continue;
      }
      played.insert(played.end(), frame.pcm().begin(), frame.pcm().end());
    }
    feed.reset();
  });
  const std::vector<std::int16_t> pcm = counting(total);
  std::size_t written = 0;
  while (written < total) {
    const std::size_t piece = std::min<std::size_t>(3001, total - written);
    const std::size_t taken = fill->write(std::span(pcm).subspan(written, piece));
    written += taken;
    while (taken < piece && box.take_count<Writable>() == 0) std::this_thread::yield();
  }
  fill->end();
  channel.join();
  REQUIRE(played.size() == (total + 159) / 160 * 160);
  played.resize(total);
  CHECK(played == pcm);
  CHECK(box.take_count<WriterEnded>() == 1);
}
