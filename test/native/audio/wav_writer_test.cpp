#include "audio/wav_writer.hpp"

#include <doctest/doctest.h>
#include <vector>

#include "audio/wav.hpp"
#include "support/memory_files.hpp"

using namespace mediaswitch;
using namespace mediaswitch::test;

namespace {

using Pcm = std::vector<std::int16_t>;

WavHeader header_of(const Octets& octets) {
  MemorySource file(octets);
  const auto header = read_wav_header(file);
  REQUIRE(header.ok());
  return header.value();
}

}  // namespace

TEST_CASE("the file is valid and lacks at most half a second, whenever the program is stopped") {
  MemoryDisk disk{.octets = {}, .history = {}, .keeps_history = true};
  WavWriter writer(disk.opener()(), 2, {8000});
  CHECK_FALSE(writer.begin());
  CHECK(disk.octets.size() == wav_header_size);
  const Pcm tick(320, 7);
  for (std::size_t ticks = 1; ticks <= 100; ++ticks) {
    CHECK_FALSE(writer.write(tick));
    const WavHeader header = header_of(disk.octets);
    CHECK(ticks * 640 - header.subchunk_size < 16000);
  }
  CHECK_FALSE(writer.flush());
  CHECK(header_of(disk.octets).subchunk_size == 64000);
  CHECK(writer.octets() == 64044);
  CHECK(writer.octets() == disk.octets.size());
  CHECK(writer.duration() == Millis(2000));
  // Between any two writes, too.
  for (const Octets& moment : disk.history) {
    const WavHeader header = header_of(moment);
    CHECK(header.data_offset + header.subchunk_size <= moment.size());
    CHECK(header.chunk_size == header.subchunk_size + 36);
  }
}

TEST_CASE("samples are written least significant octet first") {
  MemoryDisk disk;
  WavWriter writer(disk.opener()(), 1, {8000});
  CHECK_FALSE(writer.begin());
  CHECK_FALSE(writer.write(Pcm{0x0102, -2}));
  CHECK_FALSE(writer.flush());
  CHECK(Octets(disk.octets.begin() + wav_header_size, disk.octets.end()) == Octets{2, 1, 0xFE, 0xFF});
}

TEST_CASE("a full disk leaves the file as it was before") {
  MemoryDisk disk;
  disk.capacity = 10'000;
  WavWriter writer(disk.opener()(), 1, {8000});
  CHECK_FALSE(writer.begin());
  CHECK_FALSE(writer.write(Pcm(4000, 1)));
  CHECK(writer.write(Pcm(4000, 1)) == RecordEnd::DiskFull);
  CHECK(writer.octets() == 8044);
  CHECK(writer.duration() == Millis(500));
  CHECK(header_of(disk.octets).subchunk_size == 8000);
}

TEST_CASE("whichever write fails, what the header says is there") {
  for (std::size_t good = 0; good < 6; ++good) {
    MemoryDisk disk;
    disk.good_writes = good;
    WavWriter writer(disk.opener()(), 1, {8000});
    std::optional<RecordEnd> refused = writer.begin();
    for (int i = 0; i < 4 && !refused; ++i) refused = writer.write(Pcm(4000, 1));
    CHECK(refused == RecordEnd::WriteFailed);
    if (good == 0) {
      CHECK(writer.octets() == 0);
    } else {
      CHECK(writer.octets() == wav_header_size + (good - 1) / 2 * 8000);
      CHECK(header_of(disk.octets).subchunk_size == writer.octets() - wav_header_size);
    }
  }
}

TEST_CASE("a file that can't be longer ends with the last whole sample") {
  MemoryDisk disk;
  WavWriter writer(disk.opener()(), 2, {8000}, 4001);
  CHECK_FALSE(writer.begin());
  CHECK_FALSE(writer.write(Pcm(1998, 1)));
  CHECK(writer.write(Pcm(4, 1)) == RecordEnd::Timeout);
  CHECK(writer.write(Pcm(4, 1)) == RecordEnd::Timeout);
  CHECK_FALSE(writer.flush());
  CHECK(writer.octets() == 4044);
  CHECK(disk.octets.size() == 4044);
}
