#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "audio/sample_queue.hpp"
#include "codecs/registry.hpp"
#include "codecs/resampled_decoder.hpp"
#include "core/units.hpp"

namespace mediaswitch {

/// One far end's voice: payloads of any of the formats agreed, in the order in which they are played, to
/// samples at one rate, and something in place of what is missing. Allocates only when it is made.
class Voice {
 public:
  Voice(std::span<const AudioFormat> agreed, ClockRate sampling);
  Voice(const Voice&) = delete;
  Voice& operator=(const Voice&) = delete;
  Voice(Voice&&) = delete;
  Voice& operator=(Voice&&) = delete;
  ~Voice() = default;

  [[nodiscard]] bool speaks(AudioFormat format) const { return by_format_[index_of(format)] != nullptr; }

  /// Appends the samples of a payload. False: the codec refuses it, and it was concealed as one that is lost.
  bool decode(AudioFormat format, std::span<const std::uint8_t> payload, SampleQueue& queue);
  /// The same for a payload of nothing but silence. No decoder is asked when the sample before was silence
  /// too.
  void decode_silence(AudioFormat format, std::span<const std::uint8_t> payload, SampleQueue& queue);

  /// Appends `samples` in place of what is missing: more of what went before, fading to silence within
  /// `longest_concealment`. True when any of it may be heard.
  bool conceal(std::size_t samples, SampleQueue& queue);
  /// Whether anything is left to be heard of what went before.
  [[nodiscard]] bool can_conceal() const { return concealed_ < most_concealed_; }
  [[nodiscard]] bool is_concealing() const { return concealed_ > 0 && can_conceal(); }

  /// What comes now has nothing to do with what went before.
  void fall_silent() { concealed_ = most_concealed_; }

 private:
  static constexpr std::size_t index_of(AudioFormat format) { return static_cast<std::size_t>(format); }
  void fade(std::span<std::int16_t> pcm) const;

  std::vector<ResampledDecoder> decoders_;
  /// nullptr: not agreed on.
  std::array<ResampledDecoder*, formats.size()> by_format_{};
  /// The one that decoded last.
  ResampledDecoder* last_ = nullptr;
  std::size_t most_concealed_;
  std::size_t fading_;
  /// Samples since the last that came; `most_concealed_` when nothing is left to go on from.
  std::size_t concealed_;
};

}  // namespace mediaswitch
