#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "audio/frame.hpp"
#include "codecs/registry.hpp"
#include "core/drop.hpp"
#include "core/sequence.hpp"
#include "core/time.hpp"
#include "core/units.hpp"

namespace mediaswitch {

/// What a channel hears, made ready for a tick: packets put in order, held back as long as the network's
/// jitter asks, decoded, and what is missing concealed. Allocates only when it is made.
class Ear {
 public:
  struct Options {
    /// Of the frames it gives.
    ClockRate sampling = narrowband;
    /// Never held back longer than this, whatever the jitter. Less than two frames counts as two.
    Millis longest_delay{200};
  };
  struct Packet {
    AudioFormat format = AudioFormat::Pcmu;
    Ssrc ssrc;
    ExtendedSequence sequence;
    RtpTimestamp timestamp;
    bool marker = false;
    std::span<const std::uint8_t> payload;
    Time arrived;
  };
  struct Statistics {
    /// How long a packet is held back now.
    Millis delay{};
    std::uint64_t frames_concealed = 0;
    /// Taken out or put in to follow the sender's clock or to change the delay.
    std::uint64_t samples_removed = 0;
    std::uint64_t samples_inserted = 0;
  };

  /// `formats`: what may come, for a decoder of each to be made.
  Ear(std::span<const AudioFormat> formats, const Options& options);
  Ear(Ear&&) noexcept;
  Ear& operator=(Ear&&) noexcept;
  ~Ear();

  /// nullopt: taken. Else LateForPlayout, DuplicatePacket, JitterBufferFull or BadPayload.
  std::optional<Drop> push(const Packet& packet);

  /// The next 20 ms. False: the far end says nothing (none came, or digital silence), and no decoder was
  /// asked.
  bool hear(Time now, Frame& out);
  /// Whether the last `hear` said false because digital silence came.
  [[nodiscard]] bool was_silence() const;

  [[nodiscard]] Statistics statistics() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mediaswitch
