#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "io/file_work.hpp"

namespace mediaswitch::test {

/// A point in a disk's work at which its user can be made to wait.
class Gate {
 public:
  void close() {
    const std::lock_guard lock(mutex_);
    is_open_ = false;
  }
  void open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }
  /// Waits until somebody waits at the gate.
  void await_visitor() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return visitors_ > 0; });
  }
  void pass() {
    std::unique_lock lock(mutex_);
    ++visitors_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return is_open_; });
    --visitors_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_open_ = true;
  int visitors_ = 0;
};

/// Files in memory, on a disk that can be made slow or full.
class GatedDisk {
 public:
  using Octets = std::vector<std::uint8_t>;

  void put(const std::string& path, Octets octets) {
    const std::lock_guard lock(mutex_);
    files_[path] = std::move(octets);
  }
  [[nodiscard]] bool has(const std::string& path) {
    const std::lock_guard lock(mutex_);
    return files_.contains(path);
  }
  [[nodiscard]] Octets content(const std::string& path) {
    const std::lock_guard lock(mutex_);
    return files_.at(path);
  }
  [[nodiscard]] int open_files() const { return open_files_.load(); }

  Gate& reading() { return reading_; }
  Gate& writing() { return writing_; }
  /// What each write is answered with from now on.
  void answer(ByteSink::Written written) { answer_.store(written); }

  Disk disk() {
    return {.open = [this](const std::string& path) -> std::unique_ptr<ByteSource> {
              if (!has(path)) return nullptr;
              return std::make_unique<Source>(*this, path);
            },
            .make = [this](const std::string& path) -> std::unique_ptr<ByteSink> {
              put(path, {});
              return std::make_unique<Sink>(*this, path);
            }};
  }

 private:
  class Source final : public ByteSource {
   public:
    Source(GatedDisk& disk, std::string path) : disk_(disk), path_(std::move(path)) {
      disk_.open_files_.fetch_add(1);
    }
    ~Source() override { disk_.open_files_.fetch_sub(1); }
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;
    Source(Source&&) = delete;
    Source& operator=(Source&&) = delete;

    [[nodiscard]] std::uint64_t size() const override { return disk_.content(path_).size(); }
    [[nodiscard]] std::optional<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> to) override {
      disk_.reading_.pass();
      const std::lock_guard lock(disk_.mutex_);
      const Octets& octets = disk_.files_.at(path_);
      if (offset >= octets.size()) return 0;
      const std::size_t count = std::min<std::size_t>(to.size(), octets.size() - offset);
      std::copy_n(octets.begin() + static_cast<std::ptrdiff_t>(offset), count, to.begin());
      return count;
    }

   private:
    GatedDisk& disk_;
    std::string path_;
  };

  class Sink final : public ByteSink {
   public:
    Sink(GatedDisk& disk, std::string path) : disk_(disk), path_(std::move(path)) {
      disk_.open_files_.fetch_add(1);
    }
    ~Sink() override { disk_.open_files_.fetch_sub(1); }
    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;
    Sink(Sink&&) = delete;
    Sink& operator=(Sink&&) = delete;

    [[nodiscard]] Written write(std::uint64_t offset, std::span<const std::uint8_t> octets) override {
      disk_.writing_.pass();
      if (disk_.answer_.load() != Written::Ok) return disk_.answer_.load();
      const std::lock_guard lock(disk_.mutex_);
      Octets& content = disk_.files_.at(path_);
      content.resize(std::max<std::size_t>(content.size(), offset + octets.size()));
      std::ranges::copy(octets, content.begin() + static_cast<std::ptrdiff_t>(offset));
      return Written::Ok;
    }

   private:
    GatedDisk& disk_;
    std::string path_;
  };

  std::mutex mutex_;
  std::map<std::string, Octets> files_;
  std::atomic<int> open_files_{0};
  Gate reading_;
  Gate writing_;
  std::atomic<ByteSink::Written> answer_{ByteSink::Written::Ok};
};

}  // namespace mediaswitch::test
