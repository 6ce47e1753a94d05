#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace mediaswitch {

/// Samples on their way from packets to frames, first in first out. Knows what of it is plain silence.
/// Allocates only when it is made.
class SampleQueue {
 public:
  explicit SampleQueue(std::size_t capacity) : samples_(capacity) {}

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t capacity() const { return samples_.size(); }
  [[nodiscard]] bool is_empty() const { return size_ == 0; }
  /// Whether anything in it was appended as audio.
  [[nodiscard]] bool is_audible() const { return audible_ > 0; }

  /// Where what is appended next is to be written; `append` then tells how much of it was.
  [[nodiscard]] std::span<std::int16_t> room() { return std::span(samples_).subspan(size_); }
  void append(std::size_t count) {
    size_ += count;
    audible_ = size_;
  }
  void append_silence(std::size_t count) {
    std::ranges::fill(room().first(count), std::int16_t{0});
    size_ += count;
  }

  /// All of it, to be changed, without and with the room behind it.
  [[nodiscard]] std::span<std::int16_t> contents() { return std::span(samples_).first(size_); }
  [[nodiscard]] std::span<std::int16_t> contents_and_room() { return samples_; }
  /// Gives up the newest.
  void drop_last(std::size_t count) {
    size_ -= count;
    audible_ = std::min(audible_, size_);
  }

  /// Takes `count` out of the middle.
  void erase(std::size_t from, std::size_t count) {
    const auto first = samples_.begin() + static_cast<std::ptrdiff_t>(from);
    std::copy(first + static_cast<std::ptrdiff_t>(count),
              samples_.begin() + static_cast<std::ptrdiff_t>(size_),
              first);
    size_ -= count;
    if (audible_ > from) audible_ = std::max(from, audible_ - std::min(audible_, count));
  }

  /// Moves the oldest out. False: they are silence, and `out` was left as it was.
  bool take(std::span<std::int16_t> out) {
    const bool is_heard = is_audible();
    if (is_heard) std::copy_n(samples_.begin(), out.size(), out.begin());
    erase(0, out.size());
    return is_heard;
  }

  void clear() { size_ = audible_ = 0; }

 private:
  std::vector<std::int16_t> samples_;
  std::size_t size_ = 0;
  /// What comes after so many samples is silence.
  std::size_t audible_ = 0;
};

}  // namespace mediaswitch
