#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>

#include "codecs/codec.hpp"
#include "codecs/resampler.hpp"
#include "core/units.hpp"

namespace mediaswitch {

/// Payloads of one stream to PCM at a rate of the caller's choice, 8 or 16 kHz.
class ResampledDecoder {
 public:
  ResampledDecoder(AudioFormat format, ClockRate sampling, Decoder::OnLoss on_loss);

  /// As `Decoder::decode`, at the chosen rate.
  std::size_t decode(std::span<const std::uint8_t> payload, std::span<std::int16_t> pcm);
  /// As `Decoder::conceal`, at the chosen rate; an even number of samples where that is the higher one.
  void conceal(std::span<std::int16_t> pcm);

  /// Samples that a payload of so many octets gives.
  [[nodiscard]] std::size_t samples_of(std::size_t octets) const;
  /// Whether what it gives depends on what went before.
  [[nodiscard]] bool has_memory() const;

 private:
  std::size_t resample(std::span<const std::int16_t> own, std::span<std::int16_t> pcm);

  Decoder decoder_;
  /// Nothing where the format has the chosen rate itself.
  std::variant<std::monostate, Upsampler, Downsampler> resampler_;
};

}  // namespace mediaswitch
