#include "audio/wav.hpp"

#include <algorithm>
#include <cstring>

namespace mediaswitch {
namespace {

/// A number of a RIFF file: least significant octet first.
template <class Word>
struct LittleField {
  std::size_t octet;

  [[nodiscard]] Word read(std::span<const std::uint8_t> octets) const {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < sizeof(Word); ++i) {
      value |= static_cast<std::uint32_t>(octets[octet + i]) << (8U * i);
    }
    return static_cast<Word>(value);
  }

  void write(std::span<std::uint8_t> octets, Word value) const {
    for (std::size_t i = 0; i < sizeof(Word); ++i) {
      octets[octet + i] = static_cast<std::uint8_t>(static_cast<std::uint32_t>(value) >> (8U * i));
    }
  }
};
using Little16 = LittleField<std::uint16_t>;
using Little32 = LittleField<std::uint32_t>;

/// A chunk: four letters, the octets of its content, the content, and an octet more where their number is
/// odd.
constexpr std::size_t chunk_header_size = 8;
constexpr Little32 chunk_size_field{.octet = 4};
/// The RIFF chunk's content begins with its form, four letters more.
constexpr std::size_t riff_header_size = 12;
constexpr std::size_t most_chunks = 1000;

// Content of the `fmt ` chunk: WAVEFORMATEX, and what WAVEFORMATEXTENSIBLE has after it.
constexpr Little16 format_field{.octet = 0};
constexpr Little16 channels_field{.octet = 2};
constexpr Little32 rate_field{.octet = 4};
constexpr Little32 byte_rate_field{.octet = 8};
constexpr Little16 alignment_field{.octet = 12};
constexpr Little16 depth_field{.octet = 14};
constexpr std::size_t least_format_size = 16;
/// The first two octets of the GUID that names the format: the old number.
constexpr Little16 subformat_field{.octet = 24};
constexpr std::size_t extensible_format_size = 40;

constexpr std::uint16_t pcm_format = 1;
constexpr std::uint16_t alaw_format = 6;
constexpr std::uint16_t mulaw_format = 7;
constexpr std::uint16_t g722_format = 0xA112;
constexpr std::uint16_t ilbc_format = 0xA116;
constexpr std::uint16_t extensible_format = 0xFFFE;

constexpr std::uint32_t lowest_rate = 4000;
constexpr std::uint32_t highest_rate = 192'000;

bool begins(std::span<const std::uint8_t> octets, std::string_view letters) {
  return std::memcmp(octets.data(), letters.data(), letters.size()) == 0;
}

bool read_all(ByteSource& file, std::uint64_t offset, std::span<std::uint8_t> to) {
  return file.read(offset, to) == to.size();
}

void take_format(WavHeader& header, std::span<const std::uint8_t> content) {
  header.audio_format = format_field.read(content);
  header.channel_count = channels_field.read(content);
  header.sample_rate = {rate_field.read(content)};
  header.byte_rate = byte_rate_field.read(content);
  header.sample_alignment = alignment_field.read(content);
  header.bit_depth = depth_field.read(content);
  if (header.audio_format == extensible_format && content.size() >= extensible_format_size) {
    header.audio_format = subformat_field.read(content);
  }
}

/// Where both chunks are that make a file playable.
struct Scan {
  WavHeader header;
  bool has_format = false;
  bool has_data = false;
};

/// False: what was found can't be read.
bool scan_chunk(
    ByteSource& file, std::uint64_t content_at, std::string_view id, std::uint32_t size, Scan& scan) {
  if (id == "fmt " && !scan.has_format && size >= least_format_size) {
    std::array<std::uint8_t, extensible_format_size> content{};
    const auto read = std::span(content).first(std::min<std::size_t>(size, content.size()));
    if (!read_all(file, content_at, read)) return false;
    take_format(scan.header, read);
    scan.header.fmt_chunk_size = size;
    scan.has_format = true;
  }
  if (id == "data" && !scan.has_data) {
    const std::uint64_t file_size = file.size();
    const std::uint64_t left = file_size > content_at ? file_size - content_at : 0;
    scan.header.subchunk_size = size;
    scan.header.data_offset = content_at;
    scan.header.data_octets = size == 0 ? left : std::min<std::uint64_t>(size, left);
    scan.has_data = true;
  }
  return true;
}

/// iLBC's frame length is told by the length of a coded frame (RFC 3951 §3.2), or else by their rate.
WavCoding ilbc_of(const WavHeader& header) {
  const bool is_30 = header.sample_alignment == 50 || header.byte_rate == 1666 || header.byte_rate == 1667;
  return is_30 ? WavCoding::Ilbc30 : WavCoding::Ilbc20;
}

}  // namespace

