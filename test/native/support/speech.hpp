#pragma once

#include <cstdint>
#include <vector>

namespace mediaswitch::test {

/// Five seconds of a man's and a woman's speech (test/fixtures/speech-16k.wav), at 16 kHz.
std::vector<std::int16_t> wide_speech();
/// The same at 8 kHz.
std::vector<std::int16_t> narrow_speech();

}  // namespace mediaswitch::test
