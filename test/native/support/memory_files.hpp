#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "audio/byte_sink.hpp"
#include "audio/byte_source.hpp"

namespace mediaswitch::test {

using Octets = std::vector<std::uint8_t>;

/// A file to read. It can be one that fails from some offset on.
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(Octets octets, std::uint64_t fails_from = std::numeric_limits<std::uint64_t>::max())
      : octets_(std::move(octets)), fails_from_(fails_from) {}

  [[nodiscard]] std::uint64_t size() const override { return octets_.size(); }

  [[nodiscard]] std::optional<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> to) override {
    if (offset >= fails_from_) return std::nullopt;
    if (offset >= octets_.size()) return 0;
    const std::size_t count =
        std::min<std::size_t>(to.size(), octets_.size() - static_cast<std::size_t>(offset));
    std::copy_n(octets_.begin() + static_cast<std::ptrdiff_t>(offset), count, to.begin());
    most_at_once = std::max(most_at_once, to.size());
    return count;
  }

  std::size_t most_at_once = 0;

 private:
  Octets octets_;
  std::uint64_t fails_from_;
};

/// Files by name, and how often each was opened.
struct MemoryFiles {
  std::map<std::string, Octets> files;
  std::map<std::string, std::uint64_t> fails_from;
  std::map<std::string, int> opened;

  OpenSource opener() {
    return [this](const std::string& path) -> std::unique_ptr<ByteSource> {
      ++opened[path];
      const auto found = files.find(path);
      if (found == files.end()) return nullptr;
      const auto fails = fails_from.find(path);
      return fails == fails_from.end() ? std::make_unique<MemorySource>(found->second)
                                       : std::make_unique<MemorySource>(found->second, fails->second);
    };
  }
};

/// What is written to a file, and what happened to it.
struct MemoryDisk {
  Octets octets;
  /// The file's octets after each write.
  std::vector<Octets> history;
  std::size_t capacity = std::numeric_limits<std::size_t>::max();
  /// This many writes go well.
  std::size_t good_writes = std::numeric_limits<std::size_t>::max();
  bool opens = true;
  bool keeps_history = false;
  int opened = 0;
  int closed = 0;

  OpenSink opener() {
    return [this]() -> std::unique_ptr<ByteSink> {
      if (!opens) return nullptr;
      ++opened;
      octets.clear();
      return std::make_unique<Sink>(*this);
    };
  }

 private:
  class Sink final : public ByteSink {
   public:
    explicit Sink(MemoryDisk& disk) : disk_(disk) {}
    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;
    Sink(Sink&&) = delete;
    Sink& operator=(Sink&&) = delete;
    ~Sink() override { ++disk_.closed; }

    [[nodiscard]] Written write(std::uint64_t offset, std::span<const std::uint8_t> from) override {
      if (disk_.good_writes == 0) return Written::Failed;
      --disk_.good_writes;
      if (offset > disk_.octets.size()) return Written::Failed;
      const std::size_t end = std::min(static_cast<std::size_t>(offset) + from.size(), disk_.capacity);
      const std::size_t count = end - std::min(end, static_cast<std::size_t>(offset));
      disk_.octets.resize(std::max(disk_.octets.size(), end));
      std::copy_n(from.begin(), count, disk_.octets.begin() + static_cast<std::ptrdiff_t>(offset));
      if (disk_.keeps_history) disk_.history.push_back(disk_.octets);
      return count == from.size() ? Written::Ok : Written::DiskFull;
    }

   private:
    MemoryDisk& disk_;
  };
};

}  // namespace mediaswitch::test
