#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "audio/frame.hpp"
#include "codecs/codec.hpp"
#include "codecs/registry.hpp"
#include "codecs/resampler.hpp"
#include "core/drop.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "rtp/listening.hpp"
#include "rtp/outbox.hpp"
#include "rtp/sending_side.hpp"

namespace mediaswitch {

/// Why nothing can be sent there now: NoDestination or SendOff. nullopt: it can.
std::optional<Drop> closed(const SendingSide& to);

/// Frames of ours to the packets of one far end: resampled, encoded, cut to its ptime, and sent in its one
/// stream. Allocates only when it is made.
///
/// Each call but `continue_after` is one tick. A packet's marker bit is set when it is the first one after
/// ticks in which nothing was sent (RFC 3551 §4.1).
class Speaker {
 public:
  /// `id`: whose voice it is, which makes it a source of its own in the outgoing stream; so is a speaker that
  /// is made later for the same channel. `ptime`: 10 to 120 ms, what is outside is moved to the nearer end;
  /// then rounded up to what the format can have (iLBC: whole frames of 20 or 30 ms).
  Speaker(ChannelId id, AudioFormat format, Millis ptime);
  Speaker(Speaker&&) noexcept;
  Speaker& operator=(Speaker&&) noexcept;
  ~Speaker();

  /// One tick's audio. Sends the packets that are full by now. The first refusal of a send, if there was one:
  /// that packet is gone, the rest is not held up. Where the far end is `closed`, the same as `rest`.
  std::optional<Drop> say(const Frame& frame, Time now, SendingSide& to, Outbox& outbox);
  /// One tick's audio that somebody encoded already, in this format, 20 ms of it. Only where
  /// `takes_encoded()`.
  std::optional<Drop> say_encoded(std::span<const std::uint8_t> payload,
                                  Time now,
                                  SendingSide& to,
                                  Outbox& outbox);
  /// One tick in which nothing is sent: the media clock goes on by a frame (RFC 3550 §5.1, the timestamp
  /// counts also while nothing is sent), and what was saved up for a packet is given up.
  void rest();

  /// What was said until now came through this one, outside: the own filter goes on from there.
  void continue_after(const Downsampler& downsampler);
  /// What was said until now was encoded by this one, outside: the own encoder goes on from there.
  void continue_after(const Encoder& encoder);

  /// Whether a tick's 20 ms can be encoded for several speakers at once.
  [[nodiscard]] bool takes_encoded() const;
  [[nodiscard]] AudioFormat format() const;
  /// For the mixer.
  [[nodiscard]] Listening& listening();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mediaswitch
