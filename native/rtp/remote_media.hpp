#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "codecs/registry.hpp"
#include "core/units.hpp"
#include "rtp/address.hpp"

namespace mediaswitch {

/// The far end as signalling described it.
struct RemoteMedia {
  struct Format {
    /// What we send it as.
    PayloadType payload_type;
    AudioFormat format = AudioFormat::Pcmu;
    /// What we take it as; a dynamic payload type may have another number each way (RFC 3264 §5.1).
    std::optional<PayloadType> receive;
  };
  /// RFC 4733.
  struct TelephoneEvents {
    PayloadType send;
    PayloadType receive;
    /// By which durations are told.
    ClockRate clock{8000};
  };

  Address address;
  /// In the far end's order of preference, at least one: we send the first and take any.
  std::vector<Format> formats;
  std::optional<TelephoneEvents> telephone_event;
  /// RFC 3389, both ways.
  std::optional<PayloadType> comfort_noise;
  /// Of the packets we send. nullopt: relayed ones stay as long as they come, ours have 20 ms.
  std::optional<Millis> ptime;
  /// RTCP comes and goes on the RTP port (RFC 5761).
  bool has_rtcp_mux = false;
  /// Where RTCP goes else (RFC 3605). nullopt: one above the RTP port.
  std::optional<std::uint16_t> rtcp_port = std::nullopt;
  /// From our view.
  bool may_send = true;
  bool may_receive = true;
};

}  // namespace mediaswitch
