#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "codecs/codec.hpp"
#include "codecs/g711.hpp"
#include "codecs/registry.hpp"
#include "codecs/resampled_decoder.hpp"

namespace mediaswitch {

/// Octet by octet, where that is all there is to do: between the two laws of G.711. nullptr elsewhere.
const g711::Table* octet_table(AudioFormat from, AudioFormat to);

/// Payloads of one stream in one format to payloads in another that last as long, packet by packet. Allocates
/// only when it is made.
class Transcoder {
 public:
  Transcoder(AudioFormat from, AudioFormat to);

  /// Whether a payload of so many octets comes out whole: what iLBC takes is a whole number of its frames.
  [[nodiscard]] bool keeps_length(std::size_t octets) const;

  /// Octets written; 0: the payload is none of its format. Only where `keeps_length`; `out` has the room.
  std::size_t transcode(std::span<const std::uint8_t> payload, std::span<std::uint8_t> out);

  /// Audio that never came, on the clock of the format it would have had: nobody will hear anything in its
  /// place, only the decoder is brought forward.
  void skip(RtpTicks lost);

  /// Whether packets have to come in their order.
  [[nodiscard]] bool needs_order() const;

 private:
  AudioFormat from_;
  ResampledDecoder decoder_;
  Encoder encoder_;
};

}  // namespace mediaswitch
