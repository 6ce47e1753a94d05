#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace mediaswitch {

/// Deterministic generator (xoshiro256**, Blackman and Vigna): the same seed gives the same numbers.
///
/// The seed comes from outside. Good for SSRCs and first sequence numbers, not for keys.
class Random {
 public:
  using Seed = std::array<std::uint64_t, 4>;

  /// An all-zero seed would only give zeros; one bit is set then.
  explicit constexpr Random(const Seed& seed) : state_(seed) {
    if ((state_[0] | state_[1] | state_[2] | state_[3]) == 0) state_[0] = 1;
  }

  constexpr std::uint64_t next64() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  constexpr std::uint32_t next32() { return static_cast<std::uint32_t>(next64() >> 32U); }
  constexpr std::uint16_t next16() { return static_cast<std::uint16_t>(next64() >> 48U); }

  /// A seed for another generator, so that each owner draws its own numbers.
  constexpr Seed fork() { return {next64(), next64(), next64(), next64()}; }

 private:
  Seed state_;
};

}  // namespace mediaswitch
