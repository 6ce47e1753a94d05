#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codecs/registry.hpp"
#include "core/sequence.hpp"
#include "rtp/media_span.hpp"

namespace mediaswitch {

/// Coded audio waiting for its turn, in the order in which it is to be played. Holds pieces: what is left of
/// a packet when it is cut to what one slot holds. Allocates only when it is made.
class JitterBuffer {
 public:
  struct Piece {
    AudioFormat format = AudioFormat::Pcmu;
    /// Of its packet.
    ExtendedSequence sequence;
    /// From its first sample to after its last, on the sender's clock.
    MediaSpan begin{};
    MediaSpan end{};
    /// The packet before it is none that it continues.
    bool begins_talk = false;
    bool is_silence = false;
    /// No longer than a slot. In what the buffer gives, its own copy, valid until the next change.
    std::span<const std::uint8_t> octets{};
  };
  struct Size {
    std::size_t slots;
    std::size_t octets_per_slot;
  };

  explicit JitterBuffer(const Size& size);

  /// False: every slot is taken.
  bool insert(const Piece& piece);

  /// The first to be played; nullptr: none. Valid until the next change.
  [[nodiscard]] const Piece* first() const { return count_ == 0 ? nullptr : &slots_[order_[head_]]; }
  /// Gives up the first. There is one.
  void pop();
  void clear();

  [[nodiscard]] bool is_empty() const { return count_ == 0; }
  [[nodiscard]] std::size_t free_slots() const { return slots_.size() - count_; }

 private:
  using SlotIndex = std::uint16_t;

  [[nodiscard]] std::size_t place(std::size_t nth) const {
    const std::size_t at = head_ + nth;
    return at < order_.size() ? at : at - order_.size();
  }

  std::size_t octets_per_slot_;
  std::vector<std::uint8_t> octets_;
  std::vector<Piece> slots_;
  /// A circle of all slots: from `head_` on `count_` taken ones in their order, then the free ones.
  std::vector<SlotIndex> order_;
  std::size_t head_ = 0;
  std::size_t count_ = 0;
};

}  // namespace mediaswitch
