#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "audio/byte_source.hpp"
#include "audio/wav.hpp"
#include "codecs/codec.hpp"
#include "codecs/registry.hpp"
#include "core/result.hpp"
#include "core/units.hpp"

namespace mediaswitch {

/// A file as PCM of one channel at its own sampling rate, read piece by piece. Stereo is mixed down.
class SoundFile {
 public:
  /// `coding`: of a file that has no WAV header; nullopt: it has to have one. L16 has its least significant
  /// octet first, as in WAV; iLBC may begin with its file magic (RFC 3952 §5).
  static Result<SoundFile, WavFault> open(std::unique_ptr<ByteSource> file,
                                          std::optional<AudioFormat> coding);

  [[nodiscard]] ClockRate sampling() const { return sampling_; }

  /// `read` goes on with this sample, counted from the file's start. G.722 and iLBC, whose decoders have a
  /// memory, are decoded from half a second before.
  void seek(std::uint64_t sample);

  /// Samples read: fewer than `pcm` holds at the end only, or when the file can't be read any more.
  std::size_t read(std::span<std::int16_t> pcm);

  [[nodiscard]] bool has_failed() const { return has_failed_; }

 private:
  struct Layout {
    WavCoding coding = WavCoding::Pcm16;
    std::uint16_t channels = 1;
    ClockRate sampling;
    std::uint64_t offset = 0;
    std::uint64_t octets = 0;
  };

  SoundFile(std::unique_ptr<ByteSource> file, const Layout& layout);
  static Result<Layout, WavFault> layout_of_wav(ByteSource& file);
  static Layout layout_of_raw(ByteSource& file, AudioFormat coding);

  /// Decodes the next piece into `decoded_`. False: there is none.
  bool decode_more();
  void decode(std::span<const std::uint8_t> octets);

  std::unique_ptr<ByteSource> file_;
  WavCoding coding_;
  std::uint16_t channels_;
  ClockRate sampling_;
  /// Of the audio, in the file.
  std::uint64_t begin_;
  std::uint64_t end_;
  CodedUnit unit_;
  /// For codings with a memory.
  std::optional<Decoder> decoder_;

  /// Where the next piece is.
  std::uint64_t at_;
  std::vector<std::uint8_t> coded_;
  std::vector<std::int16_t> decoded_;
  std::size_t taken_ = 0;
  /// Samples to decode and leave out.
  std::uint64_t skip_ = 0;
  bool has_failed_ = false;
};

}  // namespace mediaswitch
