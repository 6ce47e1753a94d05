#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "memory_files.hpp"

namespace mediaswitch::test {

inline void append_little(Octets& to, std::uint32_t value, std::size_t octets) {
  for (std::size_t i = 0; i < octets; ++i) to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

inline void append_text(Octets& to, std::string_view text) { to.insert(to.end(), text.begin(), text.end()); }

struct WavFormat {
  std::uint16_t format = 1;
  std::uint16_t channels = 1;
  std::uint32_t rate = 8000;
  std::uint16_t depth = 16;
  std::uint16_t alignment = 2;
};

inline Octets format_content(const WavFormat& format) {
  Octets content;
  append_little(content, format.format, 2);
  append_little(content, format.channels, 2);
  append_little(content, format.rate, 4);
  append_little(content, format.rate * format.alignment, 4);
  append_little(content, format.alignment, 2);
  append_little(content, format.depth, 2);
  return content;
}

/// A WAV file put together chunk by chunk, so that each can be wrong by itself.
class WavBuilder {
 public:
  WavBuilder() {
    append_text(octets_, "RIFF");
    append_little(octets_, 0, 4);
    append_text(octets_, "WAVE");
  }

  WavBuilder& chunk(std::string_view id, std::span<const std::uint8_t> content) {
    return chunk_of_size(id, static_cast<std::uint32_t>(content.size()), content);
  }
  /// `size` is what it says, whatever it has.
  WavBuilder& chunk_of_size(std::string_view id, std::uint32_t size, std::span<const std::uint8_t> content) {
    append_text(octets_, id);
    append_little(octets_, size, 4);
    octets_.insert(octets_.end(), content.begin(), content.end());
    if (content.size() % 2 == 1) octets_.push_back(0);
    return *this;
  }
  WavBuilder& format(const WavFormat& format) { return chunk("fmt ", format_content(format)); }
  WavBuilder& data(std::span<const std::uint8_t> content) { return chunk("data", content); }

  [[nodiscard]] Octets octets() const {
    Octets all = octets_;
    const auto size = static_cast<std::uint32_t>(all.size() - 8);
    for (std::size_t i = 0; i < 4; ++i) all[4 + i] = static_cast<std::uint8_t>(size >> (8 * i));
    return all;
  }

 private:
  Octets octets_;
};

inline Octets octets_of(std::span<const std::int16_t> pcm) {
  Octets octets;
  for (const std::int16_t sample : pcm) append_little(octets, static_cast<std::uint16_t>(sample), 2);
  return octets;
}

inline Octets pcm_wav(std::span<const std::int16_t> pcm, std::uint32_t rate = 8000) {
  return WavBuilder().format({.rate = rate}).data(octets_of(pcm)).octets();
}

}  // namespace mediaswitch::test
