#include "io/intake.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>

#include "io/monotonic_clock.hpp"

namespace mediaswitch {
namespace {

using namespace std::chrono_literals;

/// Who waits longer than this in a socket was stamped before the wall clock was set.
constexpr std::chrono::nanoseconds longest_wait{1s};

std::int64_t nanos(const timespec& time) { return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec; }

std::int64_t wall_nanos() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return nanos(now);
}

}  // namespace

Intake::Intake(std::size_t octets) : octets_each_(octets), octets_(most * octets) {
  for (std::size_t i = 0; i < most; ++i) {
    places_[i] = {.iov_base = octets_.data() + i * octets_each_, .iov_len = octets_each_};
    messages_[i].msg_hdr.msg_name = &from_[i].any;
    messages_[i].msg_hdr.msg_iov = &places_[i];
    messages_[i].msg_hdr.msg_iovlen = 1;
    messages_[i].msg_hdr.msg_control = controls_[i].data();
  }
}

void Intake::stamp(int socket, Stamping wanted) {
  const int value = wanted == Stamping::On ? 1 : 0;
  // Without it a datagram came when it was read.
  setsockopt(socket, SOL_SOCKET, SO_TIMESTAMPNS, &value, sizeof value);
}

/// recvmsg costs a little less than recvmmsg for one.
int Intake::read_one(int socket, mmsghdr& message) {
  const ssize_t octets = recvmsg(socket, &message.msg_hdr, MSG_DONTWAIT);
  if (octets < 0) return -1;
  message.msg_len = static_cast<unsigned>(octets);
  return 1;
}

int Intake::read(int socket, std::size_t wanted) {
  const auto messages = std::span(messages_).first(wanted);
  for (mmsghdr& message : messages) {
    message.msg_hdr.msg_namelen = sizeof(sockaddr_in6);
    message.msg_hdr.msg_controllen = sizeof(Control);
  }
  const int count =
      wanted == 1 ? read_one(socket, messages.front())
                  : recvmmsg(socket, messages.data(), static_cast<unsigned>(wanted), MSG_DONTWAIT, nullptr);
  if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
  if (count > 0) {
    read_at_ = monotonic_now();
    const bool is_stamped = messages[0].msg_hdr.msg_controllen > 0;
    if (is_stamped) read_at_wall_nanos_ = wall_nanos();
  }
  return count;
}

Datagram Intake::datagram(std::size_t nth) {
  return {.octets = std::span(octets_).subspan(nth * octets_each_, messages_[nth].msg_len),
          .from = to_address(from_[nth]),
          .arrived = arrival(nth)};
}

Time Intake::arrival(std::size_t nth) const {
  const msghdr& header = messages_[nth].msg_hdr;
  const cmsghdr* const control = CMSG_FIRSTHDR(&header);
  if (control == nullptr || control->cmsg_level != SOL_SOCKET || control->cmsg_type != SO_TIMESTAMPNS) {
    return read_at_;
  }
  timespec stamped{};
  std::memcpy(&stamped, CMSG_DATA(control), sizeof stamped);
  const std::chrono::nanoseconds waited{read_at_wall_nanos_ - nanos(stamped)};
  return waited < 0ns || waited > longest_wait ? read_at_ : read_at_ - waited;
}

}  // namespace mediaswitch
