#include "audio/wav.hpp"

#include <array>
#include <doctest/doctest.h>
#include <vector>

#include "support/memory_files.hpp"
#include "support/wav_builder.hpp"

using namespace mediaswitch;
using namespace mediaswitch::test;

namespace {

const Octets four{1, 2, 3, 4};

Result<WavHeader, WavFault> header_of(Octets octets) {
  MemorySource file(std::move(octets));
  return read_wav_header(file);
}

Result<WavCoding, WavFault> coding_of_format(const WavFormat& format) {
  return coding_of(header_of(WavBuilder().format(format).data(four).octets()).value());
}

}  // namespace

TEST_CASE("all that a plain header says is told") {
  const auto header =
      header_of(WavBuilder().format({.channels = 2, .rate = 16000, .alignment = 4}).data(four).octets());
  REQUIRE(header.ok());
  CHECK(header.value() == WavHeader{.audio_format = 1,
                                    .channel_count = 2,
                                    .sample_rate = {16000},
                                    .byte_rate = 64000,
                                    .sample_alignment = 4,
                                    .bit_depth = 16,
                                    .chunk_size = 40,
                                    .fmt_chunk_size = 16,
                                    .subchunk_size = 4,
                                    .data_offset = 44,
                                    .data_octets = 4});
}

TEST_CASE("chunks may come in any order, others between them, odd ones with an octet more") {
  const Octets odd{9, 9, 9};
  const auto header = header_of(
      WavBuilder().chunk("LIST", odd).data(Octets{1, 2, 3}).chunk("fact", four).format({}).octets());
  REQUIRE(header.ok());
  CHECK(header.value().data_offset == 12 + 12 + 8);
  CHECK(header.value().data_octets == 3);
  CHECK(header.value().sample_rate == ClockRate{8000});
}

TEST_CASE("a size of nothing, or beyond the file, means to its end") {
  for (const std::uint32_t size : {0U, 5U, 0xFFFF'FFFFU}) {
    const auto header = header_of(WavBuilder().format({}).chunk_of_size("data", size, four).octets());
    REQUIRE(header.ok());
    CHECK(header.value().subchunk_size == size);
    CHECK(header.value().data_octets == 4);
  }
}

TEST_CASE("an extensible format is the one it stands for") {
  Octets content = format_content({.format = 0xFFFE});
  append_little(content, 22, 2);
  append_little(content, 16, 2);
  append_little(content, 4, 4);
  append_little(content, 7, 2);
  content.resize(40);
  const auto header = header_of(WavBuilder().chunk("fmt ", content).data(four).octets());
  REQUIRE(header.ok());
  CHECK(header.value().audio_format == 7);
  CHECK(header.value().fmt_chunk_size == 40);

  content.resize(18);
  const auto cut = header_of(WavBuilder().chunk("fmt ", content).data(four).octets());
  REQUIRE(cut.ok());
  CHECK(coding_of(cut.value()).error() == WavFault::UnknownCoding);
}

TEST_CASE("what is no WAV file is refused by what is wrong with it") {
  const auto fault = [](const Octets& octets) {
    const auto header = header_of(octets);
    REQUIRE_FALSE(header.ok());
    return header.error();
  };
  CHECK(fault({}) == WavFault::NotWav);
  CHECK(fault(Octets(100, 'R')) == WavFault::NotWav);
  CHECK(fault(WavBuilder().octets()) == WavFault::NoFormat);
  CHECK(fault(WavBuilder().data(four).octets()) == WavFault::NoFormat);
  CHECK(fault(WavBuilder().chunk("fmt ", four).data(four).octets()) == WavFault::NoFormat);
  CHECK(fault(WavBuilder().chunk_of_size("fmt ", 16, four).octets()) == WavFault::NoFormat);
  CHECK(fault(WavBuilder().format({}).octets()) == WavFault::NoData);

  WavBuilder many;
  for (int i = 0; i < 1000; ++i) many.chunk("junk", {});
  CHECK(fault(many.format({}).data(four).octets()) == WavFault::NoFormat);

  MemorySource broken(pcm_wav({}), 0);
  CHECK(read_wav_header(broken).error() == WavFault::ReadFailed);
  MemorySource broken_later(pcm_wav({}), 12);
  CHECK(read_wav_header(broken_later).error() == WavFault::ReadFailed);
}

TEST_CASE("every cut of a file is refused or read, never overread") {
  const Octets whole = WavBuilder().chunk("LIST", four).format({}).data(four).octets();
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    const auto header = header_of(Octets(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)));
    CHECK(header.ok() == (length >= whole.size() - 4));
    if (header.ok()) CHECK(header.value().data_offset + header.value().data_octets == length);
  }
}

TEST_CASE("codings are told by number, depth and frame length") {
  CHECK(coding_of_format({}).value() == WavCoding::Pcm16);
  CHECK(coding_of_format({.channels = 2, .rate = 44100, .alignment = 4}).value() == WavCoding::Pcm16);
  CHECK(coding_of_format({.format = 6, .depth = 8, .alignment = 1}).value() == WavCoding::Alaw);
  CHECK(coding_of_format({.format = 7, .depth = 8, .alignment = 1}).value() == WavCoding::Mulaw);
  CHECK(coding_of_format({.format = 0xA112, .rate = 16000, .depth = 4, .alignment = 1}).value() ==
        WavCoding::G722);
  CHECK(coding_of_format({.format = 0xA116, .depth = 0, .alignment = 38}).value() == WavCoding::Ilbc20);
  CHECK(coding_of_format({.format = 0xA116, .depth = 0, .alignment = 50}).value() == WavCoding::Ilbc30);
}

TEST_CASE("what can't be played is refused by what is unknown of it") {
  CHECK(coding_of_format({.format = 3, .depth = 32}).error() == WavFault::UnknownCoding);
  CHECK(coding_of_format({.format = 0x31}).error() == WavFault::UnknownCoding);
  CHECK(coding_of_format({.depth = 8}).error() == WavFault::UnknownDepth);
  CHECK(coding_of_format({.depth = 24}).error() == WavFault::UnknownDepth);
  CHECK(coding_of_format({.format = 6, .depth = 16}).error() == WavFault::UnknownDepth);
  CHECK(coding_of_format({.channels = 0}).error() == WavFault::UnknownChannels);
  CHECK(coding_of_format({.channels = 3}).error() == WavFault::UnknownChannels);
  CHECK(coding_of_format({.format = 0xA112, .channels = 2}).error() == WavFault::UnknownChannels);
  CHECK(coding_of_format({.rate = 0}).error() == WavFault::UnknownRate);
  CHECK(coding_of_format({.rate = 3999}).error() == WavFault::UnknownRate);
  CHECK(coding_of_format({.rate = 192'001}).error() == WavFault::UnknownRate);
}

TEST_CASE("a header of ours reads back, up to the longest file there can be") {
  for (const std::uint64_t octets : {std::uint64_t{0}, std::uint64_t{640}, most_wav_data}) {
    const auto written = wav_header(2, ClockRate{16000}, octets);
    const auto header = header_of(Octets(written.begin(), written.end()));
    REQUIRE(header.ok());
    CHECK(header.value().chunk_size == octets + 36);
    CHECK(header.value().subchunk_size == octets);
    CHECK(header.value().byte_rate == 64000);
    CHECK(header.value().data_offset == wav_header_size);
    CHECK(coding_of(header.value()).value() == WavCoding::Pcm16);
  }
}

TEST_CASE("every fault has a name of its own") {
  CHECK(name(WavFault::ReadFailed) == "ReadFailed");
  CHECK(name(WavFault::UnknownRate) == "UnknownRate");
}
