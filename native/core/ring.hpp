#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>

namespace mediaswitch {

/// A bounded queue from one thread, the writer, to another, the reader. Neither ever waits for the other, and
/// nothing is allocated but by the constructor. Writer and reader may each become another thread when the one
/// before has handed over.
template <class T>
class Ring {
  static_assert(std::is_trivially_copyable_v<T>);
  static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

 public:
  /// Holds `capacity` values, one at least.
  explicit Ring(std::size_t capacity) : capacity_(capacity), values_(new T[capacity]) {}

  /// Writer. False: it is full.
  bool push(const T& value) { return push(std::span(&value, 1)) == 1; }

  /// Writer. As many of the first `values` as there is room for; returns how many.
  std::size_t push(std::span<const T> values) {
    const std::uint64_t end = pushed_.load(std::memory_order_relaxed);
    if (capacity_ - in_use(end, popped_seen_) < values.size()) {
      popped_seen_ = popped_.load(std::memory_order_acquire);
    }
    const std::size_t count = std::min(values.size(), capacity_ - in_use(end, popped_seen_));
    const std::size_t at = end % capacity_;
    const std::size_t before_wrap = std::min(count, capacity_ - at);
    std::copy_n(values.begin(), before_wrap, values_.get() + at);
    std::copy_n(
        values.begin() + static_cast<std::ptrdiff_t>(before_wrap), count - before_wrap, values_.get());
    pushed_.store(end + count, std::memory_order_release);
    return count;
  }

  /// Writer. There is room for as many at least.
  [[nodiscard]] std::size_t room() {
    popped_seen_ = popped_.load(std::memory_order_acquire);
    return capacity_ - in_use(pushed_.load(std::memory_order_relaxed), popped_seen_);
  }

  /// Reader. False: it is empty.
  bool pop(T& value) { return pop(std::span(&value, 1)) == 1; }

  /// Reader. As many as wait and `to` holds, oldest first; returns how many.
  std::size_t pop(std::span<T> to) {
    const std::uint64_t begin = popped_.load(std::memory_order_relaxed);
    if (in_use(pushed_seen_, begin) < to.size()) pushed_seen_ = pushed_.load(std::memory_order_acquire);
    const std::size_t count = std::min(to.size(), in_use(pushed_seen_, begin));
    const std::size_t at = begin % capacity_;
    const std::size_t before_wrap = std::min(count, capacity_ - at);
    std::copy_n(values_.get() + at, before_wrap, to.begin());
    std::copy_n(values_.get(), count - before_wrap, to.begin() + static_cast<std::ptrdiff_t>(before_wrap));
    popped_.store(begin + count, std::memory_order_release);
    return count;
  }

  /// Any thread. The reader finds as many at least, the writer's are as many at most.
  [[nodiscard]] std::size_t size() const {
    const std::uint64_t begin = popped_.load(std::memory_order_acquire);
    return std::min(in_use(pushed_.load(std::memory_order_acquire), begin), capacity_);
  }

  [[nodiscard]] std::size_t capacity() const { return capacity_; }

 private:
  static constexpr std::size_t cache_line = 64;

  static std::size_t in_use(std::uint64_t pushed, std::uint64_t popped) {
    return static_cast<std::size_t>(pushed - popped);
  }

  std::size_t capacity_;
  /// Not filled with zeros: memory that is not used yet costs nothing.
  std::unique_ptr<T[]> values_;
  /// Values since the start, which in 64 bits never wraps. Beside each count, what its owner has last seen of
  /// the other's: while that is good enough, no cache line moves between the threads.
  alignas(cache_line) std::atomic<std::uint64_t> pushed_{0};
  std::uint64_t popped_seen_ = 0;
  alignas(cache_line) std::atomic<std::uint64_t> popped_{0};
  std::uint64_t pushed_seen_ = 0;
};

}  // namespace mediaswitch
