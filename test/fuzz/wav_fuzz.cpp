// Arbitrary octets as a sound file: as a WAV file, and raw in each coding, from somewhere within, in pieces
// of odd sizes, to both sampling rates.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "audio/playlist.hpp"
#include "audio/wav.hpp"
#include "codecs/registry.hpp"
#include "support/memory_files.hpp"

using namespace mediaswitch;
using mediaswitch::test::MemorySource;
using mediaswitch::test::Octets;

namespace {

/// Few enough that what plays for ever takes milliseconds.
constexpr std::size_t most_samples_read = 2000;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_header(const Octets& octets) {
  MemorySource file(octets);
  const auto header = read_wav_header(file);
  if (!header.ok()) return;
  require(header.value().data_offset + header.value().data_octets <= octets.size());
  const auto coding = coding_of(header.value());
  require(coding.ok() || !name(coding.error()).empty());
}

void play(const Octets& octets, std::optional<AudioFormat> coding, std::uint8_t variant) {
  const OpenSource open = [&](const std::string&) { return std::make_unique<MemorySource>(octets); };
  const PlaylistFile file{.path = "fuzz",
                          .coding = coding,
                          .start = Millis(variant % 4 == 0 ? 0 : variant),
                          .stop = variant % 3 == 0 ? std::nullopt : std::optional(Millis(variant * 3)),
                          .plays = variant % 3U};
  PlaylistReader reader(
      {.entries = {file, file}, .plays = variant % 2U}, {variant % 2 == 0 ? 8000U : 16000U}, open);
  std::vector<std::int16_t> pcm(variant * 7U + 1);
  std::size_t total = 0;
  std::size_t read = pcm.size();
  while (read == pcm.size() && total < most_samples_read) {
    read = reader.read(pcm);
    total += read;
  }
  require(read == pcm.size() || reader.ended().has_value());
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::uint8_t variant = data[size - 1];
  const Octets octets(data, data + size - 1);
  check_header(octets);
  play(octets, std::nullopt, variant);
  const auto coding = formats[variant % formats.size()].format;
  play(octets, coding, variant);
  return 0;
}
