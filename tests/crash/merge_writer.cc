#include <cstdio>
#include <cstdlib>

#include "base/run/clock.h"
#include "tests/crash/dying_calls.h"
#include "tsdb/block/block_set.h"
#include "tsdb/compaction/block_maintenance.h"

// merge_writer DIRECTORY CALLS
// Opens the blocks of a directory, merges them and rewrites those with tombstones; dies in front of
// the call that changes a file when so many have gone before it.

namespace tidemark::crash {
namespace {

absl::Status MaintainBlocks(const char* directory, int calls) {
  DieAfterFileCalls(calls);
  MetricRegistry metrics;
  auto blocks = tsdb::BlockSet::Open(directory, nullptr, metrics);
  if (!blocks.ok()) return blocks.status();
  tsdb::BlockMaintenance maintenance(**blocks, {.ranges = {20, 60}}, {}, Clock::Real(), metrics);
  const auto never = [] { return false; };
  absl::Status status = maintenance.Run({}, never);
  status.Update(maintenance.CleanTombstones(never));
  return status;
}

}  // namespace
}  // namespace tidemark::crash

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const absl::Status status = tidemark::crash::MaintainBlocks(argv[1], std::atoi(argv[2]));
  if (!status.ok()) std::fprintf(stderr, "merge_writer: %s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
