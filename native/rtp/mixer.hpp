#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "audio/frame.hpp"
#include "core/drop.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "rtp/outbox.hpp"
#include "rtp/sending_side.hpp"
#include "rtp/speaker.hpp"

namespace mediaswitch {

/// One member of a conference in one tick.
struct MixSeat {
  ChannelId channel{};
  /// Of all members, only this one hears what it says (which may be nobody here); nullopt: everybody does.
  std::optional<ChannelId> audible_to = std::nullopt;
  /// What it says, at the mix's sampling rate; nullptr: nothing, which costs nothing.
  const Frame* heard = nullptr;
  /// How it is spoken to; nullptr: it is not (deafened, or no far end yet).
  Speaker* speaker = nullptr;
  /// There where there is a speaker, as is `outbox`.
  SendingSide* sending = nullptr;
  Outbox* outbox = nullptr;
  /// Where what it was sent is to be written, at the mix's sampling rate, for its recorders: silence where it
  /// is not spoken to. nullptr: nobody asks.
  Frame* sent = nullptr;
  /// Set by the mixer: why its packet was not sent. Preempted where `sending->is_taken`.
  std::optional<Drop> refused = std::nullopt;
  /// Set by the mixer: somebody says something that only this member hears.
  bool is_whispered_to = false;
};

/// Three and more: everybody hears the sum of the others, saturated, every tick, also when nobody talks. What
/// is meant for one member only is in the sum of that one alone. Who says nothing hears the same sum as all
/// others who say nothing, encoded once per format; an adaptive encoder of its own gives way to the common
/// one only after half a second of this, when both came to the same state. Allocates only when it is made.
class Mixer {
 public:
  /// For any number of members: it keeps nothing for each, so they may come and go between ticks.
  Mixer();
  Mixer(Mixer&&) noexcept;
  Mixer& operator=(Mixer&&) noexcept;
  ~Mixer();

  /// One tick. `sampling`: of every `heard`; 16 kHz when one member's format has it, else 8 kHz.
  /// One member's refusal keeps nothing from the others.
  void tick(std::span<MixSeat> seats, ClockRate sampling, Time now);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mediaswitch
