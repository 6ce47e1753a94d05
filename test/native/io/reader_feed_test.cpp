#include "io/reader_feed.hpp"

#include <array>
#include <cstring>
#include <doctest/doctest.h>
#include <thread>
#include <vector>

#include "support/allocation_count.hpp"
#include "support/event_box.hpp"
#include "support/frames.hpp"

using namespace mediaswitch;
using test::counting_frame;
using test::EventBox;
using test::level_frame;

namespace {

constexpr ReaderId id{7};

ReaderSpec spec_of(ReadDirection direction, AudioFormat format) {
  return {.id = id, .direction = direction, .format = format};
}

std::vector<std::uint8_t> read_all(ReaderDrain& drain) {
  std::vector<std::uint8_t> octets;
  std::array<std::uint8_t, 5000> piece{};
  while (const std::size_t count = drain.read(piece)) {
    octets.insert(octets.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(count));
  }
  return octets;
}

std::vector<std::int16_t> samples_of(const std::vector<std::uint8_t>& octets) {
  std::vector<std::int16_t> samples(octets.size() / sizeof(std::int16_t));
  if (!octets.empty()) std::memcpy(samples.data(), octets.data(), octets.size());
  return samples;
}

}  // namespace

TEST_CASE("a reader gets each tick of its direction, silence where there was nothing") {
  EventBox box;
  const Frame in = counting_frame(1000);
  const Frame out = counting_frame(-1000);
  const std::vector<std::int16_t> heard(in.pcm().begin(), in.pcm().end());
  const std::vector<std::int16_t> said(out.pcm().begin(), out.pcm().end());
  const std::vector<std::int16_t> nothing(narrow_frame, 0);

  for (const auto& [direction, expected] :
       {std::pair(ReadDirection::In, std::array{heard, nothing, heard, nothing}),
        std::pair(ReadDirection::Out, std::array{said, said, nothing, nothing})}) {
    auto [feed, drain] = open_reader(spec_of(direction, AudioFormat::L16Narrow), box.events(), box);
    CHECK(drain->chunk_octets() == 320);
    feed->take(&in, &out);
    feed->take(nullptr, &out);
    feed->take(&in, nullptr);
    feed->take(nullptr, nullptr);
    CHECK(drain->waiting() == 4 * 320);
    for (const auto& each : expected) {
      std::vector<std::uint8_t> chunk(320);
      REQUIRE(drain->read(chunk) == 320);
      CHECK(samples_of(chunk) == each);
    }
    CHECK(drain->waiting() == 0);
    CHECK(read_all(*drain).empty());
  }
}

TEST_CASE("a reader of both directions has what came in on the left") {
  EventBox box;
  auto [feed, drain] = open_reader(spec_of(ReadDirection::Both, AudioFormat::L16Wide), box.events(), box);
  CHECK(drain->chunk_octets() == 1280);
  const Frame in = counting_frame(100, wideband);
  const Frame out = counting_frame(5000, wideband);
  feed->take(&in, &out);
  feed->take(nullptr, &out);
  const std::vector<std::int16_t> samples = samples_of(read_all(*drain));
  REQUIRE(samples.size() == 4 * wide_frame);
  for (std::size_t i = 0; i < wide_frame; ++i) {
    const auto step = static_cast<std::int16_t>(i);
    REQUIRE(samples[2 * i] == 100 + step);
    REQUIRE(samples[2 * i + 1] == 5000 + step);
    REQUIRE(samples[2 * wide_frame + 2 * i] == 0);
    REQUIRE(samples[2 * wide_frame + 2 * i + 1] == 5000 + step);
  }
}

TEST_CASE("a reader's format is coded as its encoder codes") {
  EventBox box;
  for (const AudioFormat format : {AudioFormat::Pcmu, AudioFormat::Pcma}) {
    auto [feed, drain] = open_reader(spec_of(ReadDirection::In, format), box.events(), box);
    Encoder encoder(format);
    std::vector<std::uint8_t> expected;
    for (std::int16_t i = 0; i < 3; ++i) {
      const Frame frame = counting_frame(static_cast<std::int16_t>(i * 3000));
      feed->take(&frame, nullptr);
      std::array<std::uint8_t, narrow_frame> coded{};
      REQUIRE(encoder.encode(frame.pcm(), coded) == coded.size());
      expected.insert(expected.end(), coded.begin(), coded.end());
    }
    CHECK(read_all(*drain) == expected);
  }
}

