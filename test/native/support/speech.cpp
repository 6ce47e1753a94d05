#include "support/speech.hpp"

#include <array>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace mediaswitch::test {

std::vector<std::int16_t> wide_speech() {
  const std::size_t header = 44;
  const std::string path = MEDIASWITCH_TEST_FIXTURES "/speech-16k.wav";
  std::ifstream file(path, std::ios::binary);
  const std::string octets{std::istreambuf_iterator<char>(file), {}};
  if (octets.size() <= header) throw std::runtime_error(path + " cannot be read");
  std::vector<std::int16_t> samples((octets.size() - header) / 2);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto low = static_cast<std::uint8_t>(octets[header + 2 * i]);
    const auto high = static_cast<std::uint8_t>(octets[header + 2 * i + 1]);
    samples[i] = static_cast<std::int16_t>(high << 8U | low);
  }
  return samples;
}

std::vector<std::int16_t> narrow_speech() {
  // Half-band filter: what it leaves of the upper band is no matter to a test.
  const std::array<int, 11> taps{18, 0, -74, 0, 312, 512, 312, 0, -74, 0, 18};
  const std::vector<std::int16_t> wide = wide_speech();
  std::vector<std::int16_t> narrow;
  for (std::size_t i = 0; i + taps.size() <= wide.size(); i += 2) {
    int sum = 0;
    for (std::size_t tap = 0; tap < taps.size(); ++tap) sum += taps.at(tap) * wide[i + tap];
    narrow.push_back(static_cast<std::int16_t>(sum / 1024));
  }
  return narrow;
}

}  // namespace mediaswitch::test
