#include "audio/sum.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace mediaswitch {
namespace {

/// Samples cut to 16 bits in one go. Every frame is a whole number of these.
constexpr std::size_t block = 8;
static_assert(narrow_frame % block == 0 && wide_frame % block == 0);

/// Cuts each of a block's samples to what 16 bits hold.
#ifdef __SSE2__
// One instruction does it, which the compiler does not find by itself.
void saturate(const std::int32_t* from, std::int16_t* to) {
  const auto* const vectors = reinterpret_cast<const __m128i*>(from);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to),
                   _mm_packs_epi32(_mm_loadu_si128(vectors), _mm_loadu_si128(vectors + 1)));
}
#else
void saturate(const std::int32_t* from, std::int16_t* to) {
  using Limits = std::numeric_limits<std::int16_t>;
  for (std::size_t i = 0; i < block; ++i) {
    to[i] = static_cast<std::int16_t>(std::clamp<std::int32_t>(from[i], Limits::min(), Limits::max()));
  }
}
#endif

}  // namespace

void Sum::set(std::span<const std::int16_t> pcm) {
  for (std::size_t i = 0; i < pcm.size(); ++i) samples_[i] = pcm[i];
}

void Sum::add(std::span<const std::int16_t> pcm) {
  for (std::size_t i = 0; i < pcm.size(); ++i) samples_[i] += pcm[i];
}

void Sum::total(std::span<std::int16_t> out) const {
  for (std::size_t at = 0; at < out.size(); at += block) saturate(&samples_[at], &out[at]);
}

void Sum::without(std::span<const std::int16_t> own, std::span<std::int16_t> out) const {
  std::array<std::int32_t, block> others;
  for (std::size_t at = 0; at < out.size(); at += block) {
    for (std::size_t i = 0; i < block; ++i) others[i] = samples_[at + i] - own[at + i];
    saturate(others.data(), &out[at]);
  }
}

}  // namespace mediaswitch
