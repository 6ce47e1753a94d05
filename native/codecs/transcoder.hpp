#pragma once

#include <cstdint>
#include <span>

#include "codecs/registry.hpp"

namespace mediaswitch {

/// Turns a payload of one format into the other, in place; the length stays. Equal formats: untouched.
void transcode(AudioFormat from, AudioFormat to, std::span<std::uint8_t> payload);

}  // namespace mediaswitch
