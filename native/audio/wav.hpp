#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "audio/byte_source.hpp"
#include "core/result.hpp"
#include "core/units.hpp"

namespace mediaswitch {

/// What the header of a WAV file says, of any format.
struct WavHeader {
  /// Registered format number, RFC 2361; of an extensible format (0xFFFE) the one it stands for.
  std::uint16_t audio_format = 0;
  std::uint16_t channel_count = 0;
  ClockRate sample_rate;
  std::uint32_t byte_rate = 0;
  /// Octets of one sample of all channels, or of one coded unit.
  std::uint16_t sample_alignment = 0;
  std::uint16_t bit_depth = 0;
  /// As they are written: of the RIFF chunk, of `fmt `, of `data`.
  std::uint32_t chunk_size = 0;
  std::uint32_t fmt_chunk_size = 0;
  std::uint32_t subchunk_size = 0;
  /// Where the audio is: within the file, whatever the sizes say.
  std::uint64_t data_offset = 0;
  std::uint64_t data_octets = 0;
  friend constexpr bool operator==(const WavHeader&, const WavHeader&) = default;
};

/// Why there is nothing to play in a file.
enum class WavFault : std::uint8_t {
  ReadFailed,
  NotWav,    ///< Does not begin as a RIFF file of form WAVE.
  NoFormat,  ///< No `fmt ` chunk, or one too short.
  NoData,    ///< No `data` chunk.
  UnknownCoding,
  UnknownDepth,     ///< Other than 16 bits of PCM, 8 of G.711.
  UnknownChannels,  ///< Neither mono nor stereo, or a codec of one channel with more.
  UnknownRate,      ///< Less than 4 kHz or more than 192 kHz.
};
std::string_view name(WavFault fault);

/// The header of a file, however its chunks are ordered and whatever else is between them. A `data` size that
/// is 0 or goes beyond the file means: to its end. Looks at no more than 1,000 chunks.
Result<WavHeader, WavFault> read_wav_header(ByteSource& file);

/// How audio in a WAV file is coded, of all that we play.
enum class WavCoding : std::uint8_t { Pcm16, Alaw, Mulaw, G722, Ilbc20, Ilbc30 };

/// What of this header we can play.
Result<WavCoding, WavFault> coding_of(const WavHeader& header);

inline constexpr std::size_t wav_header_size = 44;
/// What a RIFF file has room for after such a header.
inline constexpr std::uint64_t most_wav_data = 0xFFFF'FFFFU - (wav_header_size - 8);

/// The header of a file with `data_octets` of 16-bit PCM, at most `most_wav_data`.
std::array<std::uint8_t, wav_header_size> wav_header(std::uint16_t channels,
                                                     ClockRate sampling,
                                                     std::uint64_t data_octets);

}  // namespace mediaswitch
