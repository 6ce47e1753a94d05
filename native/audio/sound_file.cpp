#include "audio/sound_file.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "codecs/g711.hpp"

namespace mediaswitch {
namespace {

/// Octets read at once, about.
constexpr std::size_t piece = 4096;
/// After this long a decoder sounds the same wherever it began.
constexpr Millis settling{500};

constexpr std::string_view ilbc20_magic = "#!iLBC20\n";
constexpr std::string_view ilbc30_magic = "#!iLBC30\n";

/// The codec of a coding with a memory.
std::optional<AudioFormat> codec_of(WavCoding coding) {
  switch (coding) {
    case WavCoding::Pcm16:
    case WavCoding::Alaw:
    case WavCoding::Mulaw: return std::nullopt;
    case WavCoding::G722: return AudioFormat::G722;
    case WavCoding::Ilbc20: return AudioFormat::Ilbc20;
    case WavCoding::Ilbc30: return AudioFormat::Ilbc30;
  }
  return std::nullopt;
}

WavCoding wav_coding_of(AudioFormat format) {
  switch (format) {
    case AudioFormat::Pcmu: return WavCoding::Mulaw;
    case AudioFormat::Pcma: return WavCoding::Alaw;
    case AudioFormat::G722: return WavCoding::G722;
    case AudioFormat::Ilbc20: return WavCoding::Ilbc20;
    case AudioFormat::Ilbc30: return WavCoding::Ilbc30;
    case AudioFormat::L16Narrow:
    case AudioFormat::L16Wide: return WavCoding::Pcm16;
  }
  return WavCoding::Pcm16;
}

CodedUnit unit_of(WavCoding coding, std::uint16_t channels) {
  if (const auto codec = codec_of(coding)) return traits(*codec).unit;
  const std::size_t width = coding == WavCoding::Pcm16 ? 2 : 1;
  return {.octets = width * channels, .samples = {1}, .ticks = {1}};
}

/// One sample of one channel.
std::int16_t sample_of(WavCoding coding, std::span<const std::uint8_t> octets) {
  if (coding == WavCoding::Alaw) return g711::decode_a(octets[0]);
  if (coding == WavCoding::Mulaw) return g711::decode_mu(octets[0]);
  return static_cast<std::int16_t>(static_cast<std::uint16_t>(octets[0] | octets[1] << 8U));
}

}  // namespace

Result<SoundFile, WavFault> SoundFile::open(std::unique_ptr<ByteSource> file,
                                            std::optional<AudioFormat> coding) {
  const auto wav = layout_of_wav(*file);
  if (wav.ok()) return SoundFile(std::move(file), wav.value());
  if (wav.error() != WavFault::NotWav || !coding) return wav.error();
  const Layout raw = layout_of_raw(*file, *coding);
  return SoundFile(std::move(file), raw);
}

Result<SoundFile::Layout, WavFault> SoundFile::layout_of_wav(ByteSource& file) {
  const auto header = read_wav_header(file);
  if (!header.ok()) return header.error();
  const auto coding = coding_of(header.value());
  if (!coding.ok()) return coding.error();
  const auto codec = codec_of(coding.value());
  return Layout{.coding = coding.value(),
                .channels = header.value().channel_count,
                .sampling = codec ? traits(*codec).clocks.sampling : header.value().sample_rate,
                .offset = header.value().data_offset,
                .octets = header.value().data_octets};
}

SoundFile::Layout SoundFile::layout_of_raw(ByteSource& file, AudioFormat coding) {
  Layout layout{.coding = wav_coding_of(coding), .sampling = traits(coding).clocks.sampling};
  if (coding == AudioFormat::Ilbc20 || coding == AudioFormat::Ilbc30) {
    std::array<std::uint8_t, ilbc20_magic.size()> begun{};
    const bool is_long_enough = file.read(0, begun) == begun.size();
    const std::string_view magic(reinterpret_cast<const char*>(begun.data()), begun.size());
    if (is_long_enough && (magic == ilbc20_magic || magic == ilbc30_magic)) {
      layout.coding = magic == ilbc20_magic ? WavCoding::Ilbc20 : WavCoding::Ilbc30;
      layout.offset = magic.size();
    }
  }
  layout.octets = file.size() - std::min(file.size(), layout.offset);
  return layout;
}

SoundFile::SoundFile(std::unique_ptr<ByteSource> file, const Layout& layout)
    : file_(std::move(file)),
      coding_(layout.coding),
      channels_(layout.channels),
      sampling_(layout.sampling),
      begin_(layout.offset),
      end_(layout.offset + layout.octets),
      unit_(unit_of(layout.coding, layout.channels)),
      at_(layout.offset) {
  seek(0);
}

void SoundFile::seek(std::uint64_t sample) {
  const std::uint64_t units = (end_ - begin_) / unit_.octets;
  const std::uint64_t wanted = std::min<std::uint64_t>(sample / unit_.samples.value, units);
  std::uint64_t first = wanted;
  if (const auto codec = codec_of(coding_)) {
    first -= std::min<std::uint64_t>(first, samples_in(settling, sampling_).value / unit_.samples.value);
    decoder_.emplace(*codec, Decoder::OnLoss::Skip);
  }
  at_ = begin_ + first * unit_.octets;
  skip_ = wanted < units ? sample - first * unit_.samples.value : (units - first) * unit_.samples.value;
  decoded_.clear();
  taken_ = 0;
}

std::size_t SoundFile::read(std::span<std::int16_t> pcm) {
  std::size_t given = 0;
  while (given < pcm.size()) {
    if (taken_ == decoded_.size() && !decode_more()) break;
    const auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, decoded_.size() - taken_));
    taken_ += skipped;
    skip_ -= skipped;
    const std::size_t now = std::min(pcm.size() - given, decoded_.size() - taken_);
    std::copy_n(decoded_.begin() + static_cast<std::ptrdiff_t>(taken_), now, pcm.subspan(given).begin());
    taken_ += now;
    given += now;
  }
  return given;
}

bool SoundFile::decode_more() {
  const std::uint64_t left = (end_ - at_) / unit_.octets;
  const std::uint64_t units = std::min<std::uint64_t>(left, piece / unit_.octets);
  coded_.resize(static_cast<std::size_t>(units) * unit_.octets);
  const auto read = coded_.empty() ? 0 : file_->read(at_, coded_);
  if (!read) {
    has_failed_ = true;
    return false;
  }
  const std::size_t whole = *read - *read % unit_.octets;
  decoded_.clear();
  taken_ = 0;
  if (whole == 0) return false;
  at_ += whole;
  decode(std::span(coded_).first(whole));
  return true;
}

void SoundFile::decode(std::span<const std::uint8_t> octets) {
  const std::size_t units = octets.size() / unit_.octets;
  decoded_.resize(units * unit_.samples.value);
  if (decoder_) {
    for (std::size_t i = 0; i < units; ++i) {
      const auto pcm = std::span(decoded_).subspan(i * unit_.samples.value, unit_.samples.value);
      if (decoder_->decode(octets.subspan(i * unit_.octets, unit_.octets), pcm) == 0) decoder_->conceal(pcm);
    }
    return;
  }
  const std::size_t width = unit_.octets / channels_;
  for (std::size_t i = 0; i < units; ++i) {
    const auto unit = octets.subspan(i * unit_.octets, unit_.octets);
    const std::int32_t left = sample_of(coding_, unit);
    const std::int32_t right = channels_ == 2 ? sample_of(coding_, unit.subspan(width)) : left;
    decoded_[i] = static_cast<std::int16_t>((left + right) / 2);
  }
}

}  // namespace mediaswitch
