#pragma once

#include <chrono>
#include <sys/types.h>

namespace bench {

/// Time that all threads of a process have spent on a processor, in user and kernel mode
/// (/proc/<pid>/task/<tid>/schedstat). 0 for a process that is not there.
std::chrono::nanoseconds cpu_time_of(pid_t process);

}  // namespace bench
