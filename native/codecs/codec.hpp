#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "codecs/registry.hpp"

namespace mediaswitch {

/// Longest audio a packet may carry; what is longer is no payload of ours.
inline constexpr Millis longest_packet{120};
/// Samples of that at the highest sampling rate, 16 kHz.
inline constexpr std::size_t most_samples = 1920;
/// Octets of that in the widest format, L16 at 16 kHz.
inline constexpr std::size_t most_octets = 2 * most_samples;

/// Payloads of one stream to PCM, in the order of the stream. Made and destroyed where allocation is allowed;
/// `decode` and `conceal` allocate nothing.
class Decoder {
 public:
  /// What a lost packet is to the decoder.
  enum class OnLoss : std::uint8_t {
    /// `conceal` gives audio like what went before, fading out.
    Conceal,
    /// Nobody hears it: `conceal` only brings the codec's own state forward where the codec can do that.
    Skip,
  };

  Decoder(AudioFormat format, OnLoss on_loss);
  Decoder(Decoder&&) noexcept;
  Decoder& operator=(Decoder&&) noexcept;
  ~Decoder();

  /// Decodes one packet's payload to the format's sampling rate. The number of samples written: 0 when the
  /// payload is not a whole number of coded units, is longer than `longest_packet`, or is refused by the
  /// codec; the state is then as it was before. `pcm` holds `samples_in_payload` at least.
  std::size_t decode(std::span<const std::uint8_t> payload, std::span<std::int16_t> pcm);

  /// Audio in place of what was lost, any number of samples. With `Skip`, silence.
  void conceal(std::span<std::int16_t> pcm);

  [[nodiscard]] AudioFormat format() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// PCM of one stream to payloads. As `Decoder`, it allocates only when it is made.
class Encoder {
 public:
  explicit Encoder(AudioFormat format);
  Encoder(Encoder&&) noexcept;
  Encoder& operator=(Encoder&&) noexcept;
  ~Encoder();

  /// `pcm`: a whole number of coded units at the format's sampling rate. Octets written to `payload`, which
  /// has the room for them.
  std::size_t encode(std::span<const std::int16_t> pcm, std::span<std::uint8_t> payload);

  /// Goes on as if what `other`, of the same format, encoded had been encoded here. Allocates nothing.
  void continue_after(const Encoder& other);

  [[nodiscard]] AudioFormat format() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Whether each sample's code depends on that sample alone (G.711, L16): then one encoder may serve several
/// streams, and a decoder needs no order.
constexpr bool is_stateless(AudioFormat format) {
  switch (format) {
    case AudioFormat::Pcmu:
    case AudioFormat::Pcma:
    case AudioFormat::L16Narrow:
    case AudioFormat::L16Wide: return true;
    case AudioFormat::G722:
    case AudioFormat::Ilbc20:
    case AudioFormat::Ilbc30: return false;
  }
  return false;
}

}  // namespace mediaswitch
