#include "rtp/jitter_buffer.hpp"

#include <cstring>
#include <numeric>
#include <tuple>

namespace mediaswitch {

JitterBuffer::JitterBuffer(const Size& size)
    : octets_per_slot_(size.octets_per_slot),
      octets_(size.slots * size.octets_per_slot),
      slots_(size.slots),
      order_(size.slots) {
  std::iota(order_.begin(), order_.end(), SlotIndex{0});
}

bool JitterBuffer::insert(const Piece& piece) {
  if (count_ == slots_.size()) return false;
  const SlotIndex index = order_[place(count_)];

  const auto own = std::span(octets_).subspan(index * octets_per_slot_, piece.octets.size());
  std::memcpy(own.data(), piece.octets.data(), own.size());
  slots_[index] = piece;
  slots_[index].octets = own;

  // Nearly always it is the last.
  std::size_t at = count_;
  const auto key = [](const Piece& of) { return std::tie(of.begin, of.sequence); };
  for (; at > 0 && key(piece) < key(slots_[order_[place(at - 1)]]); --at) {
    order_[place(at)] = order_[place(at - 1)];
  }
  order_[place(at)] = index;
  ++count_;
  return true;
}

void JitterBuffer::pop() {
  head_ = place(1);
  --count_;
}

void JitterBuffer::clear() { count_ = 0; }

}  // namespace mediaswitch
