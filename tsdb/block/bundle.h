#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

#include "tsdb/codec/chunk.h"

// The chunks of some neighbouring series as one value of the chunks file, so that a read of many
// series is few reads of the disk. Layout: docs/storage-format.md.
namespace tidemark::tsdb {

// A chunk as the directory of its bundle has it.
struct BundledChunk {
  static constexpr uint32_t kOwnTimes = 0xffffffff;

  uint32_t series = 0;
  ChunkKind kind = ChunkKind::kFloat;
  bool has_summary = false;
  uint32_t time_column = kOwnTimes;  // its number, or kOwnTimes
  // One after another: the column of timestamps where they are its own, the summary where it has
  // one, the column of values or of histograms.
  std::string_view body;
};

// One thread.
class BundleBuilder {
 public:
  // Copies the body. Chunks ascend by series and time, and no series between them is left out.
  void Add(const BundledChunk& chunk);
  bool empty() const { return shapes_.empty(); }
  size_t bytes() const { return shapes_.size() + columns_.size() + sizes_.size() + bodies_.size(); }
  size_t body_bytes() const { return bodies_.size(); }
  // Writes the bundle over `out` and starts the next. `last_goes_on`: that one starts with more
  // chunks of the last series of this one.
  void Finish(bool last_goes_on, std::string* out);

 private:
  bool first_went_on_ = false;
  uint32_t last_series_ = 0, last_column_ = 0xffffffff;
  std::string shapes_, columns_, sizes_, bodies_;
};

struct Bundle {
  bool first_went_on = false;  // the bundle before has earlier chunks of the first series
  bool last_goes_on = false;   // the next bundle has later chunks of the last series
  std::vector<BundledChunk> chunks;
};

// Fills `bundle`, which starts with `first_series`, with at least one chunk; they point into
// `bytes`.
//   DataLoss             damaged; `bundle` then holds anything
//   FailedPrecondition   a chunk is of a kind that only a newer version knows
absl::Status ParseBundle(std::string_view bytes, uint32_t first_series, Bundle* bundle);

}  // namespace tidemark::tsdb
