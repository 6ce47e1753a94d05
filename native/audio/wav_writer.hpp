#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "audio/byte_sink.hpp"
#include "audio/end_reason.hpp"
#include "audio/wav.hpp"
#include "core/units.hpp"

namespace mediaswitch {

/// 16-bit PCM into a WAV file whose header is true whenever the program is stopped: what was written last is
/// at most half a second longer than it says. A refused write ends it; the file is then as it was before.
class WavWriter {
 public:
  /// `most_data`: octets of audio that it may have.
  WavWriter(std::unique_ptr<ByteSink> file,
            std::uint16_t channels,
            ClockRate sampling,
            std::uint64_t most_data = most_wav_data);

  /// The header of an empty file; to be called first. nullopt, here and below: done.
  std::optional<RecordEnd> begin();
  /// Samples of all channels in turn, whole ones. `Timeout`: a WAV file can't be longer; the rest is left
  /// out.
  std::optional<RecordEnd> write(std::span<const std::int16_t> samples);
  /// Whatever is not in the file yet.
  std::optional<RecordEnd> flush();

  /// Of the file, header included, as far as it was written.
  [[nodiscard]] std::uint64_t octets() const;
  [[nodiscard]] Millis duration() const;

 private:
  std::optional<RecordEnd> put(std::uint64_t offset, std::span<const std::uint8_t> octets);
  std::optional<RecordEnd> put_header(std::uint64_t data_octets);

  std::unique_ptr<ByteSink> file_;
  std::uint16_t channels_;
  ClockRate sampling_;
  std::uint64_t most_data_;
  std::size_t octets_per_second_;
  bool has_header_ = false;
  std::uint64_t data_octets_ = 0;
  std::vector<std::uint8_t> waiting_;
};

}  // namespace mediaswitch
