// The codecs at a command line, for tests against other implementations. PCM files are raw: 16 bits, least
// significant octet first, mono, at the format's sampling rate. Coded files are payloads one after the other.
//
//   codec_tool encode <format> <pcm file> <coded file>
//   codec_tool decode <format> <coded file> <pcm file>
//   codec_tool pair <format> <format> <pcm file at 16 kHz> <pcm file at 16 kHz>
//   codec_tool keys <pcm file at 8 kHz>
#include <algorithm>
#include <array>
#include <cstdint>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "audio/tone_detector.hpp"
#include "codecs/codec.hpp"
#include "codecs/resampler.hpp"

using namespace mediaswitch;

namespace {

using Octets = std::vector<std::uint8_t>;
using Pcm = std::vector<std::int16_t>;

Octets read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(path + " cannot be read");
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const std::string& path, const Octets& octets) {
  std::ofstream file(path, std::ios::binary);
  for (const std::uint8_t octet : octets) file.put(static_cast<char>(octet));
  if (!file.flush()) throw std::runtime_error(path + " cannot be written");
}

Pcm read_pcm(const std::string& path) {
  const Octets octets = read_file(path);
  Pcm pcm(octets.size() / 2);
  for (std::size_t i = 0; i < pcm.size(); ++i) {
    pcm[i] = static_cast<std::int16_t>(octets[2 * i + 1] << 8U | octets[2 * i]);
  }
  return pcm;
}

void write_pcm(const std::string& path, const Pcm& pcm) {
  Octets octets;
  for (const std::int16_t sample : pcm) {
    octets.push_back(static_cast<std::uint8_t>(sample));
    octets.push_back(static_cast<std::uint8_t>(static_cast<std::uint16_t>(sample) >> 8U));
  }
  write_file(path, octets);
}

AudioFormat format_from(std::string_view name) {
  const auto format = format_named(name);
  if (!format) throw std::runtime_error(std::string(name) + " is no format");
  return *format;
}

/// Coded units that go together: about 20 ms.
std::size_t units_in_packet(const FormatTraits& format) {
  return (format.clocks.sampling.value / 50 + format.unit.samples.value - 1) / format.unit.samples.value;
}

/// What is left over after whole packets is filled up with silence.
Octets encoded(AudioFormat format, Pcm pcm) {
  const FormatTraits& kind = traits(format);
  const std::size_t packet = units_in_packet(kind) * kind.unit.samples.value;
  pcm.resize((pcm.size() + packet - 1) / packet * packet);
  Encoder encoder(format);
  Octets coded;
  std::array<std::uint8_t, most_octets> payload{};
  for (std::size_t at = 0; at < pcm.size(); at += packet) {
    const std::size_t count = encoder.encode(std::span(pcm).subspan(at, packet), payload);
    coded.insert(coded.end(), payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(count));
  }
  return coded;
}

Pcm decoded(AudioFormat format, const Octets& coded) {
  const FormatTraits& kind = traits(format);
  const std::size_t packet = units_in_packet(kind) * kind.unit.octets;
  Decoder decoder(format, Decoder::OnLoss::Conceal);
  Pcm pcm;
  std::array<std::int16_t, most_samples> out{};
  for (std::size_t at = 0; at < coded.size(); at += packet) {
    const auto payload = std::span(coded).subspan(at, std::min(packet, coded.size() - at));
    const std::size_t count = decoder.decode(payload, out);
    if (count == 0) throw std::runtime_error("refused at octet " + std::to_string(at));
    pcm.insert(pcm.end(), out.begin(), out.begin() + static_cast<std::ptrdiff_t>(count));
  }
  return pcm;
}

Pcm resampled(const Pcm& pcm, ClockRate from, ClockRate to) {
  if (from == to) return pcm;
  if (from < to) {
    Pcm wide(pcm.size() * 2);
    Upsampler().process(pcm, wide);
    return wide;
  }
  Pcm narrow(pcm.size() / 2);
  Downsampler().process(std::span(pcm).first(narrow.size() * 2), narrow);
  return narrow;
}

/// Through one format and then the other, as a call between two phones goes.
Pcm through(AudioFormat first, AudioFormat second, const Pcm& wide) {
  const ClockRate from = traits(first).clocks.sampling;
  const ClockRate to = traits(second).clocks.sampling;
  const Pcm once = decoded(first, encoded(first, resampled(wide, wideband, from)));
  return resampled(decoded(second, encoded(second, resampled(once, from, to))), to, wideband);
}

void tell_keys(const std::string& from) {
  const Pcm pcm = read_pcm(from);
  ToneDetector detector;
  for (std::size_t at = 0; at + narrow_frame <= pcm.size(); at += narrow_frame) {
    for (const auto& change : detector.hear(std::span(pcm).subspan(at).first<narrow_frame>())) {
      if (change.kind == ToneDetector::Change::Kind::Pressed) std::cout << change.key;
    }
  }
  std::cout << '\n';
}

void run(const std::vector<std::string>& words) {
  if (words.size() == 4 && words[0] == "encode") {
    return write_file(words[3], encoded(format_from(words[1]), read_pcm(words[2])));
  }
  if (words.size() == 4 && words[0] == "decode") {
    return write_pcm(words[3], decoded(format_from(words[1]), read_file(words[2])));
  }
  if (words.size() == 5 && words[0] == "pair") {
    return write_pcm(words[4], through(format_from(words[1]), format_from(words[2]), read_pcm(words[3])));
  }
  if (words.size() == 2 && words[0] == "keys") return tell_keys(words[1]);
  throw std::runtime_error(
      "usage: codec_tool encode|decode <format> <from> <to> | pair <format> <format> <from> <to> | keys "
      "<from>");
}

}  // namespace

int main(int count, char** words) {
  try {
    run({words + 1, words + count});
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "codec_tool: " << error.what() << '\n';
    return 1;
  }
}
