#include "audio/recorder.hpp"

#include <doctest/doctest.h>
#include <limits>
#include <vector>

#include "audio/sound_file.hpp"
#include "audio/wav.hpp"
#include "support/frames.hpp"
#include "support/memory_files.hpp"

using namespace mediaswitch;
using namespace mediaswitch::test;

namespace {

using Pcm = std::vector<std::int16_t>;
using Change = Recorder::Change;
using Finish = Recorder::Finish;

/// What is in the file, by its header, all channels in turn.
Pcm heard(const MemoryDisk& disk) {
  MemorySource file(disk.octets);
  const auto header = read_wav_header(file);
  REQUIRE(header.ok());
  Pcm pcm;
  for (std::size_t i = 0; i + 1 < header.value().subchunk_size; i += 2) {
    const std::size_t at = static_cast<std::size_t>(header.value().data_offset) + i;
    pcm.push_back(static_cast<std::int16_t>(disk.octets.at(at) | disk.octets.at(at + 1) << 8U));
  }
  return pcm;
}

/// `ticks` of 160 samples of one value, or two in turn.
Pcm ticks(std::size_t count, std::int16_t left) { return Pcm(count * narrow_frame, left); }
Pcm ticks(std::size_t count, std::int16_t left, std::int16_t right) {
  Pcm pcm;
  for (std::size_t i = 0; i < count * narrow_frame; ++i) {
    pcm.push_back(left);
    pcm.push_back(right);
  }
  return pcm;
}
Pcm operator+(Pcm one, const Pcm& other) {
  one.insert(one.end(), other.begin(), other.end());
  return one;
}

/// A square wave of 1 kHz, so that its power is its amplitude.
Frame loud(std::int16_t amplitude) {
  Frame frame;
  for (std::size_t i = 0; i < frame.size(); ++i) {
    frame.pcm()[i] = static_cast<std::int16_t>(i / 4 % 2 == 0 ? amplitude : -amplitude);
  }
  return frame;
}

const Frame one = level_frame(1);
const Frame two = level_frame(2);
const Frame quiet = level_frame(0);
const Frame speech = loud(1000);

/// News of all ticks together: at most one change and one finish.
Recorder::News take(Recorder& recorder, int count, const Frame* in, const Frame* out = nullptr) {
  Recorder::News all;
  for (int i = 0; i < count; ++i) {
    const auto news = recorder.take(in, out);
    if (news.change) {
      CHECK_FALSE(all.change);
      all.change = news.change;
    }
    if (news.finish) {
      CHECK_FALSE(all.finish);
      all.finish = news.finish;
    }
  }
  return all;
}

Recorder::News change(Change what) { return {.change = what, .finish = {}}; }
Recorder::News ended(RecordEnd reason, std::uint64_t octets, int millis) {
  return {.change = {}, .finish = Finish{.reason = reason, .octets = octets, .duration = Millis(millis)}};
}
const Recorder::News nothing{};

}  // namespace

TEST_CASE("a recording begins at once, and ends with a complete file") {
  MemoryDisk disk;
  Recorder recorder({}, {}, disk.opener());
  CHECK(disk.opened == 0);
  CHECK(recorder.start() == change(Change::Recording));
  CHECK(disk.octets.size() == wav_header_size);
  CHECK(take(recorder, 3, &one, &two) == nothing);
  CHECK_FALSE(recorder.has_finished());
  CHECK(recorder.finish(RecordEnd::Requested) == ended(RecordEnd::Requested, 44 + 3 * 640, 60));
  CHECK(heard(disk) == ticks(3, 1, 2));
  CHECK(disk.closed == 1);
  CHECK(recorder.has_finished());
  CHECK(recorder.finish(RecordEnd::ChannelClosed) == nothing);
  CHECK(take(recorder, 3, &one) == nothing);
  CHECK(recorder.pause() == nothing);
  CHECK(recorder.resume() == nothing);
  CHECK(recorder.release() == nothing);
  CHECK(disk.octets.size() == 44 + 3 * 640);
}

