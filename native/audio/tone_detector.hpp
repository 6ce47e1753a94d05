#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "audio/frame.hpp"

struct dtmf_rx_state_s;

namespace mediaswitch {

/// Hears the keys of a telephone in its audio (DTMF: ITU-T Q.23, Q.24). One stream, in order. Allocates only
/// when it is made.
class ToneDetector {
 public:
  struct Change {
    enum class Kind : std::uint8_t { Pressed, Released };
    Kind kind = Kind::Pressed;
    /// 0–9, *, #, A–D.
    char key = 0;
    /// When the tone began or ended, in samples at 8 kHz since the first that was heard; right within 13 ms.
    /// It is told 26 to 39 ms later: two looks of 12.75 ms have to agree.
    std::uint64_t at = 0;
  };

  ToneDetector();
  ToneDetector(ToneDetector&&) noexcept;
  ToneDetector& operator=(ToneDetector&&) noexcept;
  ~ToneDetector();

  /// 20 ms at 8 kHz. What changed in them, in order, valid until the next call.
  std::span<const Change> hear(std::span<const std::int16_t, narrow_frame> pcm);

 private:
  struct Release {
    void operator()(dtmf_rx_state_s* state) const;
  };
  /// Two looks can end within a frame, each with a key released and another pressed.
  static constexpr std::size_t most_changes = 4;

  /// What the looks agree on from here on: a key, or 0 for none.
  void become(char key);

  std::unique_ptr<dtmf_rx_state_s, Release> state_;
  /// Samples.
  std::uint64_t heard_ = 0;
  char pressed_ = 0;
  std::array<Change, most_changes> changes_{};
  std::size_t count_ = 0;
};

}  // namespace mediaswitch
