#include "io/file.hpp"

#include <array>
#include <cstdint>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>
#include <signal.h>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "support/temporary_folder.hpp"

using namespace mediaswitch;
using Octets = std::vector<std::uint8_t>;
using Written = ByteSink::Written;

namespace {

Octets content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void put(const std::string& path, const Octets& octets) {
  std::ofstream file(path, std::ios::binary);
  for (const std::uint8_t octet : octets) file.put(static_cast<char>(octet));
}

Octets counting(std::size_t size) {
  Octets octets(size);
  std::iota(octets.begin(), octets.end(), std::uint8_t{0});
  return octets;
}

}  // namespace

TEST_CASE("a file is read from anywhere, short at its end only") {
  const test::TemporaryFolder folder;
  const Octets content = counting(1000);
  put(folder.file("a"), content);
  const auto file = open_file(folder.file("a"));
  REQUIRE(file);
  CHECK(file->size() == 1000);
  Octets piece(300);
  CHECK(file->read(0, piece) == 300);
  CHECK(piece == Octets(content.begin(), content.begin() + 300));
  CHECK(file->read(900, piece) == 100);
  CHECK(std::equal(content.begin() + 900, content.end(), piece.begin()));
  CHECK(file->read(1000, piece) == 0);
  CHECK(file->read(std::uint64_t{1} << 40U, piece) == 0);
  CHECK(file->read(5, {}) == 0);
  put(folder.file("a"), counting(10));
  CHECK_MESSAGE(file->size() == 10, "it may shrink");
  CHECK(file->read(0, piece) == 10);
}

TEST_CASE("what can't be read says so") {
  const test::TemporaryFolder folder;
  put(folder.file("a"), counting(10));
  const auto file = open_file(folder.file("a"));
  Octets piece(10);
  // Offsets of files are signed.
  CHECK_FALSE(file->read(~std::uint64_t{0} - 5, piece).has_value());
}

TEST_CASE("only regular files are opened to read") {
  const test::TemporaryFolder folder;
  CHECK_FALSE(open_file(folder.file("nothing")));
  CHECK_FALSE(open_file(folder.file(".")));
  CHECK_FALSE(open_file("/dev/zero"));
  REQUIRE(mkfifo(folder.file("pipe").c_str(), 0600) == 0);
  CHECK_FALSE(open_file(folder.file("pipe")));
}

TEST_CASE("a file is written in any order") {
  const test::TemporaryFolder folder;
  const auto file = make_file(folder.file("a"));
  REQUIRE(file);
  CHECK(content_of(folder.file("a")).empty());
  CHECK(file->write(0, Octets{1, 2, 3, 4}) == Written::Ok);
  CHECK(file->write(4, Octets{5, 6}) == Written::Ok);
  CHECK(file->write(1, Octets{9, 8}) == Written::Ok);
  CHECK(file->write(0, {}) == Written::Ok);
  CHECK(content_of(folder.file("a")) == Octets{1, 9, 8, 4, 5, 6});
}

TEST_CASE("who has a file open keeps it when another of its name is made") {
  const test::TemporaryFolder folder;
  const auto first = make_file(folder.file("a"));
  REQUIRE(first);
  CHECK(first->write(0, Octets{1, 2, 3}) == Written::Ok);
  const auto reader = open_file(folder.file("a"));
  const auto second = make_file(folder.file("a"));
  REQUIRE(second);
  CHECK(content_of(folder.file("a")).empty());
  CHECK(first->write(3, Octets{4}) == Written::Ok);
  CHECK(second->write(0, Octets{7}) == Written::Ok);
  CHECK(content_of(folder.file("a")) == Octets{7});
  Octets piece(9);
  CHECK(reader->read(0, piece) == 4);
}

TEST_CASE("no symbolic link is written through, nor what is no regular file") {
  const test::TemporaryFolder folder;
  put(folder.file("a"), {1, 2, 3});
  std::filesystem::create_symlink(folder.file("a"), folder.file("link"));
  std::filesystem::create_symlink(folder.file("nowhere"), folder.file("dangling"));
  std::filesystem::create_directory(folder.file("folder"));
  REQUIRE(mkfifo(folder.file("pipe").c_str(), 0600) == 0);
  for (const char* name : {"link", "dangling", "folder", "pipe", "no/such"}) {
    CAPTURE(name);
    CHECK_FALSE(make_file(folder.file(name)));
  }
  CHECK_FALSE(make_file("/dev/null"));
  CHECK(content_of(folder.file("a")) == Octets{1, 2, 3});
  CHECK(std::filesystem::is_symlink(folder.file("link")));
  CHECK(std::filesystem::is_fifo(folder.file("pipe")));
  CHECK_FALSE(std::filesystem::exists(folder.file("nowhere")));
}

TEST_CASE("files are not handed on to programs that are started, and are nobody else's to read") {
  const test::TemporaryFolder folder;
  const auto file = make_file(folder.file("a"));
  struct stat status {};
  REQUIRE(stat(folder.file("a").c_str(), &status) == 0);
  CHECK((status.st_mode & 0137U) == 0);
  const auto reader = open_file(folder.file("a"));
  int open_descriptors = 0;
  for (int each = 3; each < 100; ++each) {
    struct stat of_each {};
    if (fstat(each, &of_each) != 0 || of_each.st_ino != status.st_ino) continue;
    ++open_descriptors;
    CHECK((fcntl(each, F_GETFD) & FD_CLOEXEC) != 0);
  }
  CHECK(open_descriptors == 2);
}

TEST_CASE("a full disk is told, what was there stays") {
  const test::TemporaryFolder folder;
  const auto file = make_file(folder.file("a"));
  REQUIRE(file->write(0, counting(100)) == Written::Ok);
  // A limit of the process is as good as a full disk.
  struct rlimit before {};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto on_excess = signal(SIGXFSZ, SIG_IGN);
  struct rlimit small = before;
  small.rlim_cur = 150;
  setrlimit(RLIMIT_FSIZE, &small);
  const Written over = file->write(100, counting(100));
  const Written within = file->write(0, Octets{42});
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, on_excess);
  CHECK(over == Written::DiskFull);
  CHECK(within == Written::Ok);
  CHECK(content_of(folder.file("a")).size() == 150);
  CHECK(content_of(folder.file("a")).front() == 42);
}
