#include "base/process_stats.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>
#include <string>

#include "base/io/file.h"

namespace tidemark {
namespace {

// The fields of /proc/self/stat, proc(5); the numbers there count from 1.
struct StatFields {
  double user_ticks = 0, system_ticks = 0;       // 14, 15
  double start_ticks = 0;                        // 22, after boot
  double virtual_bytes = 0, resident_pages = 0;  // 23, 24
};

StatFields ReadStatFields() {
  StatFields fields;
  const std::string text = ReadFile("/proc/self/stat").value_or("");
  // Field 2 is the program's name in parentheses and may hold anything.
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return fields;
  std::istringstream rest(text.substr(name_end + 1));
  std::string skipped;
  for (int field = 3; field < 14; ++field) rest >> skipped;
  rest >> fields.user_ticks >> fields.system_ticks;
  for (int field = 16; field < 22; ++field) rest >> skipped;
  rest >> fields.start_ticks >> fields.virtual_bytes >> fields.resident_pages;
  return fields;
}

double BootTimeSeconds() {
  std::istringstream lines(ReadFile("/proc/stat").value_or(""));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("btime ")) return std::stod(line.substr(6));
  }
  return 0;
}

double CountOpenFds() {
  std::error_code error;
  double count = -1;  // the listing's own
  for (auto it = std::filesystem::directory_iterator("/proc/self/fd", error);
       !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
    ++count;
  }
  return error ? 0 : count;
}

double SoftLimit(__rlimit_resource resource) {
  rlimit limit{};
  return getrlimit(resource, &limit) == 0 ? static_cast<double>(limit.rlim_cur) : 0;
}

}  // namespace

ProcessStats ReadProcessStats() {
  static const double ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
  static const double page_bytes = static_cast<double>(sysconf(_SC_PAGESIZE));
  static const double boot_time_seconds = BootTimeSeconds();
  const StatFields fields = ReadStatFields();
  return {
      .cpu_seconds = (fields.user_ticks + fields.system_ticks) / ticks_per_second,
      .resident_bytes = fields.resident_pages * page_bytes,
      .virtual_bytes = fields.virtual_bytes,
      .max_virtual_bytes = SoftLimit(RLIMIT_AS),
      .open_fds = CountOpenFds(),
      .max_fds = SoftLimit(RLIMIT_NOFILE),
      .start_time_seconds = boot_time_seconds + fields.start_ticks / ticks_per_second,
  };
}

}  // namespace tidemark
