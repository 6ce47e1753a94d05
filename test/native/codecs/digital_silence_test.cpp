#include "codecs/digital_silence.hpp"

#include <array>
#include <doctest/doctest.h>
#include <vector>

#include "codecs/g711.hpp"

using namespace mediaswitch;

TEST_CASE("both zeros of G.711, and the zero of L16, in payloads of any length") {
  struct Row {
    AudioFormat format;
    std::array<std::uint8_t, 2> silent;
  };
  const std::array rows{Row{AudioFormat::Pcmu, {0xFF, 0x7F}},
                        Row{AudioFormat::Pcma, {0xD5, 0x55}},
                        Row{AudioFormat::L16Narrow, {0, 0}},
                        Row{AudioFormat::L16Wide, {0, 0}}};
  for (const Row& row : rows) {
    for (std::size_t length = 1; length <= 170; ++length) {
      CAPTURE(traits(row.format).name);
      CAPTURE(length);
      std::vector<std::uint8_t> payload(length);
      for (std::size_t i = 0; i < length; ++i) payload[i] = row.silent[i % 2];
      CHECK(is_digital_silence(row.format, payload));
      for (std::size_t i = 0; i < length; ++i) {
        const std::uint8_t was = payload[i];
        payload[i] = static_cast<std::uint8_t>(was ^ 1U << i % 7U);
        CHECK_FALSE(is_digital_silence(row.format, payload));
        payload[i] = was;
      }
    }
  }
  CHECK(g711::decode_mu(0xFF) == 0);
  CHECK(g711::decode_mu(0x7F) == 0);
}

TEST_CASE("what has to be decoded in order is never taken for silence") {
  const std::array<std::uint8_t, 50> zeros{};
  CHECK_FALSE(is_digital_silence(AudioFormat::G722, zeros));
  CHECK_FALSE(is_digital_silence(AudioFormat::Ilbc20, zeros));
  CHECK_FALSE(is_digital_silence(AudioFormat::Ilbc30, zeros));
}
