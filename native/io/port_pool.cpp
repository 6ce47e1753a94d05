#include "io/port_pool.hpp"

namespace mediaswitch {

PortPool::PortPool(std::uint16_t low, std::uint16_t high) {
  for (std::uint32_t port = (low + 1U) & ~1U; port + 1 <= high; port += 2) {
    free_.push_back({.port = static_cast<std::uint16_t>(port), .rested = std::nullopt});
  }
}

std::optional<std::uint16_t> PortPool::take(Time now) {
  while (!aside_.empty() && aside_.front().rested <= now) {
    free_.push_back(aside_.front());
    aside_.pop_front();
  }
  std::deque<Resting>& from = free_.empty() ? aside_ : free_;
  if (from.empty()) return std::nullopt;
  const Resting taken = from.front();
  from.pop_front();
  if (&from == &free_ && taken.rested && *taken.rested > now) ++shortened_rests_;
  return taken.port;
}

void PortPool::give_back(std::uint16_t port, Time now) {
  free_.push_back({.port = port, .rested = now + rest});
}

void PortPool::set_aside(std::uint16_t port, Time now) {
  aside_.push_back({.port = port, .rested = now + rest});
}

}  // namespace mediaswitch
