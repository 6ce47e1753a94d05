#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "audio/end_reason.hpp"
#include "core/drop.hpp"
#include "core/time.hpp"
#include "rtp/address.hpp"
#include "rtp/reading.hpp"

namespace mediaswitch {

/// How a key press was recognised.
enum class KeySource : std::uint8_t { TelephoneEvent, Inband };

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
  /// The same from the RTCP port.
  virtual std::optional<Drop> send_control(std::span<const std::uint8_t> packet, const Address& to) = 0;

  virtual void source_rejected(const Address& from) = 0;
  virtual void key_pressed(char key, KeySource source) = 0;
  virtual void key_released(char key, Millis held) = 0;
  virtual void play_ended(PlayEnd reason) = 0;
  /// The channel's arrangement has to be looked at again where allocation is allowed: something it needs is
  /// missing, or something it has is done with.
  virtual void needs_arranging() = 0;
  /// When what comes to the RTP port is to be given to the channel from now on.
  virtual void read(Reading when) = 0;
  /// Gives it what has come meanwhile, where that waits for ticks.
  virtual void read_gathered() = 0;
};

}  // namespace mediaswitch
