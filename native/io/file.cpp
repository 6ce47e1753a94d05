#include "io/file.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <optional>
#include <span>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>
#include <utility>

namespace mediaswitch {
namespace {

/// Owner: reads and writes, group: reads. Recordings are nobody else's.
constexpr mode_t file_mode = 0640;

class OpenFile {
 public:
  explicit OpenFile(int value) : value_(value) {}
  OpenFile(OpenFile&& other) noexcept : value_(other.value_) { other.value_ = -1; }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  OpenFile& operator=(OpenFile&&) = delete;
  ~OpenFile() {
    if (value_ >= 0) close(value_);
  }

  [[nodiscard]] int get() const { return value_; }

  [[nodiscard]] bool is_regular_file() const {
    struct stat status {};
    return value_ >= 0 && fstat(value_, &status) == 0 && S_ISREG(status.st_mode);
  }

 private:
  int value_;
};

class FileSource final : public ByteSource {
 public:
  explicit FileSource(OpenFile file) : file_(std::move(file)) {}

  [[nodiscard]] std::uint64_t size() const override {
    struct stat status {};
    return fstat(file_.get(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
  }

  [[nodiscard]] std::optional<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> to) override {
    std::size_t done = 0;
    while (done < to.size()) {
      const ssize_t got =
          pread(file_.get(), to.data() + done, to.size() - done, static_cast<off_t>(offset + done));
      if (got == 0) break;
      if (got < 0) {
        if (errno == EINTR) continue;
        return std::nullopt;
      }
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

 private:
  OpenFile file_;
};

class FileSink final : public ByteSink {
 public:
  explicit FileSink(OpenFile file) : file_(std::move(file)) {}

  [[nodiscard]] Written write(std::uint64_t offset, std::span<const std::uint8_t> octets) override {
    std::size_t done = 0;
    while (done < octets.size()) {
      const ssize_t put =
          pwrite(file_.get(), octets.data() + done, octets.size() - done, static_cast<off_t>(offset + done));
      if (put < 0) {
        if (errno == EINTR) continue;
        const bool is_full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
        return is_full ? Written::DiskFull : Written::Failed;
      }
      done += static_cast<std::size_t>(put);
    }
    return Written::Ok;
  }

 private:
  OpenFile file_;
};

}  // namespace

std::unique_ptr<ByteSource> open_file(const std::string& path) {
  // Not blocking, for a pipe in the file's place would make it wait for the other end.
  OpenFile file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.is_regular_file()) return nullptr;
  return std::make_unique<FileSource>(std::move(file));
}

std::unique_ptr<ByteSink> make_file(const std::string& path) {
  struct stat status {};
  if (lstat(path.c_str(), &status) == 0) {
    if (!S_ISREG(status.st_mode) || unlink(path.c_str()) != 0) return nullptr;
  }
  OpenFile file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, file_mode));
  if (!file.is_regular_file()) return nullptr;
  return std::make_unique<FileSink>(std::move(file));
}

}  // namespace mediaswitch
