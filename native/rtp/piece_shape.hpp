#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "audio/frame.hpp"
#include "codecs/registry.hpp"
#include "rtp/media_span.hpp"

namespace mediaswitch {

/// How much of a payload goes into one slot of a jitter buffer: a frame of it, but one unit at least. A
/// longer payload is cut, which any format allows between its units.
struct PieceShape {
  std::size_t octets;
  MediaSpan length;
};

constexpr PieceShape piece_shape_of(const FormatTraits& kind) {
  const std::uint32_t units = samples_in(frame_length, kind.clocks.sampling).value / kind.unit.samples.value;
  const std::uint32_t whole = std::max<std::uint32_t>(units, 1);
  return {.octets = whole * kind.unit.octets,
          .length = span_of(whole * kind.unit.ticks.value, kind.clocks.rtp)};
}

/// By format.
inline constexpr auto piece_shapes = [] {
  std::array<PieceShape, formats.size()> shapes{};
  std::ranges::transform(formats, shapes.begin(), piece_shape_of);
  return shapes;
}();

constexpr const PieceShape& piece_shape(AudioFormat format) {
  return piece_shapes[static_cast<std::size_t>(format)];
}

inline constexpr MediaSpan longest_piece = std::ranges::max(piece_shapes, {}, &PieceShape::length).length;

}  // namespace mediaswitch
