#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <span>
#include <sys/epoll.h>

namespace mediaswitch {

/// Tells which of a thread's many sockets can be read. Asio watches one descriptor, an epoll set of ours with
/// the sockets in it, and not each of them: asking to be woken again costs a system call, which is then one
/// for all sockets that became readable meanwhile instead of one for each packet.
class ReadySockets {
 public:
  /// A socket's owner. Every call stands for one thing to read: what is left is told again.
  class Reader {
   public:
    virtual void on_readable() = 0;

   protected:
    ~Reader() = default;
  };

  /// Throws std::system_error when the system has no descriptor for us.
  explicit ReadySockets(boost::asio::io_context& context);

  /// An error: the system has no room to watch it. `reader` stays where it is until `remove`.
  [[nodiscard]] boost::system::error_code add(int socket, Reader& reader);
  /// `reader` is told of nothing any more, also where it is called by one.
  void remove(int socket, Reader& reader);
  /// No reader is told of anything any more, and nothing is waited for.
  void stop();

 private:
  using Descriptor = boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type>;

  void wait();
  void tell();

  Descriptor set_;
  /// Told of at a time, before others have their turn.
  std::array<epoll_event, 64> batch_{};
  /// What is still to be told of.
  std::span<epoll_event> rest_;
};

}  // namespace mediaswitch
