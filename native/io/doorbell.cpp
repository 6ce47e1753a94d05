#include "io/doorbell.hpp"

#include <cerrno>
#include <cstdint>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace mediaswitch {

Doorbell::Doorbell(ReadySockets& ready, std::function<void()> answer)
    : ready_(ready), answer_(std::move(answer)), descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "an event descriptor");
  // By its edge each write is told of, so that nobody has to read.
  if (const auto error = ready_.add(descriptor_, *this, ReadySockets::Telling::OfEachWrite)) {
    close(descriptor_);
    throw std::system_error(error);
  }
}

Doorbell::~Doorbell() {
  ready_.remove(descriptor_, *this);
  close(descriptor_);
}

void Doorbell::ring() {
  if (is_rung_.exchange(true, std::memory_order_acq_rel)) return;
  constexpr std::uint64_t once = 1;
  // It fails only after 2^64 of them.
  static_cast<void>(write(descriptor_, &once, sizeof once));
}

void Doorbell::on_readable() {
  // Before it is answered: who rings from here on is told of again. An exchange, so that it is seen what came
  // before the ring that found the bell rung.
  is_rung_.exchange(false, std::memory_order_acq_rel);
  answer_();
}

}  // namespace mediaswitch
