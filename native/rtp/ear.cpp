#include "rtp/ear.hpp"

#include <chrono>

#include "codecs/codec.hpp"
#include "rtp/arrivals.hpp"
#include "rtp/media_span.hpp"
#include "rtp/playout.hpp"

namespace mediaswitch {
namespace {

using namespace std::chrono_literals;

/// Nothing but late packets for so long: not they are late, the sender's clock was set back.
constexpr MediaSpan clock_set_back_after{100ms};

}  // namespace

struct Ear::State {
  State(std::span<const AudioFormat> agreed, const Options& options)
      : playout(agreed, {.sampling = options.sampling, .longest_delay = options.longest_delay}) {}

  std::optional<Drop> push(const Packet& packet);
  std::optional<Drop> take(const Playout::Packet& packet, const Arrivals::Place& place);
  bool is_set_back(const Playout::Packet& packet);

  Arrivals arrivals;
  Playout playout;
  /// When a newer packet first came too late, nothing else having come since.
  std::optional<MediaSpan> only_late_since;
};

std::optional<Drop> Ear::State::push(const Packet& packet) {
  const FormatTraits& kind = traits(packet.format);
  const std::size_t octets = packet.payload.size();
  if (!playout.speaks(packet.format) || octets == 0 || octets % kind.unit.octets != 0) {
    return Drop::BadPayload;
  }
  const MediaSpan length = span_of(ticks_in_payload(packet.format, octets).value, kind.clocks.rtp);
  if (length > longest_packet) return Drop::BadPayload;

  const auto place = arrivals.place({.ssrc = packet.ssrc,
                                     .clock = kind.clocks.rtp,
                                     .sequence = packet.sequence,
                                     .timestamp = packet.timestamp});
  if (!place.ok()) return place.error();
  return take({.format = packet.format,
               .sequence = packet.sequence,
               .begin = place.value().begin,
               .length = length,
               .arrived = media_instant(packet.arrived),
               .begins_talk = packet.marker,
               .payload = packet.payload},
              place.value());
}

std::optional<Drop> Ear::State::take(const Playout::Packet& packet, const Arrivals::Place& place) {
  if (place.is_new_stream) {
    playout.start_anew(packet);
  } else if (playout.is_ahead(packet)) {
    // The sender's clock was set forward.
    if (!place.is_newest) return Drop::JitterBufferFull;
    playout.start_anew(packet);
  }
  if (!playout.note(packet)) {
    if (!place.is_newest || !is_set_back(packet)) return Drop::LateForPlayout;
    playout.start_anew(packet);
    playout.note(packet);
  }
  if (place.is_newest) only_late_since.reset();
  if (!playout.store(packet)) return Drop::JitterBufferFull;
  return std::nullopt;
}

/// Whether a packet that is newer than all others and yet too late tells that the sender's clock was set
/// back.
bool Ear::State::is_set_back(const Playout::Packet& packet) {
  if (packet.begins_talk) return true;
  if (!only_late_since) only_late_since = packet.arrived;
  return packet.arrived - *only_late_since >= clock_set_back_after;
}

Ear::Ear(std::span<const AudioFormat> agreed, const Options& options)
    : state_(std::make_unique<State>(agreed, options)) {}

Ear::Ear(Ear&&) noexcept = default;
Ear& Ear::operator=(Ear&&) noexcept = default;
Ear::~Ear() = default;

std::optional<Drop> Ear::push(const Packet& packet) { return state_->push(packet); }

bool Ear::hear(Time now, Frame& out) { return state_->playout.hear(media_instant(now), out); }

bool Ear::was_silence() const { return state_->playout.was_silence(); }

Ear::Statistics Ear::statistics() const { return state_->playout.statistics(); }

}  // namespace mediaswitch
