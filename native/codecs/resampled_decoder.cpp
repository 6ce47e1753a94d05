#include "codecs/resampled_decoder.hpp"

#include <algorithm>
#include <array>

namespace mediaswitch {

ResampledDecoder::ResampledDecoder(AudioFormat format, ClockRate sampling, Decoder::OnLoss on_loss)
    : decoder_(format, on_loss) {
  const ClockRate own = traits(format).clocks.sampling;
  if (own < sampling) resampler_.emplace<Upsampler>();
  if (own > sampling) resampler_.emplace<Downsampler>();
}

std::size_t ResampledDecoder::decode(std::span<const std::uint8_t> payload, std::span<std::int16_t> pcm) {
  if (std::holds_alternative<std::monostate>(resampler_)) return decoder_.decode(payload, pcm);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): decode writes what is read
  std::array<std::int16_t, most_samples> own;
  return resample(std::span<const std::int16_t>(own).first(decoder_.decode(payload, own)), pcm);
}

void ResampledDecoder::conceal(std::span<std::int16_t> pcm) {
  if (std::holds_alternative<std::monostate>(resampler_)) {
    decoder_.conceal(pcm);
    return;
  }
  const bool is_up = std::holds_alternative<Upsampler>(resampler_);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): conceal writes what is read
  std::array<std::int16_t, most_samples> own;
  while (!pcm.empty()) {
    const std::size_t wanted = is_up ? pcm.size() / 2 : 2 * pcm.size();
    if (wanted == 0) return;
    const auto lost = std::span(own).first(std::min(wanted, own.size()));
    decoder_.conceal(lost);
    pcm = pcm.subspan(resample(lost, pcm));
  }
}

std::size_t ResampledDecoder::resample(std::span<const std::int16_t> own, std::span<std::int16_t> pcm) {
  if (auto* const up = std::get_if<Upsampler>(&resampler_)) {
    const std::size_t samples = 2 * own.size();
    up->process(own, pcm.first(samples));
    return samples;
  }
  const std::size_t samples = own.size() / 2;
  std::get<Downsampler>(resampler_).process(own.first(2 * samples), pcm.first(samples));
  return samples;
}

std::size_t ResampledDecoder::samples_of(std::size_t octets) const {
  const std::size_t own = samples_in_payload(decoder_.format(), octets).value;
  if (std::holds_alternative<Upsampler>(resampler_)) return 2 * own;
  if (std::holds_alternative<Downsampler>(resampler_)) return own / 2;
  return own;
}

bool ResampledDecoder::has_memory() const {
  return !is_stateless(decoder_.format()) || !std::holds_alternative<std::monostate>(resampler_);
}

}  // namespace mediaswitch
