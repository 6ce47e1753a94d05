#include "codecs/codec.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "codecs/concealment.hpp"
#include "codecs/g711_blocks.hpp"
#include "codecs/g722.hpp"
#include "codecs/ilbc.hpp"
#include "codecs/l16.hpp"

namespace mediaswitch {
namespace {

struct Pcmu {};
struct Pcma {};
struct L16 {};

/// By format; what has no state is only a name.
using AnyDecoder = std::variant<Pcmu, Pcma, L16, G722Decoder, IlbcDecoder>;
using AnyEncoder = std::variant<Pcmu, Pcma, L16, G722Encoder, IlbcEncoder>;

AnyDecoder decoder_of(AudioFormat format) {
  switch (format) {
    case AudioFormat::Pcmu: return Pcmu{};
    case AudioFormat::Pcma: return Pcma{};
    case AudioFormat::G722: return G722Decoder{};
    case AudioFormat::Ilbc20: return IlbcDecoder(IlbcMode::Millis20);
    case AudioFormat::Ilbc30: return IlbcDecoder(IlbcMode::Millis30);
    case AudioFormat::L16Narrow:
    case AudioFormat::L16Wide: return L16{};
  }
  return Pcmu{};
}

AnyEncoder encoder_of(AudioFormat format) {
  switch (format) {
    case AudioFormat::Pcmu: return Pcmu{};
    case AudioFormat::Pcma: return Pcma{};
    case AudioFormat::G722: return G722Encoder{};
    case AudioFormat::Ilbc20: return IlbcEncoder(IlbcMode::Millis20);
    case AudioFormat::Ilbc30: return IlbcEncoder(IlbcMode::Millis30);
    case AudioFormat::L16Narrow:
    case AudioFormat::L16Wide: return L16{};
  }
  return Pcmu{};
}

/// Whole coded units, at least one, and no more than `longest_packet`.
bool is_payload(AudioFormat format, std::size_t octets) {
  const FormatTraits& kind = traits(format);
  return octets > 0 && octets % kind.unit.octets == 0 &&
         samples_in_payload(format, octets) <= samples_in(longest_packet, kind.clocks.sampling);
}

/// False when the codec refuses it. `pcm` is exactly as long as the payload says.
struct DecodeWith {
  std::span<const std::uint8_t> payload;
  std::span<std::int16_t> pcm;

  bool operator()(Pcmu) const {
    g711::decode_mu(payload, pcm);
    return true;
  }
  bool operator()(Pcma) const {
    g711::decode_a(payload, pcm);
    return true;
  }
  bool operator()(L16) const {
    l16::decode(payload, pcm);
    return true;
  }
  bool operator()(G722Decoder& codec) const {
    codec.decode(payload, pcm);
    return true;
  }
  bool operator()(IlbcDecoder& codec) const { return codec.decode(payload, pcm); }
};

/// `payload` is exactly as long as the PCM says.
struct EncodeWith {
  std::span<const std::int16_t> pcm;
  std::span<std::uint8_t> payload;

  void operator()(Pcmu) const { g711::encode_mu(pcm, payload); }
  void operator()(Pcma) const { g711::encode_a(pcm, payload); }
  void operator()(L16) const { l16::encode(pcm, payload); }
  void operator()(G722Encoder& codec) const { codec.encode(pcm, payload); }
  void operator()(IlbcEncoder& codec) const { codec.encode(pcm, payload); }
};

}  // namespace

struct Decoder::State {
  AudioFormat format;
  OnLoss on_loss;
  AnyDecoder codec;
  /// Where losses are heard and the codec does not conceal them itself.
  std::optional<Concealment> concealment;
};

Decoder::Decoder(AudioFormat format, OnLoss on_loss)
    : state_(std::make_unique<State>(
          State{.format = format, .on_loss = on_loss, .codec = decoder_of(format), .concealment = {}})) {
  if (on_loss == OnLoss::Conceal && !std::holds_alternative<IlbcDecoder>(state_->codec)) {
    state_->concealment.emplace(traits(format).clocks.sampling);
  }
}

Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;
Decoder::~Decoder() = default;

std::size_t Decoder::decode(std::span<const std::uint8_t> payload, std::span<std::int16_t> pcm) {
  if (!is_payload(state_->format, payload.size())) return 0;
  const std::span<std::int16_t> decoded = pcm.first(samples_in_payload(state_->format, payload.size()).value);
  if (!std::visit(DecodeWith{.payload = payload, .pcm = decoded}, state_->codec)) return 0;
  if (state_->concealment) state_->concealment->heard(decoded);
  return decoded.size();
}

void Decoder::conceal(std::span<std::int16_t> pcm) {
  if (state_->concealment) {
    state_->concealment->fill(pcm);
    return;
  }
  if (auto* const ilbc = std::get_if<IlbcDecoder>(&state_->codec)) {
    ilbc->conceal(pcm);
    if (state_->on_loss == OnLoss::Conceal) return;
  }
  std::ranges::fill(pcm, std::int16_t{0});
}

AudioFormat Decoder::format() const { return state_->format; }

struct Encoder::State {
  AudioFormat format;
  AnyEncoder codec;
};

Encoder::Encoder(AudioFormat format)
    : state_(std::make_unique<State>(State{.format = format, .codec = encoder_of(format)})) {}

Encoder::Encoder(Encoder&&) noexcept = default;
Encoder& Encoder::operator=(Encoder&&) noexcept = default;
Encoder::~Encoder() = default;

std::size_t Encoder::encode(std::span<const std::int16_t> pcm, std::span<std::uint8_t> payload) {
  const CodedUnit& unit = traits(state_->format).unit;
  const std::size_t units = pcm.size() / unit.samples.value;
  const std::size_t octets = units * unit.octets;
  std::visit(EncodeWith{.pcm = pcm.first(units * unit.samples.value), .payload = payload.first(octets)},
             state_->codec);
  return octets;
}

void Encoder::continue_after(const Encoder& other) { state_->codec = other.state_->codec; }

AudioFormat Encoder::format() const { return state_->format; }

}  // namespace mediaswitch
