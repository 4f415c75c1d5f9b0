#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/model/timestamp.h"
#include "tsdb/block_factory.h"
#include "tsdb/sample_backfill.h"

namespace tidemark::scrape {

struct BackfillOptions {
  std::string path;                                         // of a file of OpenMetrics text
  std::vector<std::pair<std::string, std::string>> labels;  // added to every series; they win
  DurationMs block_duration = 2 * kHour;
  size_t samples_bytes = size_t{256} << 20;  // memory for samples at a time
};

// From the command line: labels "name=value", and how long a block may be at most, of which the
// longest of 2h, 6h, 18h, ... is taken that fits; empty stands for two hours.
//   InvalidArgument  they say something else
absl::StatusOr<BackfillOptions> MakeBackfillOptions(std::string path,
                                                    const std::vector<std::string>& labels,
                                                    std::string_view max_block_duration);

// Writes the samples of an OpenMetrics file, all of which have timestamps, into blocks. Unlike
// promtool it takes the samples of a series in any order. Of two at one time the first stays.
// The file is read several times and must stay as it is.
//   InvalidArgument  not OpenMetrics, or a sample without a timestamp: "FILE: line 12: ..."; no
//                    block is written then
//   and what files and `new_block` say
absl::Status BackfillOpenMetrics(const BackfillOptions& options,
                                 const tsdb::BlockFactory& new_block, tsdb::BackfillReport& report);

}  // namespace tidemark::scrape
