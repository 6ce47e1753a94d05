#include "codecs/ilbc.hpp"

#include <algorithm>
#include <ilbc.h>

namespace mediaswitch {
namespace {

struct IlbcFrame {
  std::int16_t millis;
  std::size_t samples;
  std::size_t octets;
};

constexpr IlbcFrame frame_of(IlbcMode mode) {
  switch (mode) {
    case IlbcMode::Millis20: return {.millis = 20, .samples = 160, .octets = 38};
    case IlbcMode::Millis30: return {.millis = 30, .samples = 240, .octets = 50};
  }
  return {};
}

/// libilbc reads and writes frames as 16-bit words.
using AlignedFrame = std::array<std::uint16_t, 25>;

std::uint8_t* octets_of(AlignedFrame& frame) { return reinterpret_cast<std::uint8_t*>(frame.data()); }

IlbcState state_of_words(std::int16_t words) {
  const std::size_t octets = static_cast<std::size_t>(words) * sizeof(std::int16_t);
  return IlbcState((octets + sizeof(std::max_align_t) - 1) / sizeof(std::max_align_t));
}

IlbcDecoderInstance* decoder_in(IlbcState& state) {
  return reinterpret_cast<IlbcDecoderInstance*>(state.data());
}
IlbcEncoderInstance* encoder_in(IlbcState& state) {
  return reinterpret_cast<IlbcEncoderInstance*>(state.data());
}

IlbcState decoder_state(IlbcMode mode) {
  std::int16_t words = 0;
  IlbcDecoderInstance* nowhere = nullptr;
  WebRtcIlbcfix_DecoderAssign(&nowhere, nullptr, &words);
  IlbcState state = state_of_words(words);
  WebRtcIlbcfix_DecoderInit(decoder_in(state), frame_of(mode).millis);
  return state;
}

IlbcState encoder_state(IlbcMode mode) {
  std::int16_t words = 0;
  IlbcEncoderInstance* nowhere = nullptr;
  WebRtcIlbcfix_EncoderAssign(&nowhere, nullptr, &words);
  IlbcState state = state_of_words(words);
  WebRtcIlbcfix_EncoderInit(encoder_in(state), frame_of(mode).millis);
  return state;
}

}  // namespace

IlbcDecoder::IlbcDecoder(IlbcMode mode) : mode_(mode), state_(decoder_state(mode)), before_(state_) {}

bool IlbcDecoder::decode(std::span<const std::uint8_t> frames, std::span<std::int16_t> pcm) {
  const IlbcFrame frame = frame_of(mode_);
  // libilbc begins anew after a frame that it refuses.
  std::ranges::copy(state_, before_.begin());
  for (; !frames.empty(); frames = frames.subspan(frame.octets), pcm = pcm.subspan(frame.samples)) {
    AlignedFrame aligned;
    std::ranges::copy(frames.first(frame.octets), octets_of(aligned));
    std::int16_t speech = 0;
    const int samples =
        WebRtcIlbcfix_Decode(decoder_in(state_), octets_of(aligned), frame.octets, pcm.data(), &speech);
    if (samples != static_cast<int>(frame.samples)) {
      std::ranges::copy(before_, state_.begin());
      return false;
    }
  }
  concealed_left_ = 0;
  return true;
}

void IlbcDecoder::conceal(std::span<std::int16_t> pcm) {
  const std::size_t frame = frame_of(mode_).samples;
  while (!pcm.empty()) {
    if (concealed_left_ == 0) {
      WebRtcIlbcfix_DecodePlc(decoder_in(state_), concealed_.data(), 1);
      concealed_left_ = frame;
    }
    const std::size_t count = std::min(pcm.size(), concealed_left_);
    std::ranges::copy(std::span(concealed_).subspan(frame - concealed_left_, count), pcm.begin());
    concealed_left_ -= count;
    pcm = pcm.subspan(count);
  }
}

IlbcEncoder::IlbcEncoder(IlbcMode mode) : mode_(mode), state_(encoder_state(mode)) {}

void IlbcEncoder::encode(std::span<const std::int16_t> pcm, std::span<std::uint8_t> frames) {
  const IlbcFrame frame = frame_of(mode_);
  for (; !pcm.empty(); pcm = pcm.subspan(frame.samples), frames = frames.subspan(frame.octets)) {
    AlignedFrame aligned;
    WebRtcIlbcfix_Encode(encoder_in(state_), pcm.data(), frame.samples, octets_of(aligned));
    std::copy_n(octets_of(aligned), frame.octets, frames.begin());
  }
}

}  // namespace mediaswitch
