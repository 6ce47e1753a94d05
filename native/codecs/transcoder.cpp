#include "codecs/transcoder.hpp"

#include <algorithm>
#include <array>

namespace mediaswitch {

const g711::Table* octet_table(AudioFormat from, AudioFormat to) {
  if (from == AudioFormat::Pcmu && to == AudioFormat::Pcma) return &g711::mu_to_a;
  if (from == AudioFormat::Pcma && to == AudioFormat::Pcmu) return &g711::a_to_mu;
  return nullptr;
}

Transcoder::Transcoder(AudioFormat from, AudioFormat to)
    : from_(from), decoder_(from, traits(to).clocks.sampling, Decoder::OnLoss::Skip), encoder_(to) {}

bool Transcoder::keeps_length(std::size_t octets) const {
  const std::size_t samples = decoder_.samples_of(octets);
  return samples % traits(encoder_.format()).unit.samples.value == 0;
}

std::size_t Transcoder::transcode(std::span<const std::uint8_t> payload, std::span<std::uint8_t> out) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): decode writes what is read
  std::array<std::int16_t, most_samples> pcm;
  const std::size_t samples = decoder_.decode(payload, pcm);
  if (samples == 0) return 0;
  return encoder_.encode(std::span(pcm).first(samples), out);
}

void Transcoder::skip(RtpTicks lost) {
  // After half a second a decoder has faded to nothing and has no more to learn.
  const CodecClocks& clocks = traits(from_).clocks;
  const std::uint32_t half_second = clocks.rtp.value / 2;
  const std::size_t ticks = std::min(lost.value, half_second);
  const std::size_t samples = ticks * traits(encoder_.format()).clocks.sampling.value / clocks.rtp.value;
  std::array<std::int16_t, most_samples> nobody_hears;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  for (std::size_t left = samples; left > 0;) {
    const std::size_t now = std::min(left, nobody_hears.size());
    decoder_.conceal(std::span(nobody_hears).first(now));
    left -= now;
  }
}

bool Transcoder::needs_order() const { return decoder_.has_memory() || !is_stateless(encoder_.format()); }

}  // namespace mediaswitch
