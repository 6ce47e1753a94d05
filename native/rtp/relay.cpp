#include "rtp/relay.hpp"

#include <cstdint>
#include <span>

#include "codecs/transcoder.hpp"

namespace mediaswitch {
namespace {

RtpTicks length_of(const RelayedPacket& packet) {
  if (!packet.format) return {0};
  const auto octets = static_cast<std::uint32_t>(packet.packet.payload.size());
  return {octets * traits(*packet.format).ticks_per_octet.value};
}

}  // namespace

std::optional<Drop> relay(const RelayedPacket& packet, SendingSide& to, Outbox& outbox) {
  if (!to.destination) return Drop::NoDestination;
  if (!to.may_send) return Drop::SendOff;
  const std::optional<PayloadType> payload_type = packet.format ? to.payload_type : to.telephone_event;
  if (!payload_type) return Drop::TelephoneEventRefused;

  const auto& [header, payload] = packet.packet;
  const auto stamp = to.stream.place({.source = packet.source,
                                      .sequence = packet.sequence,
                                      .timestamp = header.timestamp,
                                      .length = length_of(packet)},
                                     packet.now,
                                     traits(to.format).clocks.rtp);
  if (!stamp.ok()) return stamp.error();

  if (packet.format) transcode(*packet.format, to.format, payload);
  // read_rtp() promises these octets: every received header is at least as long as the one written here.
  const std::span<std::uint8_t> out(payload.data() - rtp_header_size, rtp_header_size + payload.size());
  write_rtp_header({.marker = header.marker,
                    .payload_type = *payload_type,
                    .sequence = stamp.value().sequence,
                    .timestamp = stamp.value().timestamp,
                    .ssrc = to.stream.ssrc()},
                   out.first<rtp_header_size>());
  if (const auto refused = outbox.send(out, *to.destination)) return refused;
  ++to.sent.packets;
  to.sent.octets += payload.size();
  return std::nullopt;
}

}  // namespace mediaswitch
