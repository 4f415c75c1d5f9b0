#pragma once

// What /metrics says of the process itself, under process_*.
namespace tidemark {

// Fields that cannot be read are 0.
struct ProcessStats {
  double cpu_seconds = 0;  // user and system
  double resident_bytes = 0;
  double virtual_bytes = 0;
  double max_virtual_bytes = 0;  // the limit; infinite is the largest 64-bit number, as clients say
  double open_fds = 0;
  double max_fds = 0;
  double start_time_seconds = 0;  // since the Unix epoch
};

// As of now, from /proc. Thread-safe; costs a few system calls.
ProcessStats ReadProcessStats();

}  // namespace tidemark
