#include "tsdb/querier.h"

namespace tidemark::tsdb {

absl::Status SeriesSet::ReadRange(size_t i, TimeRange range, SampleColumns& out) const {
  const absl::Status read = Read(i, out);
  if (read.ok()) KeepRange(range, out);
  return read;
}

absl::Status SeriesSet::ReadSummaries(size_t, std::vector<ChunkSummary>& out) const {
  out.clear();
  return absl::OkStatus();
}

}  // namespace tidemark::tsdb
