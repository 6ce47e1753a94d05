#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/units.hpp"

namespace mediaswitch {

/// What a payload is coded as. iLBC's two frame lengths and L16's two rates are formats of their own: nothing
/// that one of them says can be read as the other.
enum class AudioFormat : std::uint8_t { Pcmu, Pcma, G722, Ilbc20, Ilbc30, L16Narrow, L16Wide };

struct CodecClocks {
  ClockRate sampling;
  /// RTP timestamps count this one; another than `sampling` for G.722 alone (RFC 3551 §4.5.2).
  ClockRate rtp;
};

/// The least that can be coded by itself. A payload is a whole number of these.
struct CodedUnit {
  std::size_t octets;
  Samples samples;
  RtpTicks ticks;
};

struct FormatTraits {
  AudioFormat format;
  /// As the TypeScript side names it: the payload name of RFC 3551 table 4 or RFC 3952, and what it takes to
  /// tell two kinds of it apart.
  std::string_view name;
  CodecClocks clocks;
  CodedUnit unit;
};

/// Every format the engine speaks, in the order of `AudioFormat`.
inline constexpr std::array formats{
    FormatTraits{.format = AudioFormat::Pcmu,
                 .name = "PCMU",
                 .clocks = {.sampling = {8000}, .rtp = {8000}},
                 .unit = {.octets = 1, .samples = {1}, .ticks = {1}}},
    FormatTraits{.format = AudioFormat::Pcma,
                 .name = "PCMA",
                 .clocks = {.sampling = {8000}, .rtp = {8000}},
                 .unit = {.octets = 1, .samples = {1}, .ticks = {1}}},
    FormatTraits{.format = AudioFormat::G722,
                 .name = "G722",
                 .clocks = {.sampling = {16000}, .rtp = {8000}},
                 .unit = {.octets = 1, .samples = {2}, .ticks = {1}}},
    FormatTraits{.format = AudioFormat::Ilbc20,
                 .name = "iLBC/20",
                 .clocks = {.sampling = {8000}, .rtp = {8000}},
                 .unit = {.octets = 38, .samples = {160}, .ticks = {160}}},
    FormatTraits{.format = AudioFormat::Ilbc30,
                 .name = "iLBC/30",
                 .clocks = {.sampling = {8000}, .rtp = {8000}},
                 .unit = {.octets = 50, .samples = {240}, .ticks = {240}}},
    FormatTraits{.format = AudioFormat::L16Narrow,
                 .name = "L16/8000",
                 .clocks = {.sampling = {8000}, .rtp = {8000}},
                 .unit = {.octets = 2, .samples = {1}, .ticks = {1}}},
    FormatTraits{.format = AudioFormat::L16Wide,
                 .name = "L16/16000",
                 .clocks = {.sampling = {16000}, .rtp = {16000}},
                 .unit = {.octets = 2, .samples = {1}, .ticks = {1}}},
};

constexpr const FormatTraits& traits(AudioFormat format) { return formats[static_cast<std::size_t>(format)]; }

constexpr std::optional<AudioFormat> format_named(std::string_view name) {
  for (const FormatTraits& each : formats) {
    if (each.name == name) return each.format;
  }
  return std::nullopt;
}

/// What whole units of a payload stand for; what is left over after them counts nothing.
constexpr Samples samples_in_payload(AudioFormat format, std::size_t octets) {
  const CodedUnit& unit = traits(format).unit;
  return {static_cast<std::uint32_t>(octets / unit.octets) * unit.samples.value};
}
constexpr RtpTicks ticks_in_payload(AudioFormat format, std::size_t octets) {
  const CodedUnit& unit = traits(format).unit;
  return {static_cast<std::uint32_t>(octets / unit.octets) * unit.ticks.value};
}

}  // namespace mediaswitch
