#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/model/timestamp.h"
#include "base/run/clock.h"
#include "cmd/tidectl/check.h"

// `tidectl tsdb`: what promtool's commands of the same names print, of Tidemark's data directory,
// and the reading of a Prometheus's. Each is false where anything went wrong or was damaged.
namespace tidemark::tidectl {

struct ImportFlags {
  std::string source, output;
  bool dry_run = false;
};
// Writes blocks into the data directory `output`, which must not hold blocks yet.
bool ImportPrometheus(const ImportFlags& flags, Clock& clock, const Output& output);

struct BackfillFlags {
  std::string input, output;
  std::string max_block_duration;   // empty: two hours
  std::vector<std::string> labels;  // "name=value"
  bool human_readable = false, quiet = false;
};
bool CreateBlocksFromOpenMetrics(const BackfillFlags& flags, Clock& clock, const Output& output);

bool ListBlocks(const std::string& directory, bool human_readable, const Output& output);

// `ulid` empty: the newest block.
bool AnalyzeBlock(const std::string& directory, const std::string& ulid, size_t limit,
                  const Output& output);

struct DumpFlags {
  std::string directory;
  TimeRange range;
  std::vector<std::string> selectors;  // none: everything
};
// Both read the journal too, and fail where a server has the directory open.
bool DumpSamples(const DumpFlags& flags, const Output& output);
bool VerifyStore(const std::string& directory, const Output& output);

}  // namespace tidemark::tidectl
