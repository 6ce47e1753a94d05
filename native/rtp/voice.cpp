#include "rtp/voice.hpp"

#include <algorithm>

namespace mediaswitch {
namespace {

/// Beyond this a repeated pitch period sounds like a machine.
constexpr Millis longest_concealment{60};
/// The end of it, in which it fades, however the codec's own concealment goes on.
constexpr Millis fading_time{20};

}  // namespace

Voice::Voice(std::span<const AudioFormat> agreed, ClockRate sampling)
    : most_concealed_(samples_in(longest_concealment, sampling).value),
      fading_(samples_in(fading_time, sampling).value),
      concealed_(most_concealed_) {
  decoders_.reserve(agreed.size());
  for (const AudioFormat format : agreed) {
    if (speaks(format)) continue;
    by_format_[index_of(format)] = &decoders_.emplace_back(format, sampling, Decoder::OnLoss::Conceal);
  }
}

bool Voice::decode(AudioFormat format, std::span<const std::uint8_t> payload, SampleQueue& queue) {
  ResampledDecoder& decoder = *by_format_[index_of(format)];
  const std::size_t expected = decoder.samples_of(payload.size());
  const std::size_t decoded = decoder.decode(payload, queue.room());
  if (decoded < expected) {
    conceal(expected, queue);
    return false;
  }
  queue.append(decoded);
  last_ = &decoder;
  concealed_ = 0;
  return true;
}

void Voice::decode_silence(AudioFormat format, std::span<const std::uint8_t> payload, SampleQueue& queue) {
  if (can_conceal()) {
    decode(format, payload, queue);
    fall_silent();
  } else {
    queue.append_silence(by_format_[index_of(format)]->samples_of(payload.size()));
  }
}

bool Voice::conceal(std::size_t samples, SampleQueue& queue) {
  const std::size_t heard = std::min(samples, most_concealed_ - concealed_);
  if (heard > 0) {
    // A decoder whose samples are doubled conceals an even number of them.
    last_->conceal(queue.room().first(heard + heard % 2));
    fade(queue.room().first(heard));
    queue.append(heard);
    concealed_ += heard;
  }
  queue.append_silence(samples - heard);
  return heard > 0;
}

void Voice::fade(std::span<std::int16_t> pcm) const {
  const auto length = static_cast<std::int64_t>(fading_);
  auto left = static_cast<std::int64_t>(most_concealed_ - concealed_);
  for (std::int16_t& sample : pcm) {
    if (left < length) sample = static_cast<std::int16_t>(sample * left / length);
    --left;
  }
}

}  // namespace mediaswitch
