#include "io/bell.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <system_error>
#include <unistd.h>

namespace mediaswitch {

Bell::Bell() {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  hearing_ = ends[0];
  ringing_ = ends[1];
  for (const int end : ends) {
    fcntl(end, F_SETFD, FD_CLOEXEC);
    fcntl(end, F_SETFL, O_NONBLOCK);
  }
}

Bell::~Bell() {
  close(hearing_);
  close(ringing_);
}

void Bell::ring() {
  if (is_rung_.exchange(true)) return;
  const char octet = 0;
  while (write(ringing_, &octet, 1) < 0 && errno == EINTR) {
  }
}

void Bell::wait(std::optional<Millis> patience) {
  pollfd waiting{.fd = hearing_, .events = POLLIN, .revents = 0};
  constexpr int forever = -1;
  poll(&waiting, 1, patience ? static_cast<int>(patience->count()) : forever);
  char octet = 0;
  // Taken out first: whoever rings from here on puts in another.
  if (read(hearing_, &octet, 1) == 1) is_rung_.exchange(false);
}

}  // namespace mediaswitch
