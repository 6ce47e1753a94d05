#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace mediaswitch {

/// A file that is read, or what stands for one. Used by one thread, which may wait for it.
class ByteSource {
 public:
  ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  ByteSource(ByteSource&&) = delete;
  ByteSource& operator=(ByteSource&&) = delete;
  virtual ~ByteSource() = default;

  /// Octets it has now. It may grow or shrink while it is read.
  [[nodiscard]] virtual std::uint64_t size() const = 0;

  /// Octets read from `offset` on: as many as `to` holds, fewer at the end only, 0 beyond it. nullopt: it
  /// can't be read.
  [[nodiscard]] virtual std::optional<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> to) = 0;
};

/// Opens the file of a path; nullptr: it can't be.
using OpenSource = std::function<std::unique_ptr<ByteSource>(const std::string& path)>;

}  // namespace mediaswitch
