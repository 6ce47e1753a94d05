#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace mediaswitch {

/// The two frame lengths of iLBC: 20 ms in 38 octets, 30 ms in 50 (RFC 3951 §2.1).
enum class IlbcMode : std::uint8_t { Millis20, Millis30 };

/// Memory of one libilbc state.
using IlbcState = std::vector<std::max_align_t>;

/// Frames of one stream to PCM, in order. Allocates only when it is made.
class IlbcDecoder {
 public:
  explicit IlbcDecoder(IlbcMode mode);

  /// `frames`: a whole number of frames; `pcm` holds 160 or 240 samples for each. False when the codec
  /// refuses one of them; the state is then as it was before.
  bool decode(std::span<const std::uint8_t> frames, std::span<std::int16_t> pcm);

  /// Audio in place of what was lost, by the codec's own concealment (RFC 3951 §4.5). It makes whole frames:
  /// what was not asked for is kept for the next call, until a frame is decoded.
  void conceal(std::span<std::int16_t> pcm);

 private:
  static constexpr std::size_t longest_frame = 240;

  IlbcMode mode_;
  IlbcState state_;
  IlbcState before_;
  std::array<std::int16_t, longest_frame> concealed_{};
  std::size_t concealed_left_ = 0;
};

/// PCM of one stream to frames, in order. Allocates only when it is made.
class IlbcEncoder {
 public:
  explicit IlbcEncoder(IlbcMode mode);

  /// `pcm`: a whole number of 160 or 240 samples; `frames` holds 38 or 50 octets for each.
  void encode(std::span<const std::int16_t> pcm, std::span<std::uint8_t> frames);

 private:
  IlbcMode mode_;
  IlbcState state_;
};

}  // namespace mediaswitch
