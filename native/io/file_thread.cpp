#include "io/file_thread.hpp"

#include <algorithm>
#include <csignal>
#include <iterator>
#include <optional>
#include <utility>

namespace mediaswitch {

FileThread::FileThread(Millis period) : period_(period), thread_([this] { run(); }) {}

FileThread::~FileThread() { stop(); }

void FileThread::add(std::unique_ptr<FileJob> job) {
  {
    const std::lock_guard lock(orders_);
    added_.push_back(std::move(job));
  }
  bell_->ring();
}

void FileThread::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(orders_);
    must_stop_ = true;
  }
  bell_->ring();
  thread_.join();
}

void FileThread::run() {
  // Signals are the main thread's business; of SIGXFSZ it is enough that the write fails.
  sigset_t all{};
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  Jobs jobs;
  while (take_orders(jobs)) {
    bool is_more_to_do = false;
    std::erase_if(jobs, [&](const auto& job) {
      const FileJob::Progress progress = job->work();
      is_more_to_do = is_more_to_do || progress == FileJob::Progress::More;
      return progress == FileJob::Progress::Done;
    });
    if (is_more_to_do) continue;
    bell_->wait(jobs.empty() ? std::nullopt : std::optional(period_));
  }
  for (const auto& job : jobs) job->wrap_up();
}

bool FileThread::take_orders(Jobs& jobs) {
  const std::lock_guard lock(orders_);
  std::ranges::move(added_, std::back_inserter(jobs));
  added_.clear();
  return !must_stop_;
}

}  // namespace mediaswitch
