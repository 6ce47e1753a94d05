#include "core/mailbox.hpp"

#include <array>
#include <doctest/doctest.h>
#include <thread>
#include <vector>

using namespace mediaswitch;

namespace {

template <class T>
std::vector<T> all_of(Mailbox<T>& mailbox) {
  std::vector<T> values;
  mailbox.drain([&](T&& value) { values.push_back(std::move(value)); });
  return values;
}

}  // namespace

TEST_CASE("values come out in the order they went in, both ways mixed") {
  Mailbox<int> mailbox(1);
  CHECK(all_of(mailbox).empty());
  mailbox.offer(0, 1);
  mailbox.deliver({}, 2);
  mailbox.offer(0, 3);
  CHECK(all_of(mailbox) == std::vector{1, 2, 3});
  CHECK(all_of(mailbox).empty());
  mailbox.deliver({}, 4);
  CHECK(all_of(mailbox) == std::vector{4});
}

TEST_CASE("a full pool loses and counts, a reservation always has its place") {
  constexpr auto room = static_cast<int>(Mailbox<int>::pool_size);
  Mailbox<int> mailbox(2);
  for (int i = 0; i < room; ++i) CHECK(mailbox.offer(0, i));
  CHECK_FALSE(mailbox.offer(0, -1));
  CHECK_FALSE(mailbox.offer(0, -1));
  CHECK(mailbox.lost() == 2);
  CHECK_MESSAGE(mailbox.offer(1, 7), "another sender has a pool of its own");
  mailbox.deliver({}, 8);

  const std::vector<int> values = all_of(mailbox);
  CHECK(values.size() == Mailbox<int>::pool_size + 2);
  CHECK(values.back() == 8);
  CHECK_MESSAGE(mailbox.offer(0, 9), "room again after draining");
}

TEST_CASE("four senders and one reader: nothing is lost unseen, each sender's order is kept") {
  constexpr int senders = 4;
  constexpr int per_sender = 20000;
  struct Note {
    int sender = 0;
    int number = 0;
    bool is_reserved = false;
  };
  Mailbox<Note> mailbox(senders);
  std::vector<std::thread> threads;
  std::atomic<int> running{senders};
  for (int sender = 0; sender < senders; ++sender) {
    threads.emplace_back([&, sender] {
      for (int i = 0; i < per_sender; ++i) {
        if (i % 10 == 0) {
          mailbox.deliver({}, {.sender = sender, .number = i, .is_reserved = true});
        } else {
          mailbox.offer(static_cast<std::size_t>(sender), {.sender = sender, .number = i});
        }
      }
      --running;
    });
  }
  std::array<int, senders> last{-1, -1, -1, -1};
  int taken = 0;
  int reserved = 0;
  bool is_ordered = true;
  const auto take = [&](Note&& note) {
    int& before = last.at(static_cast<std::size_t>(note.sender));
    is_ordered = is_ordered && note.number > before;
    before = note.number;
    ++taken;
    if (note.is_reserved) ++reserved;
  };
  while (running > 0) mailbox.drain(take);
  for (auto& thread : threads) thread.join();
  mailbox.drain(take);

  CHECK(is_ordered);
  CHECK(reserved == senders * per_sender / 10);
  CHECK(static_cast<std::uint64_t>(taken) + mailbox.lost() ==
        static_cast<std::uint64_t>(senders) * per_sender);
}

TEST_CASE("what nobody took is freed with the mailbox") {
  Mailbox<std::vector<int>> mailbox(1);
  mailbox.offer(0, std::vector<int>(100));
  mailbox.deliver({}, std::vector<int>(100));
}
