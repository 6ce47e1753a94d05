#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace mediaswitch {

/// A queue from many threads to one that never makes a sender wait: an intrusive list, pushed to with one
/// atomic exchange (the algorithm is D. Vyukov's MPSC queue).
///
/// Two ways in. `offer` takes a slot from the sender's own pool and fails, counted, when the reader has
/// fallen behind by the whole pool; senders are numbered from 0 and each number is one thread's. `deliver`
/// uses a slot that was reserved beforehand and can't fail.
/// What one sender puts in comes out in its order; so does what reached two senders one after the other.
template <class T>
class Mailbox {
  struct Slot {
    std::atomic<Slot*> next{nullptr};
    std::atomic<bool> taken{false};
    bool pooled = false;
    T value{};
  };

 public:
  static constexpr std::size_t pool_size = 256;

  /// Room for one value, made where allocation is allowed.
  class Reservation {
   public:
    Reservation() : slot_(std::make_unique<Slot>()) {}

   private:
    friend class Mailbox;
    std::unique_ptr<Slot> slot_;
  };

  explicit Mailbox(std::size_t senders) : newest_(&stub_), oldest_(&stub_), pools_(senders) {}
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;
  Mailbox(Mailbox&&) = delete;
  Mailbox& operator=(Mailbox&&) = delete;
  ~Mailbox() {
    drain([](T&&) {});
  }

  /// Sender's thread. False when the pool is used up: the value is lost and counted.
  bool offer(std::size_t sender, T value) {
    Pool& pool = pools_[sender];
    Slot& slot = pool.slots[pool.next];
    if (slot.taken.load(std::memory_order_acquire)) {
      lost_.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
    pool.next = (pool.next + 1) % pool_size;
    slot.taken.store(true, std::memory_order_relaxed);
    slot.pooled = true;
    slot.value = std::move(value);
    push(&slot);
    return true;
  }

  /// Any thread. Uses up the reservation.
  void deliver(Reservation reservation, T value) {
    Slot* const slot = reservation.slot_.release();
    slot->value = std::move(value);
    push(slot);
  }

  /// Reader's thread: hands each waiting value to `take`, oldest first.
  template <class Take>
  void drain(Take&& take) {
    while (Slot* const slot = pop()) {
      T value = std::move(slot->value);
      if (slot->pooled) {
        slot->taken.store(false, std::memory_order_release);
      } else {
        delete slot;  // NOLINT(cppcoreguidelines-owning-memory): released by deliver()
      }
      take(std::move(value));
    }
  }

  /// Values that found no room, since the start. Any thread.
  [[nodiscard]] std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }

 private:
  void push(Slot* slot) {
    slot->next.store(nullptr, std::memory_order_relaxed);
    Slot* const previous = newest_.exchange(slot, std::memory_order_acq_rel);
    previous->next.store(slot, std::memory_order_release);
  }

  /// nullptr when empty, and also while a sender is between the two steps of `push`: it wakes us after.
  Slot* pop() {
    Slot* slot = oldest_;
    Slot* next = slot->next.load(std::memory_order_acquire);
    if (slot == &stub_) {
      if (next == nullptr) return nullptr;
      oldest_ = next;
      slot = next;
      next = slot->next.load(std::memory_order_acquire);
    }
    if (next != nullptr) {
      oldest_ = next;
      return slot;
    }
    if (slot != newest_.load(std::memory_order_acquire)) return nullptr;
    push(&stub_);
    next = slot->next.load(std::memory_order_acquire);
    if (next == nullptr) return nullptr;
    oldest_ = next;
    return slot;
  }

  struct Pool {
    std::array<Slot, pool_size> slots;
    std::size_t next = 0;
  };

  Slot stub_;
  std::atomic<Slot*> newest_;
  Slot* oldest_;
  std::vector<Pool> pools_;
  std::atomic<std::uint64_t> lost_{0};
};

}  // namespace mediaswitch