TEST_CASE("who is silent is written as silence, and nothing where both are") {
  MemoryDisk disk;
  Recorder recorder({}, {}, disk.opener());
  recorder.start();
  take(recorder, 2, &one, nullptr);
  take(recorder, 5, nullptr, nullptr);
  take(recorder, 2, nullptr, &two);
  CHECK(recorder.finish(RecordEnd::Requested) == ended(RecordEnd::Requested, 44 + 4 * 640, 80));
  CHECK(heard(disk) == ticks(2, 1, 0) + ticks(2, 0, 2));
}

TEST_CASE("one channel is the saturated sum") {
  MemoryDisk disk;
  Recorder recorder({.channels = 1}, {}, disk.opener());
  recorder.start();
  const Frame high = level_frame(30'000);
  const Frame low = level_frame(-30'000);
  recorder.take(&one, &two);
  recorder.take(&high, &high);
  recorder.take(&low, &low);
  recorder.take(nullptr, &high);
  CHECK(recorder.finish(RecordEnd::Requested) == ended(RecordEnd::Requested, 44 + 4 * 320, 80));
  CHECK(heard(disk) == ticks(1, 3) + ticks(1, 32767) + ticks(1, -32768) + ticks(1, 30'000));
}

TEST_CASE("one direction is as it is, on both channels where there are two") {
  const auto recorded = [](std::uint16_t channels, RecordDirection direction) {
    MemoryDisk disk;
    Recorder recorder({.channels = channels, .direction = direction}, {}, disk.opener());
    recorder.start();
    take(recorder, 1, &one, &two);
    take(recorder, 1, &one, nullptr);
    take(recorder, 1, nullptr, &two);
    recorder.finish(RecordEnd::Requested);
    return heard(disk);
  };
  CHECK(recorded(1, RecordDirection::In) == ticks(2, 1));
  CHECK(recorded(1, RecordDirection::Out) == ticks(2, 2));
  CHECK(recorded(2, RecordDirection::In) == ticks(2, 1, 1));
  CHECK(recorded(2, RecordDirection::Out) == ticks(2, 2, 2));
}

TEST_CASE("a file of 16 kHz takes frames of 8 kHz, and the other way round") {
  const auto recorded = [](ClockRate file, ClockRate frames) {
    MemoryDisk disk;
    Recorder recorder({}, {.sampling = file}, disk.opener());
    recorder.start();
    const Frame in = level_frame(1000, frames);
    const Frame out = level_frame(-500, frames);
    take(recorder, 10, &in, &out);
    const auto news = recorder.finish(RecordEnd::Requested);
    REQUIRE(news.finish);
    CHECK(news.finish->duration == Millis(200));
    const Pcm pcm = heard(disk);
    REQUIRE(pcm.size() == 2 * file.value / 5);
    MemorySource source(disk.octets);
    CHECK(read_wav_header(source).value().sample_rate == file);
    CHECK(pcm[pcm.size() - 2] == doctest::Approx(1000).epsilon(0.01));
    CHECK(pcm[pcm.size() - 1] == doctest::Approx(-500).epsilon(0.01));
  };
  recorded(wideband, narrowband);
  recorded(narrowband, wideband);
  recorded(wideband, wideband);
}

TEST_CASE("a gated recording makes no file before somebody speaks, and then has what was just before") {
  MemoryDisk disk;
  Recorder recorder({.channels = 1, .start_above_power = 500, .average_packets = 5},
                    {.sampling = narrowband, .heard_before = 100},
                    disk.opener());
  CHECK(recorder.start() == nothing);
  CHECK(take(recorder, 50, &quiet) == nothing);
  CHECK(take(recorder, 2, &speech) == nothing);
  CHECK(disk.opened == 0);
  CHECK(take(recorder, 1, &speech) == change(Change::AbovePower));
  CHECK(disk.opened == 1);
  CHECK(take(recorder, 4, &quiet) == nothing);
  recorder.finish(RecordEnd::Requested);
  // Ten ticks from before, the one that opened it, four more.
  const Pcm pcm = heard(disk);
  CHECK(pcm.size() == 15 * narrow_frame);
  CHECK(Pcm(pcm.begin(), pcm.begin() + 8 * narrow_frame) == ticks(8, 0));
  CHECK(pcm[8 * narrow_frame] == 1000);
  CHECK(pcm[11 * narrow_frame - 1] == -1000);
  CHECK(pcm[11 * narrow_frame] == 0);
}

TEST_CASE("at most two seconds from before are kept") {
  MemoryDisk disk;
  Recorder recorder({.start_above_power = 500, .average_packets = 250}, {.heard_before = 100}, disk.opener());
  recorder.start();
  take(recorder, 500, &quiet, &two);
  int waited = 0;
  while (!recorder.take(&speech, nullptr).change) ++waited;
  // Half of 250 packets; the first is a little louder for its sudden beginning.
  CHECK(waited >= 124);
  CHECK(waited <= 125);
  CHECK(recorder.finish(RecordEnd::Requested) == ended(RecordEnd::Requested, 44 + 101 * 640, 2020));
}

TEST_CASE("what was before is cut to the longest that is wanted, and that is then the end") {
  MemoryDisk disk;
  Recorder recorder({.channels = 1, .start_above_power = 500, .average_packets = 5, .longest = Millis(50)},
                    {.heard_before = 100},
                    disk.opener());
  recorder.start();
  take(recorder, 50, &quiet);
  const auto news = take(recorder, 3, &speech);
  CHECK(news.change == Change::AbovePower);
  CHECK(news.finish == ended(RecordEnd::Timeout, 44 + 800, 50).finish);
  const Pcm pcm = heard(disk);
  // Two and a half ticks, all of speech.
  CHECK(pcm.size() == 400);
  for (const std::int16_t sample : pcm) CHECK(std::abs(int{sample}) == 1000);
}

TEST_CASE("the first hundred packets don't open the gate, unless the channel had them before") {
  MemoryDisk disk;
  Recorder recorder({.start_above_power = 500, .average_packets = 1}, {}, disk.opener());
  recorder.start();
  CHECK(take(recorder, 100, &speech) == nothing);
  CHECK(take(recorder, 1, &speech) == change(Change::AbovePower));
}

TEST_CASE("a gate that never opened leaves no file") {
  MemoryDisk disk;
  Recorder recorder({.start_above_power = 500}, {}, disk.opener());
  recorder.start();
  take(recorder, 10, &quiet);
  CHECK(recorder.finish(RecordEnd::ChannelClosed) == ended(RecordEnd::ChannelClosed, 0, 0));
  CHECK(disk.opened == 0);
}

TEST_CASE("it ends below the power only after it was above") {
  MemoryDisk disk;
  Recorder recorder(
      {.channels = 1, .finish_below_power = 500, .average_packets = 5}, {.heard_before = 100}, disk.opener());
  recorder.start();
  CHECK(take(recorder, 50, &quiet) == nothing);
  CHECK(take(recorder, 50, &speech) == nothing);
  // 600, then 400 of 1,000.
  CHECK(take(recorder, 2, &quiet) == nothing);
  CHECK(take(recorder, 1, &quiet) == ended(RecordEnd::BelowPower, 44 + 103 * 320, 2060));
}

TEST_CASE("nothing coming is silence to the power") {
  MemoryDisk disk;
  Recorder recorder(
      {.channels = 1, .finish_below_power = 500, .average_packets = 5}, {.heard_before = 100}, disk.opener());
  recorder.start();
  take(recorder, 10, &speech);
  CHECK(take(recorder, 5, nullptr) == ended(RecordEnd::BelowPower, 44 + 10 * 320, 200));
}

TEST_CASE("before its least length nothing ends it but a command") {
  MemoryDisk disk;
  Recorder recorder({.channels = 1,
                     .finish_below_power = 500,
                     .average_packets = 1,
                     .least = Millis(1000),
                     .longest = Millis(400)},
                    {.heard_before = 100},
                    disk.opener());
  recorder.start();
  CHECK(take(recorder, 10, &speech) == nothing);
  CHECK(take(recorder, 39, &quiet) == nothing);
  CHECK(take(recorder, 1, &quiet) == ended(RecordEnd::BelowPower, 44 + 50 * 320, 1000));
}

TEST_CASE("the longest length is kept to the sample, and nothing that was not written counts") {
  MemoryDisk disk;
  Recorder recorder({.longest = Millis(99)}, {}, disk.opener());
  recorder.start();
  CHECK(take(recorder, 100, nullptr) == nothing);
  CHECK(take(recorder, 4, &one) == nothing);
  CHECK(take(recorder, 3, &one) == ended(RecordEnd::Timeout, 44 + 99 * 32, 99));
  CHECK(heard(disk).size() == 2 * 99 * 8);
}

TEST_CASE("lengths beyond reason are no limits") {
  MemoryDisk disk;
  Recorder recorder({.least = Millis::min(), .longest = Millis::max()}, {}, disk.opener());
  recorder.start();
  CHECK(take(recorder, 100, &one) == nothing);
}

TEST_CASE("a pause is not written, and the file is complete meanwhile") {
  MemoryDisk disk;
  Recorder recorder({.channels = 1}, {}, disk.opener());
  recorder.start();
  take(recorder, 3, &one);
  CHECK(recorder.resume() == nothing);
  CHECK(recorder.pause() == change(Change::Paused));
  CHECK(recorder.pause() == nothing);
  CHECK(heard(disk) == ticks(3, 1));
  CHECK(take(recorder, 7, &two) == nothing);
  CHECK(recorder.resume() == change(Change::Resumed));
  take(recorder, 2, &two);
  CHECK(recorder.finish(RecordEnd::Requested) == ended(RecordEnd::Requested, 44 + 5 * 320, 100));
  CHECK(heard(disk) == ticks(3, 1) + ticks(2, 2));
}

TEST_CASE("a paused gate does not open, and keeps nothing of the pause") {
  MemoryDisk disk;
  Recorder recorder(
      {.channels = 1, .start_above_power = 500, .average_packets = 1}, {.heard_before = 100}, disk.opener());
  recorder.start();
  take(recorder, 5, &quiet);
  recorder.pause();
  CHECK(take(recorder, 5, &speech) == nothing);
  recorder.resume();
  CHECK(take(recorder, 1, &speech) == change(Change::AbovePower));
  recorder.finish(RecordEnd::Requested);
  CHECK(heard(disk).size() == narrow_frame);
}

TEST_CASE("silence in a pause does not end what goes on after it") {
  MemoryDisk disk;
  Recorder recorder(
      {.channels = 1, .finish_below_power = 500, .average_packets = 5}, {.heard_before = 100}, disk.opener());
  recorder.start();
  take(recorder, 10, &speech);
  recorder.pause();
  take(recorder, 100, &quiet);
  recorder.resume();
  CHECK(take(recorder, 2, &quiet) == nothing);
  CHECK(take(recorder, 1, &quiet) == ended(RecordEnd::BelowPower, 44 + 13 * 320, 260));
}

TEST_CASE("what came in while it was held is written first") {
  for (const std::uint16_t channels : {std::uint16_t{1}, std::uint16_t{2}}) {
    MemoryDisk disk;
    Recorder recorder(
        {.channels = channels, .longest = Millis(40)}, {.begin = Recorder::Begin::Held}, disk.opener());
    CHECK(recorder.start() == nothing);
    CHECK(take(recorder, 10, &one, &two) == nothing);
    CHECK(take(recorder, 10, nullptr, &two) == nothing);
    CHECK(disk.opened == 0);
    CHECK(recorder.release() == change(Change::Recording));
    CHECK(recorder.release() == nothing);
    CHECK(take(recorder, 1, &two) == nothing);
    // What was held does not count.
    CHECK(take(recorder, 1, &two) == ended(RecordEnd::Timeout, 44 + 12U * 320 * channels, 240));
    CHECK(heard(disk) == (channels == 1 ? ticks(10, 1) + ticks(2, 2) : ticks(10, 1, 0) + ticks(2, 2, 0)));
  }
}

TEST_CASE("what was held is written whatever the power, the gate is for what follows") {
  MemoryDisk disk;
  Recorder recorder({.channels = 1, .start_above_power = 500, .average_packets = 1},
                    {.begin = Recorder::Begin::Held, .heard_before = 80},
                    disk.opener());
  recorder.start();
  take(recorder, 20, &quiet);
  CHECK(recorder.release() == nothing);
  CHECK(disk.opened == 1);
  CHECK(take(recorder, 1, &quiet) == nothing);
  // The packets of the prompt have warmed the line up.
  CHECK(take(recorder, 1, &speech) == change(Change::AbovePower));
  CHECK(recorder.finish(RecordEnd::Requested) == ended(RecordEnd::Requested, 44 + 22 * 320, 440));
  CHECK(disk.opened == 1);
}

TEST_CASE("a recording of what goes out, or of nothing held, just begins") {
  MemoryDisk disk;
  Recorder out(
      {.channels = 1, .direction = RecordDirection::Out}, {.begin = Recorder::Begin::Held}, disk.opener());
  out.start();
  take(out, 10, &one, &two);
  CHECK(out.release() == change(Change::Recording));
  take(out, 1, &one, &two);
  out.finish(RecordEnd::Requested);
  CHECK(heard(disk) == ticks(1, 2));

  Recorder gated({.start_above_power = 500}, {.begin = Recorder::Begin::Held}, disk.opener());
  gated.start();
  CHECK(gated.release() == nothing);
  CHECK(gated.finish(RecordEnd::Requested) == ended(RecordEnd::Requested, 0, 0));
}

TEST_CASE("no more than 480,000 samples are held, the latest") {
  MemoryDisk disk;
  Recorder recorder({.channels = 1}, {.begin = Recorder::Begin::Held}, disk.opener());
  recorder.start();
  take(recorder, 1000, &one);
  take(recorder, 2900, &two);
  recorder.release();
  recorder.finish(RecordEnd::Requested);
  CHECK(heard(disk) == ticks(100, 1) + ticks(2900, 2));
}

TEST_CASE("a held recording that is not released leaves no file") {
  MemoryDisk disk;
  Recorder recorder({}, {.begin = Recorder::Begin::Held}, disk.opener());
  recorder.start();
  take(recorder, 10, &one);
  CHECK(recorder.finish(RecordEnd::ChannelClosed) == ended(RecordEnd::ChannelClosed, 0, 0));
  CHECK(disk.opened == 0);
}

TEST_CASE("a file that can't be made ends it, whenever that is found") {
  MemoryDisk disk;
  disk.opens = false;
  Recorder now({}, {}, disk.opener());
  CHECK(now.start() == ended(RecordEnd::OpenFailed, 0, 0));
  CHECK(now.has_finished());

  Recorder gated({.start_above_power = 500, .average_packets = 1}, {.heard_before = 100}, disk.opener());
  CHECK(gated.start() == nothing);
  CHECK(take(gated, 1, &speech) == ended(RecordEnd::OpenFailed, 0, 0));

  Recorder held({}, {.begin = Recorder::Begin::Held}, disk.opener());
  held.start();
  take(held, 1, &one);
  CHECK(held.release() == ended(RecordEnd::OpenFailed, 0, 0));
}

TEST_CASE("a full disk ends it with a valid file, told with what it has") {
  MemoryDisk disk;
  disk.capacity = 20'000;
  Recorder recorder({.channels = 1}, {}, disk.opener());
  recorder.start();
  const auto news = take(recorder, 200, &one);
  CHECK(news == ended(RecordEnd::DiskFull, 44 + 16'000, 1000));
  CHECK(heard(disk) == ticks(50, 1));
  CHECK(disk.closed == 1);

  MemoryDisk full;
  full.capacity = 10;
  Recorder none({}, {}, full.opener());
  CHECK(none.start() == ended(RecordEnd::DiskFull, 0, 0));
}

TEST_CASE("a write that fails at the end, or at a pause, is told instead of the reason asked for") {
  MemoryDisk disk;
  disk.good_writes = 1;
  Recorder recorder({}, {}, disk.opener());
  CHECK(recorder.start() == change(Change::Recording));
  take(recorder, 3, &one);
  CHECK(recorder.finish(RecordEnd::Requested) == ended(RecordEnd::WriteFailed, 44, 0));

  disk.good_writes = 1;
  Recorder paused({}, {}, disk.opener());
  paused.start();
  take(paused, 3, &one);
  const auto news = paused.pause();
  CHECK(news.change == Change::Paused);
  CHECK(news.finish == ended(RecordEnd::WriteFailed, 44, 0).finish);
}
