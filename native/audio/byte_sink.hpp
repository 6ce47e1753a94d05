#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

namespace mediaswitch {

/// A file that is written, or what stands for one. Used by one thread, which may wait for it. Whoever has it
/// destroys it to close the file.
class ByteSink {
 public:
  enum class Written : std::uint8_t {
    /// All of it.
    Ok,
    /// The disk or a quota is full, or the file is as long as it may be. Some of it may have been written.
    DiskFull,
    /// Some of it may have been written.
    Failed,
  };

  ByteSink() = default;
  ByteSink(const ByteSink&) = delete;
  ByteSink& operator=(const ByteSink&) = delete;
  ByteSink(ByteSink&&) = delete;
  ByteSink& operator=(ByteSink&&) = delete;
  virtual ~ByteSink() = default;

  /// Puts `octets` at `offset`, over what is there or after it; offsets leave no gaps.
  [[nodiscard]] virtual Written write(std::uint64_t offset, std::span<const std::uint8_t> octets) = 0;
};

/// Makes the file, empty if it was there; nullptr: it can't be.
using OpenSink = std::function<std::unique_ptr<ByteSink>()>;

}  // namespace mediaswitch