std::string_view name(WavFault fault) {
  switch (fault) {
    case WavFault::ReadFailed: return "ReadFailed";
    case WavFault::NotWav: return "NotWav";
    case WavFault::NoFormat: return "NoFormat";
    case WavFault::NoData: return "NoData";
    case WavFault::UnknownCoding: return "UnknownCoding";
    case WavFault::UnknownDepth: return "UnknownDepth";
    case WavFault::UnknownChannels: return "UnknownChannels";
    case WavFault::UnknownRate: return "UnknownRate";
  }
  return {};
}

Result<WavHeader, WavFault> read_wav_header(ByteSource& file) {
  std::array<std::uint8_t, riff_header_size> riff{};
  const auto begun = file.read(0, riff);
  if (!begun) return WavFault::ReadFailed;
  if (*begun < riff.size() || !begins(riff, "RIFF") || !begins(std::span(riff).subspan(8), "WAVE")) {
    return WavFault::NotWav;
  }
  Scan scan;
  scan.header.chunk_size = chunk_size_field.read(riff);
  std::uint64_t at = riff_header_size;
  for (std::size_t i = 0; i < most_chunks && !(scan.has_format && scan.has_data); ++i) {
    std::array<std::uint8_t, chunk_header_size> chunk{};
    const auto read = file.read(at, chunk);
    if (!read) return WavFault::ReadFailed;
    if (*read < chunk.size()) break;
    const std::string_view id(reinterpret_cast<const char*>(chunk.data()), 4);
    const std::uint32_t size = chunk_size_field.read(chunk);
    if (!scan_chunk(file, at + chunk_header_size, id, size, scan)) return WavFault::NoFormat;
    at += chunk_header_size + size + size % 2;
  }
  if (!scan.has_format) return WavFault::NoFormat;
  if (!scan.has_data) return WavFault::NoData;
  return scan.header;
}

Result<WavCoding, WavFault> coding_of(const WavHeader& header) {
  const bool is_mono = header.channel_count == 1;
  const bool is_mono_or_stereo = is_mono || header.channel_count == 2;
  const bool has_rate = header.sample_rate.value >= lowest_rate && header.sample_rate.value <= highest_rate;
  const auto of_samples = [&](WavCoding coding, std::uint16_t depth) -> Result<WavCoding, WavFault> {
    if (header.bit_depth != depth) return WavFault::UnknownDepth;
    if (!is_mono_or_stereo) return WavFault::UnknownChannels;
    if (!has_rate) return WavFault::UnknownRate;
    return coding;
  };
  const auto of_codec = [&](WavCoding coding) -> Result<WavCoding, WavFault> {
    if (!is_mono) return WavFault::UnknownChannels;
    return coding;
  };
  switch (header.audio_format) {
    case pcm_format: return of_samples(WavCoding::Pcm16, 16);
    case alaw_format: return of_samples(WavCoding::Alaw, 8);
    case mulaw_format: return of_samples(WavCoding::Mulaw, 8);
    case g722_format: return of_codec(WavCoding::G722);
    case ilbc_format: return of_codec(ilbc_of(header));
  }
  return WavFault::UnknownCoding;
}

std::array<std::uint8_t, wav_header_size> wav_header(std::uint16_t channels,
                                                     ClockRate sampling,
                                                     std::uint64_t data_octets) {
  constexpr std::size_t format_at = riff_header_size + chunk_header_size;
  constexpr std::size_t data_at = format_at + least_format_size;
  const std::uint16_t depth = 16;
  const auto alignment = static_cast<std::uint16_t>(channels * depth / 8);
  const auto octets = static_cast<std::uint32_t>(std::min(data_octets, most_wav_data));

  std::array<std::uint8_t, wav_header_size> header{};
  const std::span all(header);
  const auto put_chunk = [&](std::size_t at, std::string_view id, std::uint32_t size) {
    std::copy(id.begin(), id.end(), all.subspan(at).begin());
    chunk_size_field.write(all.subspan(at), size);
  };
  put_chunk(0, "RIFF", octets + static_cast<std::uint32_t>(wav_header_size - chunk_header_size));
  constexpr std::string_view form = "WAVE";
  std::copy(form.begin(), form.end(), all.subspan(chunk_header_size).begin());
  put_chunk(riff_header_size, "fmt ", least_format_size);
  const auto format = all.subspan(format_at, least_format_size);
  format_field.write(format, pcm_format);
  channels_field.write(format, channels);
  rate_field.write(format, sampling.value);
  byte_rate_field.write(format, sampling.value * alignment);
  alignment_field.write(format, alignment);
  depth_field.write(format, depth);
  put_chunk(data_at, "data", octets);
  return header;
}

}  // namespace mediaswitch
