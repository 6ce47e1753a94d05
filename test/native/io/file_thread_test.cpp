#include "io/file_thread.hpp"

#include <atomic>
#include <doctest/doctest.h>
#include <functional>
#include <latch>
#include <memory>
#include <thread>
#include <vector>

using namespace mediaswitch;
using Progress = FileJob::Progress;

namespace {

class TestJob final : public FileJob {
 public:
  explicit TestJob(
      std::function<Progress()> on_work, std::function<void()> on_wrap_up = [] {})
      : on_work_(std::move(on_work)), on_wrap_up_(std::move(on_wrap_up)) {}
  Progress work() override { return on_work_(); }
  void wrap_up() override { on_wrap_up_(); }

 private:
  std::function<Progress()> on_work_;
  std::function<void()> on_wrap_up_;
};

void add(
    FileThread& thread, std::function<Progress()> on_work, std::function<void()> on_wrap_up = [] {}) {
  thread.add(std::make_unique<TestJob>(std::move(on_work), std::move(on_wrap_up)));
}

}  // namespace

TEST_CASE("a bell that rang before the wait ends it at once, many rings count as one") {
  Bell bell;
  for (int i = 0; i < 100'000; ++i) bell.ring();
  bell.wait(std::nullopt);
  bell.ring();
  bell.wait(std::nullopt);
  bell.wait(Millis(0));
}

TEST_CASE("two threads: no ring is missed") {
  Bell to;
  Bell fro;
  std::thread other([&] {
    for (int i = 0; i < 5000; ++i) {
      to.wait(std::nullopt);
      fro.ring();
    }
  });
  for (int i = 0; i < 5000; ++i) {
    to.ring();
    fro.wait(std::nullopt);
  }
  other.join();
}

TEST_CASE("a job is looked after until it is done, on the thread, also without a bell") {
  FileThread thread(Millis(1));
  std::latch done(1);
  std::atomic<int> turns{0};
  std::thread::id where;
  add(thread, [&] {
    where = std::this_thread::get_id();
    if (++turns < 3) return Progress::Idle;
    done.count_down();
    return Progress::Done;
  });
  done.wait();
  thread.stop();
  CHECK(turns.load() == 3);
  CHECK(where != std::this_thread::get_id());
}

TEST_CASE("jobs with more to do have their turns one after the other, without a pause") {
  FileThread thread(std::chrono::hours(1));
  std::latch held(1);
  std::latch ready(1);
  std::latch done(2);
  std::vector<char> turns;
  // Keeps the thread, before it knows of the others, until both are there.
  add(thread, [&] {
    held.count_down();
    ready.wait();
    return Progress::Done;
  });
  held.wait();
  for (const char name : {'a', 'b'}) {
    add(thread, [&turns, &done, name, left = 3]() mutable {
      turns.push_back(name);
      if (--left > 0) return Progress::More;
      done.count_down();
      return Progress::Done;
    });
  }
  ready.count_down();
  done.wait();
  thread.stop();
  CHECK(turns == std::vector{'a', 'b', 'a', 'b', 'a', 'b'});
}

TEST_CASE("stopping wraps up what is not done, in order, and frees it on the thread") {
  FileThread thread;
  std::latch has_worked(2);
  std::vector<int> wrapped;
  std::thread::id freed_by;
  for (int number = 1; number <= 2; ++number) {
    std::shared_ptr<void> token(nullptr, [&](void*) { freed_by = std::this_thread::get_id(); });
    add(
        thread,
        [&has_worked, has_told = false, token = std::move(token)]() mutable {
          if (!has_told) has_worked.count_down();
          has_told = true;
          return Progress::Idle;
        },
        [&wrapped, number] { wrapped.push_back(number); });
  }
  has_worked.wait();
  CHECK(wrapped.empty());
  thread.stop();
  CHECK(wrapped == std::vector{1, 2});
  CHECK(freed_by != std::thread::id());
  CHECK(freed_by != std::this_thread::get_id());
  thread.stop();
  CHECK_MESSAGE(wrapped.size() == 2, "stopping twice is stopping once");
}

TEST_CASE("what was added and had no turn yet is wrapped up all the same") {
  FileThread thread;
  std::latch is_busy(1);
  std::latch go_on(1);
  bool is_wrapped = false;
  add(thread, [&] {
    is_busy.count_down();
    go_on.wait();
    return Progress::Done;
  });
  is_busy.wait();
  add(
      thread, [] { return Progress::Idle; }, [&] { is_wrapped = true; });
  std::thread stopper([&] { thread.stop(); });
  go_on.count_down();
  stopper.join();
  CHECK(is_wrapped);
}

TEST_CASE("a bell outlives its thread") {
  std::shared_ptr<Bell> bell;
  {
    FileThread thread;
    bell = thread.bell();
  }
  bell->ring();
}