TEST_CASE("a reader's chunks: 20 ms of each format, but 60 of iLBC with frames of 30") {
  EventBox box;
  struct Row {
    AudioFormat format;
    std::size_t chunk;
    std::size_t ticks;
  };
  for (const Row row : {Row{AudioFormat::Pcmu, 160, 1},
                        Row{AudioFormat::Pcma, 160, 1},
                        Row{AudioFormat::G722, 160, 1},
                        Row{AudioFormat::Ilbc20, 38, 1},
                        Row{AudioFormat::Ilbc30, 100, 3},
                        Row{AudioFormat::L16Narrow, 320, 1},
                        Row{AudioFormat::L16Wide, 640, 1}}) {
    CAPTURE(traits(row.format).name);
    auto [feed, drain] = open_reader(spec_of(ReadDirection::In, row.format), box.events(), box);
    CHECK(drain->chunk_octets() == row.chunk);
    const Frame frame = level_frame(500);
    for (std::size_t i = 0; i + 1 < row.ticks; ++i) feed->take(&frame, nullptr);
    CHECK(drain->waiting() == 0);
    CHECK(read_all(*drain).empty());
    feed->take(&frame, nullptr);
    CHECK(drain->waiting() == row.chunk);
    CHECK(read_all(*drain).size() == row.chunk);
  }
}

TEST_CASE("a reader's last chunk is filled up, and then it has ended") {
  EventBox box;
  auto [feed, drain] = open_reader(spec_of(ReadDirection::In, AudioFormat::Ilbc30), box.events(), box);
  const Frame frame = level_frame(500);
  for (int i = 0; i < 4; ++i) feed->take(&frame, nullptr);
  CHECK(drain->waiting() == 100);
  CHECK(box.take_count<ReaderEnded>() == 0);
  feed.reset();
  const std::vector<Event> events = box.take();
  REQUIRE(events.size() == 1);
  CHECK(std::get<ReaderEnded>(events[0]).reader == id);
  CHECK(drain->waiting() == 200);
  CHECK_FALSE(drain->has_ended());
  CHECK(read_all(*drain).size() == 200);
  CHECK(drain->has_ended());
  CHECK(read_all(*drain).empty());
}

TEST_CASE("frames at the other rate are brought to the reader's") {
  EventBox box;
  for (const auto& [format, from, samples] : {std::tuple(AudioFormat::L16Wide, narrowband, wide_frame),
                                              std::tuple(AudioFormat::L16Narrow, wideband, narrow_frame)}) {
    auto [feed, drain] = open_reader(spec_of(ReadDirection::In, format), box.events(), box);
    const Frame frame = level_frame(8000, from);
    for (int i = 0; i < 5; ++i) feed->take(&frame, nullptr);
    const std::vector<std::int16_t> read = samples_of(read_all(*drain));
    REQUIRE(read.size() == 5 * samples);
    for (std::size_t i = 2 * samples; i < read.size(); ++i) {
      REQUIRE(read[i] > 7900);
      REQUIRE(read[i] < 8100);
    }
  }
}

TEST_CASE("nobody reads: a second is kept, the rest is dropped and counted") {
  EventBox box;
  auto [feed, drain] = open_reader(spec_of(ReadDirection::Both, AudioFormat::L16Wide), box.events(), box);
  for (std::int16_t i = 0; i < 60; ++i) {
    const Frame frame = level_frame(i, wideband);
    feed->take(&frame, &frame);
  }
  CHECK(drain->dropped() == 10);
  const std::vector<std::int16_t> samples = samples_of(read_all(*drain));
  REQUIRE(samples.size() == 50 * 2 * wide_frame);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    REQUIRE(samples[i] == static_cast<std::int16_t>(i / (2 * wide_frame)));
  }
  const Frame frame = level_frame(77, wideband);
  feed->take(&frame, &frame);
  CHECK_MESSAGE(samples_of(read_all(*drain)).front() == 77, "room again");
  CHECK(drain->dropped() == 10);
}

