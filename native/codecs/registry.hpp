#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/units.hpp"

namespace mediaswitch {

enum class AudioFormat : std::uint8_t { Pcmu, Pcma };

struct CodecClocks {
  ClockRate sampling;
  ClockRate rtp;
};

struct FormatTraits {
  AudioFormat format;
  /// Payload name of RFC 3551 table 4.
  std::string_view name;
  CodecClocks clocks;
  /// RTP clock ticks that one payload octet stands for.
  RtpTicks ticks_per_octet;
};

/// Every format the engine speaks.
inline constexpr std::array formats{
    FormatTraits{.format = AudioFormat::Pcmu,
                 .name = "PCMU",
                 .clocks = {.sampling = {8000}, .rtp = {8000}},
                 .ticks_per_octet = {1}},
    FormatTraits{.format = AudioFormat::Pcma,
                 .name = "PCMA",
                 .clocks = {.sampling = {8000}, .rtp = {8000}},
                 .ticks_per_octet = {1}},
};

constexpr const FormatTraits& traits(AudioFormat format) {
  switch (format) {
    case AudioFormat::Pcmu: return formats[0];
    case AudioFormat::Pcma: return formats[1];
  }
  return formats[0];
}

constexpr std::optional<AudioFormat> format_named(std::string_view name) {
  for (const FormatTraits& each : formats) {
    if (each.name == name) return each.format;
  }
  return std::nullopt;
}

}  // namespace mediaswitch
