#pragma once

#include <memory>

#include "absl/status/statusor.h"

#include "base/model/sample.h"
#include "base/model/timestamp.h"
#include "http/remote/read_request.h"
#include "tsdb/querier.h"

namespace tidemark::http {

// The series that a query selects; null where it can select none. Errors as of Querier::Select.
absl::StatusOr<std::unique_ptr<tsdb::SeriesSet>> SelectSeries(const ReadQuery& query,
                                                              const tsdb::Querier& querier);

// The samples of one series, some days at a time, so that a long one is never held as a whole. One
// thread.
class SeriesPieces {
 public:
  // Of series `i` of `set`, which outlives this, those in `range`.
  SeriesPieces(const tsdb::SeriesSet& set, size_t i, TimeRange range);

  // Replaces `out` by the next samples, at least one; false where there are none.
  //   DataLoss  as of SeriesSet::Read
  absl::StatusOr<bool> Next(SampleColumns& out);

 private:
  const tsdb::SeriesSet& set_;
  const size_t series_;
  TimeRange left_;  // min > max: nothing
  DurationMs piece_ = 0;
};

}  // namespace tidemark::http
