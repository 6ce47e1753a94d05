#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace mediaswitch {

/// What the two sub-bands of ITU-T G.722 remember from sample to sample, by the Recommendation's names
/// (clause 6.2). Encoder and decoder that began together are in the same state after the same octets.
struct G722Bands {
  /// Of the lower band, and of the higher one.
  using Pair = std::array<std::int16_t, 2>;
  /// b6 to b1 and d6 to d1, the oldest first, then two zeros.
  std::array<std::array<std::int16_t, 8>, 2> b{};
  std::array<std::array<std::int16_t, 8>, 2> d{};
  Pair a1{};
  Pair a2{};
  Pair r1{};
  Pair r2{};
  Pair p1{};
  Pair p2{};
  /// Prediction of the next sample: by the zero section, and altogether.
  Pair sz{};
  Pair s{};
  Pair nb{};
};

/// ITU-T G.722 at 64 kbit/s (mode 1): an octet is two samples at 16 kHz. One stream, in order, any number of
/// octets per call. A value: a copy goes on from where the original was.
class G722Decoder {
 public:
  /// `pcm16k` has room for two samples per octet. Samples written.
  std::size_t decode(std::span<const std::uint8_t> octets, std::span<std::int16_t> pcm16k);

 private:
  void decode_block(std::span<const std::uint8_t> octets, std::span<std::int16_t> pcm16k);

  static constexpr std::size_t filter_memory = 11;
  G722Bands bands_;
  /// What the receive filter remembers, oldest first: lower band less the higher, and their sum.
  std::array<std::int16_t, filter_memory> differences_{};
  std::array<std::int16_t, filter_memory> sums_{};
};

/// As `G722Decoder`, the other way. Delay of both together: 22 samples.
class G722Encoder {
 public:
  /// An odd last sample is left out; `octets` has room for one per two samples. Octets written.
  std::size_t encode(std::span<const std::int16_t> pcm16k, std::span<std::uint8_t> octets);

 private:
  void encode_block(std::span<const std::int16_t> pcm16k, std::span<std::uint8_t> octets);

  static constexpr std::size_t filter_memory = 11;
  G722Bands bands_;
  /// What the transmit filter remembers, oldest first: the first samples of the octets, and the second ones.
  std::array<std::int16_t, filter_memory> firsts_{};
  std::array<std::int16_t, filter_memory> seconds_{};
};

}  // namespace mediaswitch
