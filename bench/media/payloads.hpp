#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "flow.hpp"

namespace bench {

/// Audio in every coding, coded beforehand, that goes round in a loop.
class Payloads {
 public:
  /// Reads `<name>.pcmu`, `.pcma`, `.g722` and, where there is one, `.ilbc20` of a folder.
  /// @throws std::runtime_error when a file is missing or empty.
  Payloads(const std::filesystem::path& folder, const std::string& name);

  /// The audio of the packet that begins `ten_millis` tens of milliseconds into the loop. Where a packet
  /// would reach over the loop's end it begins at the loop's start.
  [[nodiscard]] std::span<const std::uint8_t> of(Coding coding,
                                                 std::uint64_t ten_millis,
                                                 unsigned ptime_millis) const;

  /// Tens of milliseconds in the loop.
  [[nodiscard]] std::uint64_t length() const { return length_; }

 private:
  std::array<std::vector<std::uint8_t>, 4> octets_;
  std::uint64_t length_ = 0;
};

}  // namespace bench
