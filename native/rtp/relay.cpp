#include "rtp/relay.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>

#include "audio/frame.hpp"
#include "rtp/telephone_event.hpp"

namespace mediaswitch {
namespace {

void translate(const g711::Table& table, std::span<std::uint8_t> octets) {
  for (std::uint8_t& octet : octets) octet = table[octet];
}

/// Packets that stay as they are need nobody's order; a gap of this many is a new start.
constexpr std::int64_t longest_gap = 3000;

}  // namespace

Relay::Relay(ClockRate event_clock, SendingSide& to, Outbox& outbox)
    : event_clock_(event_clock),
      to_(to),
      outbox_(outbox),
      events_(event_clock, to.telephone_event ? to.telephone_event->clock : event_clock),
      agreement_(to.agreement) {}

std::optional<Drop> Relay::forward(const RelayedPacket& packet) {
  if (!to_.destination) return Drop::NoDestination;
  if (!to_.may_send) return Drop::SendOff;
  if (to_.is_taken) return Drop::Preempted;
  const SourceKey source = source_of(packet);
  if (source_ != source) start_source(source);
  switch (packet.content) {
    case Content::Audio: return forward_audio(packet);
    case Content::TelephoneEvent: return forward_event(packet);
    case Content::ComfortNoise: return forward_noise(packet);
  }
  return Drop::NotBridged;
}

/// Everything in a stream has the timestamps of its audio (RFC 4733 §2.1). Before there was audio, those are
/// taken to count by the clock agreed on for telephone-events.
SourceKey Relay::source_of(const RelayedPacket& packet) const {
  SourceKey source = packet.source;
  if (packet.content == Content::Audio) {
    source.clock = traits(packet.format).clocks.rtp;
    return source;
  }
  source.clock = scale_.from();
  if (source_ != source) source.clock = event_clock_;
  return source;
}

void Relay::start_source(const SourceKey& source) {
  source_ = source;
  decoded_.reset();
  scale_ = TimestampScale(source.clock, traits(to_.format).clocks.rtp);
  events_ = EventScale(event_clock_, events_.to());
}

std::optional<Drop> Relay::forward_audio(const RelayedPacket& packet) {
  const std::span<std::uint8_t> payload = packet.packet.payload;
  Conversion& conversion = conversion_of(packet.format);
  if (conversion.repacketizer) return cut_anew(packet, *conversion.repacketizer);
  note_length(packet.format, payload.size());
  const RtpTicks length = scale_.scale(ticks_in_payload(packet.format, payload.size()));
  const g711::Table* const table = octet_table(packet.format, to_.format);
  if (packet.format == to_.format || table != nullptr) {
    if (table != nullptr) translate(*table, payload);
    const RtpTimestamp timestamp = scale_.scale(packet.packet.header.timestamp);
    return pass(packet, {.as = to_.payload_type, .timestamp = timestamp, .length = length});
  }
  if (conversion.transcoder) {
    // Until it is cut anew, what does not fill the codec's frames can't be said.
    if (!conversion.transcoder->keeps_length(payload.size())) return Drop::BadPayload;
    return transcode(packet, *conversion.transcoder);
  }
  conversion.is_expected = true;
  ask_for_arrangement();
  return Drop::NotBridged;
}

/// What can't be said otherwise is cut anew from the next packet on; what could, when it keeps coming: a
/// single short packet, as at the end of a talk spurt, changes nothing.
void Relay::note_length(AudioFormat format, std::size_t octets) {
  Conversion& conversion = conversion_of(format);
  const bool can_be_said = conversion.fitting <= 1 || octets % conversion.fitting == 0;
  const bool is_wanted = conversion.wanted == 0 || octets == conversion.wanted;
  if (can_be_said && is_wanted) {
    conversion.misfits = 0;
    return;
  }
  if (octets % traits(format).unit.octets != 0) return;  // no payload of its format at all
  constexpr unsigned habit = 3;
  if (can_be_said && ++conversion.misfits < habit) return;
  conversion.needs_repacketizer = true;
  ask_for_arrangement();
}

std::optional<Drop> Relay::forward_event(const RelayedPacket& packet) {
  if (!to_.telephone_event) return Drop::TelephoneEventRefused;
  const std::span<std::uint8_t> payload = packet.packet.payload;
  auto event = read_telephone_event(payload);
  if (!event) return Drop::BadTelephoneEvent;
  const ClockRate theirs = to_.telephone_event->clock;
  if (events_.to() != theirs) events_ = EventScale(event_clock_, theirs);
  const EventScale::Place place = events_.scale(packet.packet.header.timestamp, *event);
  write_telephone_event(*event, payload.first<telephone_event_size>());
  return pass(packet,
              {.as = to_.telephone_event->send, .timestamp = scale_.scale(place.press) + place.segment});
}

std::optional<Drop> Relay::forward_noise(const RelayedPacket& packet) {
  if (!to_.comfort_noise) return Drop::ComfortNoiseRefused;
  return pass(packet, {.as = *to_.comfort_noise, .timestamp = scale_.scale(packet.packet.header.timestamp)});
}

std::optional<Drop> Relay::transcode(const RelayedPacket& packet, Transcoder& transcoder) {
  const std::span<const std::uint8_t> payload = packet.packet.payload;
  if (transcoder.needs_order() && decoded_) {
    if (packet.sequence == *decoded_) return Drop::DuplicatePacket;
    if (packet.sequence < *decoded_) return Drop::LateForDecoder;
    const std::int64_t lost = packet.sequence.value - decoded_->value - 1;
    const std::int32_t silent = ticks_between(decoded_until_, packet.packet.header.timestamp);
    if (lost > 0 && lost < longest_gap && silent > 0) {
      transcoder.skip({static_cast<std::uint32_t>(silent)});
    }
  }
  const RtpTicks own_length = ticks_in_payload(packet.format, payload.size());
  const std::size_t octets =
      payload.size() > most_octets
          ? 0
          : transcoder.transcode(payload, std::span(*buffer_).subspan<rtp_header_size>());
  if (octets == 0) return Drop::BadPayload;
  decoded_ = packet.sequence;
  decoded_until_ = packet.packet.header.timestamp + own_length;

  const auto stamp = to_.stream.place({.source = *source_,
                                       .sequence = packet.sequence,
                                       .timestamp = scale_.scale(packet.packet.header.timestamp),
                                       .length = scale_.scale(own_length)},
                                      packet.now,
                                      traits(to_.format).clocks.rtp);
  if (!stamp.ok()) return stamp.error();
  return send({.marker = packet.packet.header.marker,
               .payload_type = to_.payload_type,
               .sequence = stamp.value().sequence,
               .timestamp = stamp.value().timestamp,
               .ssrc = to_.stream.ssrc()},
              std::span(*buffer_).first(rtp_header_size + octets));
}

std::optional<Drop> Relay::cut_anew(const RelayedPacket& packet, Repacketizer& repacketizer) {
  const auto refused = repacketizer.take({.sequence = packet.sequence,
                                          .timestamp = scale_.scale(packet.packet.header.timestamp),
                                          .payload = packet.packet.payload,
                                          .is_first = !decoded_});
  if (refused) return refused;
  decoded_ = packet.sequence;
  return send_pieces(repacketizer, *source_, packet.now);
}

std::optional<Drop> Relay::send_pieces(Repacketizer& repacketizer, const SourceKey& source, Time now) {
  SourceKey own = source;
  own.origin = Origin::Repacketized;
  std::optional<Drop> first_refusal;
  while (const auto piece = repacketizer.next(now, std::span(*buffer_).subspan<rtp_header_size>())) {
    const auto stamp = to_.stream.place(
        {.source = own, .sequence = piece->sequence, .timestamp = piece->timestamp, .length = piece->length},
        now,
        traits(to_.format).clocks.rtp);
    const auto refused = stamp.ok() ? send({.marker = false,
                                            .payload_type = to_.payload_type,
                                            .sequence = stamp.value().sequence,
                                            .timestamp = stamp.value().timestamp,
                                            .ssrc = to_.stream.ssrc()},
                                           std::span(*buffer_).first(rtp_header_size + piece->octets))
                                    : to_.refuse(stamp.error());
    if (!first_refusal) first_refusal = refused;
  }
  return first_refusal;
}

std::optional<Drop> Relay::pass(const RelayedPacket& packet, const Passed& passed) {
  const auto& [header, payload] = packet.packet;
  const auto stamp = to_.stream.place({.source = *source_,
                                       .sequence = packet.sequence,
                                       .timestamp = passed.timestamp,
                                       .length = passed.length},
                                      packet.now,
                                      traits(to_.format).clocks.rtp);
  if (!stamp.ok()) return stamp.error();
  // read_rtp() promises these octets: every received header is at least as long as the one written here.
  return send({.marker = header.marker,
               .payload_type = passed.as,
               .sequence = stamp.value().sequence,
               .timestamp = stamp.value().timestamp,
               .ssrc = to_.stream.ssrc()},
              {payload.data() - rtp_header_size, rtp_header_size + payload.size()});
}

std::optional<Drop> Relay::send(const RtpHeader& header, std::span<std::uint8_t> octets) {
  write_rtp_header(header, octets.first<rtp_header_size>());
  return to_.send(octets, outbox_);
}

void Relay::arrange(std::span<const AudioFormat> expected) {
  is_arrangement_asked_ = false;
  if (agreement_ != to_.agreement) {
    for (Conversion& each : conversions_) each = {};
    source_.reset();
    agreement_ = to_.agreement;
  }
  for (const AudioFormat format : expected) conversion_of(format).is_expected = true;
  for (const FormatTraits& each : formats) {
    measure(each.format);
    make(each.format);
  }
}

void Relay::measure(AudioFormat format) {
  // All in samples at 16 kHz, which every format has a whole number of in its units.
  const auto wide = [](const FormatTraits& each) {
    return std::uint64_t{each.unit.samples.value} * wideband.value / each.clocks.sampling.value;
  };
  const FormatTraits& from = traits(format);
  const FormatTraits& to = traits(to_.format);
  Conversion& conversion = conversion_of(format);
  const std::uint64_t units = wide(to) / std::gcd(wide(from), wide(to));
  conversion.fitting = format == to_.format ? 1 : units * from.unit.octets;
  conversion.wanted = 0;
  if (!to_.ptime) return;
  const Millis ptime = Repacketizer::possible_ptime(to_.format, *to_.ptime);
  const std::uint64_t samples = samples_in(ptime, wideband).value;
  // What the source's units can't fill exactly is never as long as wanted.
  constexpr std::size_t never = SIZE_MAX;
  conversion.wanted = samples % wide(from) == 0 ? samples / wide(from) * from.unit.octets : never;
}

void Relay::make(AudioFormat format) {
  Conversion& conversion = conversion_of(format);
  if (conversion.needs_repacketizer && !conversion.repacketizer) {
    const Millis usual{20};
    conversion.repacketizer = std::make_unique<Repacketizer>(format, to_.format, to_.ptime.value_or(usual));
    conversion.transcoder.reset();
    // Its packets are a source of their own, beginning with the next one that comes.
    source_.reset();
  }
  const bool needs_transcoder = conversion.is_expected && !conversion.repacketizer && format != to_.format &&
                                octet_table(format, to_.format) == nullptr;
  if (needs_transcoder && !conversion.transcoder) {
    conversion.transcoder = std::make_unique<Transcoder>(format, to_.format);
  }
  if ((conversion.transcoder || conversion.repacketizer) && !buffer_) {
    buffer_ = std::make_unique<std::array<std::uint8_t, rtp_header_size + most_octets>>();
  }
}

bool Relay::wants_ticks() const {
  return std::ranges::any_of(conversions_,
                             [](const Conversion& each) { return each.repacketizer != nullptr; });
}

void Relay::tick(Time now) {
  if (!source_ || !to_.destination || !to_.may_send || to_.is_taken) return;
  for (Conversion& each : conversions_) {
    // What is refused here was counted by the receiver; the packets that it was cut from have been forwarded.
    if (each.repacketizer) static_cast<void>(send_pieces(*each.repacketizer, *source_, now));
  }
}

void Relay::ask_for_arrangement() {
  if (!is_arrangement_asked_) outbox_.needs_arranging();
  is_arrangement_asked_ = true;
}

}  // namespace mediaswitch
