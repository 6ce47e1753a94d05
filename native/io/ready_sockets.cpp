#include "io/ready_sockets.hpp"

#include <cerrno>
#include <system_error>

namespace mediaswitch {
namespace {

using boost::system::error_code;

int epoll_set() {
  const int set = epoll_create1(EPOLL_CLOEXEC);
  if (set < 0) throw std::system_error(errno, std::generic_category(), "an epoll set");
  return set;
}

}  // namespace

ReadySockets::ReadySockets(boost::asio::io_context& context) : set_(context, epoll_set()) { wait(); }

error_code ReadySockets::add(int socket, Reader& reader) {
  epoll_event event{.events = EPOLLIN, .data = {.ptr = &reader}};
  if (epoll_ctl(set_.native_handle(), EPOLL_CTL_ADD, socket, &event) == 0) return {};
  return {errno, boost::system::system_category()};
}

void ReadySockets::remove(int socket, Reader& reader) {
  epoll_ctl(set_.native_handle(), EPOLL_CTL_DEL, socket, nullptr);
  for (epoll_event& event : rest_) {
    if (event.data.ptr == &reader) event.data.ptr = nullptr;
  }
}

void ReadySockets::stop() {
  rest_ = {};
  error_code ignored;
  set_.close(ignored);
}

void ReadySockets::wait() {
  set_.async_wait(Descriptor::wait_read, [this](const error_code& error) {
    if (error) return;
    tell();
    if (set_.is_open()) wait();
  });
}

void ReadySockets::tell() {
  const int ready = epoll_wait(set_.native_handle(), batch_.data(), static_cast<int>(batch_.size()), 0);
  if (ready <= 0) return;
  rest_ = std::span(batch_).first(static_cast<std::size_t>(ready));
  while (!rest_.empty()) {
    auto* const reader = static_cast<Reader*>(rest_.front().data.ptr);
    rest_ = rest_.subspan(1);
    if (reader != nullptr) reader->on_readable();
  }
}

}  // namespace mediaswitch