TEST_CASE("a reader is told once that frames wait, and again when it had read them all") {
  EventBox box;
  auto [feed, drain] = open_reader(spec_of(ReadDirection::In, AudioFormat::L16Narrow), box.events(), box);
  const Frame frame = level_frame(1);
  std::vector<std::uint8_t> chunk(320);
  for (int i = 0; i < 3; ++i) feed->take(&frame, nullptr);
  const std::vector<Event> events = box.take();
  REQUIRE(events.size() == 1);
  CHECK(std::get<Readable>(events[0]).reader == id);

  CHECK(drain->read(chunk) == 320);
  feed->take(&frame, nullptr);
  CHECK_MESSAGE(box.take_count<Readable>() == 0, "not all was read yet");
  CHECK(drain->read(chunk) == 320);
  CHECK(drain->read(chunk) == 320);
  CHECK(drain->read(chunk) == 320);
  feed->take(&frame, nullptr);
  CHECK_MESSAGE(box.take_count<Readable>() == 0, "the reader has not seen yet that it was the last");
  CHECK(drain->read(chunk) == 320);
  CHECK(drain->read(chunk) == 0);
  CHECK(drain->read(chunk) == 0);
  feed->take(&frame, nullptr);
  feed->take(&frame, nullptr);
  CHECK(box.take_count<Readable>() == 1);
}

TEST_CASE("Readable comes through however full the mailbox is") {
  EventBox box;
  auto [feed, drain] = open_reader(spec_of(ReadDirection::In, AudioFormat::L16Narrow), box.events(), box);
  for (std::size_t sender = 0; sender < 2; ++sender) {
    while (box.events().offer(sender, KeyPressed{})) {
    }
  }
  const Frame frame = level_frame(1);
  feed->take(&frame, nullptr);
  CHECK(box.take_count<Readable>() == 1);
}

TEST_CASE("the channel's end of a reader asks for no memory") {
  EventBox box;
  auto [feed, drain] = open_reader(spec_of(ReadDirection::Both, AudioFormat::L16Wide), box.events(), box);
  const Frame frame = level_frame(1, wideband);
  const std::size_t before = test::allocation_count();
  for (int i = 0; i < 100; ++i) feed->take(&frame, i % 2 == 0 ? &frame : nullptr);
  feed.reset();
  CHECK(test::allocation_count() == before);
}

TEST_CASE("two threads: a reader that sleeps until it is told misses nothing and is told of the end") {
  EventBox box;
  auto [feed, drain] = open_reader(spec_of(ReadDirection::In, AudioFormat::L16Narrow), box.events(), box);
  constexpr int total = 2000;
  std::atomic<int> read{0};
  std::thread channel([&read, feed = std::move(feed)]() mutable {
    for (int i = 0; i < total; ++i) {
      // Never more than the ring holds, so that nothing may be dropped.
      while (i - read.load() >= 40) std::this_thread::yield();
      const Frame frame = level_frame(static_cast<std::int16_t>(i));
      feed->take(&frame, nullptr);
    }
    feed.reset();
  });
  int wrong = 0;
  int ends = 0;
  const auto read_on = [&, &drain = drain] {
    const std::vector<std::int16_t> samples = samples_of(read_all(*drain));
    for (std::size_t at = 0; at < samples.size(); at += narrow_frame) {
      wrong += samples[at] == static_cast<std::int16_t>(read.load()) ? 0 : 1;
      read.fetch_add(1);
    }
  };
  while (ends == 0) {
    bool is_told = false;
    for (const Event& event : box.take()) {
      is_told = true;
      ends += std::holds_alternative<ReaderEnded>(event) ? 1 : 0;
    }
    if (is_told) {
      read_on();
    } else {
      std::this_thread::yield();
    }
  }
  channel.join();
  CHECK(wrong == 0);
  CHECK(read.load() == total);
  CHECK(drain->dropped() == 0);
  CHECK(drain->has_ended());
}
