#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "codecs/registry.hpp"
#include "core/drop.hpp"
#include "core/units.hpp"
#include "rtp/address.hpp"
#include "rtp/outbox.hpp"
#include "rtp/outgoing_stream.hpp"
#include "rtp/packet.hpp"
#include "rtp/remote_media.hpp"
#include "rtp/statistics.hpp"

namespace mediaswitch {

/// A leg as the one that is sent to.
struct SendingSide {
  /// nullopt: the far end is not known.
  std::optional<Address> destination;
  bool may_send = true;
  PayloadType payload_type;
  AudioFormat format = AudioFormat::Pcmu;
  std::optional<RemoteMedia::TelephoneEvents> telephone_event;
  std::optional<PayloadType> comfort_noise;
  /// As the far end asked for it.
  std::optional<Millis> ptime;
  /// Another number: what was agreed with the far end is another, and so is what was made for it.
  std::uint32_t agreement = 0;
  /// Something of ours is being sent (keys, a prompt): what others say has to wait outside.
  bool is_taken = false;
  OutgoingStream stream;
  Traffic sent;
  /// Packets that were to go to it and did not.
  DropCounts refused{};

  /// Sends RTP at once, or counts why not. Its header is written and has nothing but what every header has;
  /// there is a destination.
  std::optional<Drop> send(std::span<const std::uint8_t> packet, Outbox& outbox) {
    if (const auto reason = outbox.send(packet, *destination)) return refuse(*reason);
    ++sent.packets;
    sent.octets += packet.size() - rtp_header_size;
    return std::nullopt;
  }
  Drop refuse(Drop reason) {
    refused.count(reason);
    return reason;
  }
};

}  // namespace mediaswitch
