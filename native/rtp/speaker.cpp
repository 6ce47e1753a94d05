#include "rtp/speaker.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <utility>
#include <vector>

#include "codecs/codec.hpp"
#include "rtp/packet.hpp"

namespace mediaswitch {
namespace {

constexpr Millis shortest_packet{10};

/// What every packet of a far end is.
struct PacketShape {
  Samples samples;
  RtpTicks ticks;
  std::size_t octets;
};

PacketShape shape_of(AudioFormat format, Millis ptime) {
  const auto& [sampling, rtp] = traits(format).clocks;
  const CodedUnit& unit = traits(format).unit;
  const Samples wanted = samples_in(std::clamp(ptime, shortest_packet, longest_packet), sampling);
  const std::uint32_t units = (wanted.value + unit.samples.value - 1) / unit.samples.value;
  return {.samples = {units * unit.samples.value},
          .ticks = {units * unit.ticks.value},
          .octets = units * unit.octets};
}

}  // namespace

std::optional<Drop> closed(const SendingSide& to) {
  if (!to.destination) return Drop::NoDestination;
  if (!to.may_send) return Drop::SendOff;
  return std::nullopt;
}

struct Speaker::State {
  State(ChannelId whose, AudioFormat as, Millis ptime)
      : format(as),
        source{.channel = whose, .ssrc = {}, .from = {}, .origin = Origin::Spoken},
        clocks(traits(format).clocks),
        frame_ticks(ticks_in(frame_length, clocks.rtp)),
        shape(shape_of(format, ptime)),
        encoder(format),
        saved(shape.samples.value),
        packet(rtp_header_size + shape.octets) {}

  /// Where a packet goes, and when.
  struct Way {
    Time now;
    SendingSide& to;
    Outbox& outbox;
  };

  [[nodiscard]] std::span<std::uint8_t> payload() { return std::span(packet).subspan(rtp_header_size); }

  /// The frame at the format's sampling rate.
  std::span<const std::int16_t> resample(const Frame& frame);
  void encode_and_send(std::span<const std::int16_t> pcm, const Way& way);
  /// Sends what is in `payload()`.
  void send(const Way& way);
  void note(std::optional<Drop> drop) {
    if (drop && !refused) refused = drop;
  }

  AudioFormat format;
  /// Of this speaker among all sources of the stream. Its SSRC is the millisecond of its first packet.
  SourceKey source;
  CodecClocks clocks;
  RtpTicks frame_ticks;
  PacketShape shape;
  Encoder encoder;
  Listening listening;

  /// Of the packet to come: its place in our own count, and what stands at its first sample.
  ExtendedSequence sequence;
  RtpTimestamp timestamp;
  bool is_first_after_rest = true;
  std::optional<Drop> refused;

  /// Samples of the packet to come.
  std::vector<std::int16_t> saved;
  std::size_t saved_count = 0;
  std::vector<std::uint8_t> packet;

  Upsampler upsampler;
  Downsampler downsampler;
  /// Whether the resamplers' memory is of the tick before; else it is of another time, and not to be heard.
  bool has_resampled = false;
  std::array<std::int16_t, wide_frame> resampled;
};

std::span<const std::int16_t> Speaker::State::resample(const Frame& frame) {
  if (frame.sampling == clocks.sampling) {
    has_resampled = false;
    return frame.pcm();
  }
  if (!has_resampled) {
    upsampler = {};
    downsampler = {};
  }
  has_resampled = true;
  if (clocks.sampling == wideband) {
    upsampler.process(frame.pcm(), resampled);
    return resampled;
  }
  const auto narrow = std::span(resampled).first<narrow_frame>();
  downsampler.process(frame.pcm(), narrow);
  return narrow;
}

void Speaker::State::encode_and_send(std::span<const std::int16_t> pcm, const Way& way) {
  encoder.encode(pcm, payload());
  send(way);
}

void Speaker::State::send(const Way& way) {
  if (sequence.value == 0) {
    const auto born = std::chrono::duration_cast<Millis>(way.now.time_since_epoch());
    source.ssrc = {static_cast<std::uint32_t>(born.count())};
  }
  const auto stamp = way.to.stream.place(
      {.source = source, .sequence = sequence, .timestamp = timestamp, .length = shape.ticks},
      way.now,
      clocks.rtp);
  ++sequence.value;
  timestamp = timestamp + shape.ticks;
  if (!stamp.ok()) return note(way.to.refuse(stamp.error()));

  write_rtp_header({.marker = is_first_after_rest,
                    .payload_type = way.to.payload_type,
                    .sequence = stamp.value().sequence,
                    .timestamp = stamp.value().timestamp,
                    .ssrc = way.to.stream.ssrc()},
                   std::span(packet).first<rtp_header_size>());
  if (const auto drop = way.to.send(packet, way.outbox)) return note(drop);
  is_first_after_rest = false;
}

Speaker::Speaker(ChannelId id, AudioFormat format, Millis ptime)
    : state_(std::make_unique<State>(id, format, ptime)) {}
Speaker::Speaker(Speaker&&) noexcept = default;
Speaker& Speaker::operator=(Speaker&&) noexcept = default;
Speaker::~Speaker() = default;

std::optional<Drop> Speaker::say(const Frame& frame, Time now, SendingSide& to, Outbox& outbox) {
  if (const auto reason = closed(to)) {
    rest();
    return reason;
  }
  State& state = *state_;
  state.refused.reset();
  for (auto left = state.resample(frame); !left.empty();) {
    const std::size_t wanted = state.shape.samples.value - state.saved_count;
    const auto part = left.first(std::min(wanted, left.size()));
    left = left.subspan(part.size());
    if (part.size() == state.shape.samples.value) {
      state.encode_and_send(part, {.now = now, .to = to, .outbox = outbox});
      continue;
    }
    std::copy(part.begin(), part.end(), &state.saved[state.saved_count]);
    state.saved_count += part.size();
    if (part.size() == wanted) {
      state.encode_and_send(state.saved, {.now = now, .to = to, .outbox = outbox});
      state.saved_count = 0;
    }
  }
  return state.refused;
}

std::optional<Drop> Speaker::say_encoded(std::span<const std::uint8_t> payload,
                                         Time now,
                                         SendingSide& to,
                                         Outbox& outbox) {
  if (const auto reason = closed(to)) {
    rest();
    return reason;
  }
  State& state = *state_;
  state.refused.reset();
  state.has_resampled = false;
  std::copy(payload.begin(), payload.end(), state.payload().begin());
  state.send({.now = now, .to = to, .outbox = outbox});
  return state.refused;
}

void Speaker::rest() {
  State& state = *state_;
  const auto saved_ticks =
      static_cast<std::uint32_t>(state.saved_count * state.clocks.rtp.value / state.clocks.sampling.value);
  state.timestamp = state.timestamp + RtpTicks{saved_ticks} + state.frame_ticks;
  state.saved_count = 0;
  state.is_first_after_rest = true;
  state.has_resampled = false;
}

void Speaker::continue_after(const Downsampler& downsampler) {
  state_->downsampler = downsampler;
  state_->has_resampled = true;
}

void Speaker::continue_after(const Encoder& encoder) { state_->encoder.continue_after(encoder); }

bool Speaker::takes_encoded() const { return state_->shape.ticks == state_->frame_ticks; }
AudioFormat Speaker::format() const { return state_->format; }
Listening& Speaker::listening() { return state_->listening; }

}  // namespace mediaswitch
