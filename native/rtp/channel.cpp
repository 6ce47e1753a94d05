#include "rtp/channel.hpp"

#include "rtp/demux.hpp"

namespace mediaswitch {

Channel::Channel(ChannelId id, Outbox& outbox, Random random)
    : id_(id),
      outbox_(outbox),
      sending_{.destination = std::nullopt,
               .payload_type = {},
               .telephone_event = std::nullopt,
               .stream = OutgoingStream(random),
               .sent = {}} {}

Channel::~Channel() { part(); }

void Channel::target(const RemoteMedia& remote) {
  latch_.target(remote.address);
  may_receive_ = remote.may_receive;
  idle_.targeted(remote.may_receive);

  agreed_.fill({});
  for (const auto& [payload_type, format] : remote.formats) {
    agreed_[payload_type.value] = {.meaning = Meaning::Audio, .format = format};
  }
  if (remote.telephone_event) agreed_[remote.telephone_event->value].meaning = Meaning::TelephoneEvent;

  const RemoteMedia::Format& first = remote.formats.front();
  clock_ = traits(first.format).clocks.rtp;
  sending_.destination = latch_.destination();
  // RFC 3264 §8.4: a connection address of 0.0.0.0 is the old way to say "send nothing".
  sending_.may_send = remote.may_send && !remote.address.is_unspecified();
  sending_.payload_type = first.payload_type;
  sending_.format = first.format;
  sending_.telephone_event = remote.telephone_event;
}

void Channel::receive(const Datagram& datagram) {
  Arrival arrival{.datagram = datagram, .packet = {}, .agreed = {}, .sequence = {}};
  if (const auto drop = process(arrival)) dropped_.count(*drop);
}

std::optional<Drop> Channel::process(Arrival& arrival) {
  if (const auto drop = demultiplex(arrival)) return drop;
  if (const auto drop = read_packet(arrival)) return drop;
  if (const auto drop = check_source(arrival)) return drop;
  if (const auto drop = note_reception(arrival)) return drop;
  if (const auto drop = check_agreement(arrival)) return drop;
  if (const auto drop = note_telephone_event(arrival)) return drop;
  return forward(arrival);
}

std::optional<Drop> Channel::demultiplex(const Arrival& arrival) {
  switch (kind_of(arrival.datagram.octets)) {
    case DatagramKind::Rtp: return std::nullopt;
    case DatagramKind::Rtcp: return Drop::RtcpOnRtpPort;
    case DatagramKind::Stun: return Drop::Stun;
    case DatagramKind::Dtls: return Drop::Dtls;
    case DatagramKind::Zrtp: return Drop::Zrtp;
    case DatagramKind::TurnChannel: return Drop::TurnChannel;
    case DatagramKind::Unknown: return Drop::NotMedia;
  }
  return Drop::NotMedia;
}

std::optional<Drop> Channel::read_packet(Arrival& arrival) const {
  const auto packet = read_rtp(arrival.datagram.octets);
  if (!packet.ok()) return packet.error();
  arrival.packet = packet.value();
  arrival.agreed = agreed_[arrival.packet.header.payload_type.value];
  return std::nullopt;
}

std::optional<Drop> Channel::check_source(const Arrival& arrival) {
  const auto& [header, payload] = arrival.packet;
  const auto drop = latch_.check({.from = arrival.datagram.from,
                                  .ssrc = header.ssrc,
                                  .sequence = header.sequence,
                                  .is_agreed_payload_type = arrival.agreed.meaning != Meaning::None,
                                  .arrived = arrival.datagram.arrived});
  if (drop == Drop::UnknownSource && latch_.is_news(arrival.datagram.from)) {
    outbox_.source_rejected(arrival.datagram.from);
  }
  if (drop) return drop;
  sending_.destination = latch_.destination();
  idle_.heard();
  ++received_.packets;
  received_.octets += payload.size();
  return std::nullopt;
}

std::optional<Drop> Channel::note_reception(Arrival& arrival) {
  const RtpHeader& header = arrival.packet.header;
  const auto place = reception_.note(header.ssrc, header.sequence);
  if (!place.ok()) return place.error();
  arrival.sequence = place.value();
  if (arrival.agreed.meaning == Meaning::Audio) {
    reception_.note_transit(header.timestamp, arrival.datagram.arrived, clock_);
  }
  return std::nullopt;
}

std::optional<Drop> Channel::check_agreement(const Arrival& arrival) const {
  if (!may_receive_) return Drop::ReceiveOff;
  if (arrival.agreed.meaning == Meaning::None) return Drop::UnexpectedPayloadType;
  return std::nullopt;
}

std::optional<Drop> Channel::note_telephone_event(const Arrival& arrival) {
  if (arrival.agreed.meaning != Meaning::TelephoneEvent) return std::nullopt;
  const auto event = read_telephone_event(arrival.packet.payload);
  if (!event) return Drop::BadTelephoneEvent;
  const RtpHeader& header = arrival.packet.header;
  if (const auto key = key_presses_.note(header.ssrc, header.timestamp, *event)) {
    outbox_.key_pressed(*key);
  }
  return std::nullopt;
}

std::optional<Drop> Channel::forward(const Arrival& arrival) {
  if (partner_ == nullptr) return Drop::NotBridged;
  const bool is_audio = arrival.agreed.meaning == Meaning::Audio;
  return relay({.source = {.channel = id_, .ssrc = arrival.packet.header.ssrc, .from = arrival.datagram.from},
                .sequence = arrival.sequence,
                .packet = arrival.packet,
                .format = is_audio ? std::optional(arrival.agreed.format) : std::nullopt,
                .now = arrival.datagram.arrived},
               partner_->sending_,
               partner_->outbox_);
}

void Channel::receive_control(const Datagram& datagram) {
  const bool is_rtcp = kind_of(datagram.octets) == DatagramKind::Rtcp;
  dropped_.count(is_rtcp ? Drop::RtcpNotRead : Drop::NotRtcp);
}

void Channel::receive_oversize() { dropped_.count(Drop::Oversize); }

void Channel::join(Channel& one, Channel& other) {
  if (&one == &other || one.partner_ == &other) return;
  one.part();
  other.part();
  one.partner_ = &other;
  other.partner_ = &one;
}

void Channel::part() {
  if (partner_ == nullptr) return;
  partner_->partner_ = nullptr;
  partner_ = nullptr;
}

Statistics Channel::statistics() const {
  const double ticks_per_milli = clock_.value / 1000.0;
  return {.received = received_,
          .sent = sending_.sent,
          .lost = reception_.lost(),
          .jitter_millis = reception_.jitter().value / ticks_per_milli,
          .dropped = dropped_};
}

}  // namespace mediaswitch
