#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/drop.hpp"
#include "rtp/address.hpp"

namespace mediaswitch {

/// What a channel can do to the world. `io/` does it; tests write it down.
class Outbox {
 public:
  Outbox() = default;
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;
  Outbox(Outbox&&) = delete;
  Outbox& operator=(Outbox&&) = delete;
  virtual ~Outbox() = default;

  /// Sends at once from the channel's RTP port, or says why not (SendWouldBlock, SendFailed).
  virtual std::optional<Drop> send(std::span<const std::uint8_t> packet, const Address& to) = 0;
  virtual void source_rejected(const Address& from) = 0;
  virtual void key_pressed(char key) = 0;
};

}  // namespace mediaswitch
