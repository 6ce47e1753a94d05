#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "flow.hpp"

namespace bench {

/// Which packet this is, written into the first samples of a G.711 payload so that a server may renumber the
/// packet, or code it anew as the other law, and it is still known.
///
/// Each sample tells four bits by one of sixteen positive levels, which lie at least a quarter apart.
struct PacketMark {
  std::uint16_t flow = 0;
  std::uint16_t sequence = 0;

  static constexpr std::size_t size = 8;

  void write(Coding coding, std::span<std::uint8_t> payload) const;

  /// nullopt: the payload is too short, or a sample is not near enough to any level.
  static std::optional<PacketMark> read(Coding coding, std::span<const std::uint8_t> payload);
};

constexpr bool is_g711(Coding coding) { return coding == Coding::Pcmu || coding == Coding::Pcma; }

}  // namespace bench
