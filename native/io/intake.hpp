#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <sys/socket.h>
#include <vector>

#include "io/socket_address.hpp"
#include "rtp/datagram.hpp"

namespace mediaswitch {

/// Reads what has gathered in a socket, several datagrams by one system call, each with the time at which the
/// system took it in. One for all sockets of a thread; allocates only when it is made.
class Intake {
 public:
  /// By one `read`, at most.
  static constexpr std::size_t most = 4;

  /// `octets`: of the longest datagram.
  explicit Intake(std::size_t octets);
  Intake(const Intake&) = delete;
  Intake& operator=(const Intake&) = delete;
  Intake(Intake&&) = delete;
  Intake& operator=(Intake&&) = delete;
  ~Intake() = default;

  /// Has the system note when a datagram comes to the socket, or no more.
  enum class Stamping : std::uint8_t { Off, On };
  static void stamp(int socket, Stamping wanted);

  /// How many were read, of up to `wanted`; −1: an error of the socket, one of a datagram sent earlier as a
  /// rule. Never waits.
  int read(int socket, std::size_t wanted = most);
  /// Of those read; valid until the next `read`.
  [[nodiscard]] Datagram datagram(std::size_t nth);
  [[nodiscard]] bool is_cut(std::size_t nth) const {
    return (messages_[nth].msg_hdr.msg_flags & MSG_TRUNC) != 0;
  }

 private:
  /// Room for one control message with the time.
  using Control = std::array<std::uint8_t, 64>;

  static int read_one(int socket, mmsghdr& message);
  [[nodiscard]] Time arrival(std::size_t nth) const;

  std::size_t octets_each_;
  std::vector<std::uint8_t> octets_;
  std::array<SocketAddress, most> from_;
  std::array<iovec, most> places_{};
  alignas(cmsghdr) std::array<Control, most> controls_{};
  std::array<mmsghdr, most> messages_{};
  /// The moment of the last `read`, by the machine's monotonic clock and by the wall clock the system stamps
  /// with.
  Time read_at_{};
  std::int64_t read_at_wall_nanos_ = 0;
};

}  // namespace mediaswitch
