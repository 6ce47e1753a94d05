#pragma once

#include <optional>

#include "codecs/registry.hpp"
#include "core/drop.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "rtp/address.hpp"
#include "rtp/outbox.hpp"
#include "rtp/outgoing_stream.hpp"
#include "rtp/packet.hpp"
#include "rtp/statistics.hpp"

namespace mediaswitch {

/// A packet that one leg took, on its way to the other. The payload has the room for a header before it.
struct RelayedPacket {
  SourceKey source;
  ExtendedSequence sequence;
  RtpPacket packet;
  /// nullopt: it is a telephone-event.
  std::optional<AudioFormat> format;
  Time now;
};

/// A leg as the one that is sent to.
struct SendingSide {
  /// nullopt: the far end is not known.
  std::optional<Address> destination;
  bool may_send = true;
  PayloadType payload_type;
  AudioFormat format = AudioFormat::Pcmu;
  std::optional<PayloadType> telephone_event;
  OutgoingStream stream;
  Traffic sent;
};

/// Sends a packet on at once: header rewritten and payload transcoded in the datagram's own buffer.
///
/// What goes out has our SSRC, the receiver's payload type, the source's marker, and neither CSRC, header
/// extension nor padding. It lasts what the packet that came in lasts: the receiver's ptime is not made.
/// A telephone-event goes out as one, its timestamp moved by the same constant as the audio's.
///
/// nullopt: sent. Else why not; nothing was sent then.
std::optional<Drop> relay(const RelayedPacket& packet, SendingSide& to, Outbox& outbox);

}  // namespace mediaswitch
