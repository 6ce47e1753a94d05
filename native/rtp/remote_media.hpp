#pragma once

#include <optional>
#include <vector>

#include "codecs/registry.hpp"
#include "core/units.hpp"
#include "rtp/address.hpp"

namespace mediaswitch {

/// The far end as signalling described it.
struct RemoteMedia {
  struct Format {
    PayloadType payload_type;
    AudioFormat format;
  };

  Address address;
  /// In the far end's order of preference, at least one: we send the first and take any.
  std::vector<Format> formats;
  /// RFC 4733 packets, both ways, when there is one.
  std::optional<PayloadType> telephone_event;
  /// From our view.
  bool may_send = true;
  bool may_receive = true;
};

}  // namespace mediaswitch
