#include "io/ready_sockets.hpp"

#include <cerrno>
#include <cstdint>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace mediaswitch {
namespace {

using boost::system::error_code;

/// Waits of the set in a row, however busy it is, before Asio looks after others.
constexpr int most_waits = 1000;
constexpr int for_ever = -1;

int made(int descriptor, const char* what) {
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), what);
  return descriptor;
}

}  // namespace

ReadySockets::Interruption::~Interruption() { close(descriptor); }

void ReadySockets::Interruption::on_readable() {
  std::uint64_t count = 0;
  has_come = read(descriptor, &count, sizeof count) == sizeof count || has_come;
}

ReadySockets::ReadySockets(boost::asio::io_context& context, NextTurn next_turn)
    : set_(context, made(epoll_create1(EPOLL_CLOEXEC), "an epoll set")),
      next_turn_(std::move(next_turn)),
      bell_(made(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "an event descriptor")),
      alarm_(made(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), "a timer")) {
  for (Interruption* const each : {&bell_, &alarm_}) {
    if (const error_code error = add(each->descriptor, *each)) throw std::system_error(error);
  }
  wait();
}

error_code ReadySockets::add(int socket, Reader& reader, Telling telling) {
  const std::uint32_t edge = telling == Telling::OfEachWrite ? std::uint32_t{EPOLLET} : 0U;
  epoll_event event{.events = EPOLLIN | edge, .data = {.ptr = &reader}};
  if (epoll_ctl(set_.native_handle(), EPOLL_CTL_ADD, socket, &event) == 0) return {};
  return {errno, boost::system::system_category()};
}

void ReadySockets::remove(int socket, Reader& reader) {
  epoll_ctl(set_.native_handle(), EPOLL_CTL_DEL, socket, nullptr);
  for (epoll_event& event : rest_) {
    if (event.data.ptr == &reader) event.data.ptr = nullptr;
  }
}

void ReadySockets::interrupt() const {
  constexpr std::uint64_t once = 1;
  // It fails only where nobody has read of 2^64 of them.
  static_cast<void>(write(bell_.descriptor, &once, sizeof once));
}

void ReadySockets::stop() {
  rest_ = {};
  error_code ignored;
  set_.close(ignored);
}

void ReadySockets::wait() {
  set_.async_wait(Set::wait_read, [this](const error_code& error) {
    if (error) return;
    tell();
    if (set_.is_open()) wait();
  });
}

void ReadySockets::tell() {
  bell_.has_come = alarm_.has_come = false;
  int patience = 0;
  for (int i = 0; i < most_waits && tell_once(patience) && may_wait(); ++i) patience = for_ever;
}

bool ReadySockets::tell_once(int patience) {
  const int ready =
      epoll_wait(set_.native_handle(), batch_.data(), static_cast<int>(batch_.size()), patience);
  if (ready <= 0) return false;
  rest_ = std::span(batch_).first(static_cast<std::size_t>(ready));
  while (!rest_.empty()) {
    auto* const reader = static_cast<Reader*>(rest_.front().data.ptr);
    rest_ = rest_.subspan(1);
    if (reader != nullptr) reader->on_readable();
  }
  return true;
}

/// Sets the alarm for the next turn of others. Of one that has passed it goes off again, until they had it.
bool ReadySockets::may_wait() {
  if (alarm_.has_come) alarm_at_ = {};
  if (bell_.has_come || alarm_.has_come || !set_.is_open() || !next_turn_) return false;
  const Time at = next_turn_();
  if (at == alarm_at_) return true;
  const auto since_start = at.time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since_start);
  const itimerspec setting{
      .it_interval = {}, .it_value = {.tv_sec = seconds.count(), .tv_nsec = (since_start - seconds).count()}};
  if (timerfd_settime(alarm_.descriptor, TFD_TIMER_ABSTIME, &setting, nullptr) != 0) return false;
  alarm_at_ = at;
  return true;
}

}  // namespace mediaswitch
