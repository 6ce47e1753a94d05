#pragma once

#include <cstdint>
#include <optional>

#include "codecs/registry.hpp"
#include "core/units.hpp"
#include "rtp/address.hpp"
#include "rtp/outgoing_stream.hpp"
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
};

}  // namespace mediaswitch
