#pragma once

#include <algorithm>
#include <cstdint>

#include "core/time.hpp"

namespace mediaswitch {

/// What a mixer has to remember of one member from tick to tick: since when it could as well have had what is
/// made once for all who say nothing. Kept with the member, because members come and go between ticks.
class Listening {
 public:
  /// `mixer` ticks now, and ticked last at `before`. Whoever was elsewhere meanwhile starts from nothing.
  void arrive(const void* mixer, Time before, Time now) {
    if (mixer_ != mixer || at_ != before) *this = {};
    mixer_ = mixer;
    at_ = now;
  }

  /// A tick in which it hears something of its own.
  void heard_own() { common_ = encoded_ = 0; }
  /// A tick in which it hears the common mix, which nobody encodes for several.
  void heard_common() {
    common_ = next(common_);
    encoded_ = 0;
  }
  /// A tick in which it hears the common mix, and the common encoder of its format hears it too.
  void heard_encoded() {
    common_ = next(common_);
    encoded_ = next(encoded_);
  }

  /// Whether filters with a short memory, one its own and one common, remember the same by now.
  [[nodiscard]] bool shares_filter() const { return common_ > 0; }
  /// Whether an adaptive encoder of its own and the common one came to the same state by now, as far as ears
  /// can tell, and the far end's decoder with them: half a second.
  [[nodiscard]] bool shares_encoder() const { return encoded_ >= enough; }

 private:
  static constexpr std::uint8_t enough = 25;
  static std::uint8_t next(std::uint8_t count) { return std::min<std::uint8_t>(count + 1, enough); }

  const void* mixer_ = nullptr;
  Time at_{};
  std::uint8_t common_ = 0;
  std::uint8_t encoded_ = 0;
};

}  // namespace mediaswitch
