#pragma once

#include <cstddef>
#include <string>

#include "base/model/timestamp.h"

namespace tidemark::tsdb {

// How often the journal is fsynced. A kill of the process loses nothing either way; a power cut
// loses what was written since the last fsync.
enum class FsyncPolicy { kEveryBatch, kInterval, kNever };

struct Options {
  std::string path;                  // the data directory; made where it is absent
  DurationMs retention = 15 * kDay;  // 0 keeps everything
  DurationMs out_of_order_window =
      kHour;  // how much older than the newest sample of its series one may be
  DurationMs max_future = 10 * kMinute;  // how far ahead of the clock a sample may be
  FsyncPolicy fsync = FsyncPolicy::kInterval;
  DurationMs fsync_interval = kSecond;
};

}  // namespace tidemark::tsdb
