#include "server_cpu.hpp"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

namespace bench {

std::chrono::nanoseconds cpu_time_of(pid_t process) {
  std::int64_t total = 0;
  std::error_code ignored;
  const std::filesystem::path tasks = "/proc/" + std::to_string(process) + "/task";
  for (const auto& task : std::filesystem::directory_iterator(tasks, ignored)) {
    std::ifstream file(task.path() / "schedstat");
    std::int64_t nanos = 0;
    if (file >> nanos) total += nanos;
  }
  return std::chrono::nanoseconds(total);
}

}  // namespace bench
