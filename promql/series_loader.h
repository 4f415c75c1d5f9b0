#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "absl/status/status.h"

#include "base/model/timestamp.h"
#include "promql/series_notation.h"
#include "tsdb/appender.h"

namespace tidemark::promql {

// Appends the points of series to a store, as much as a test has seen of time. One thread.
class SeriesLoader {
 public:
  // The points are `interval` > 0 apart, the first at `start`. Of two series with the same labels
  // the later counts.
  SeriesLoader(std::vector<SeriesLine> series, TimestampMs start, DurationMs interval);

  // Appends, as one batch, the points not after `time` that were not appended yet.
  //   FailedPrecondition  a sample was rejected; the message names series and time
  //   InvalidArgument     a native histogram is not valid; likewise
  //   others              those of Appender::Commit
  absl::Status LoadThrough(TimestampMs time, tsdb::Appendable& appendable);

 private:
  struct Points {
    std::vector<Point> values;
    std::vector<HistogramPtr> histograms;
  };

  std::map<LabelSet, Points> series_;
  TimestampMs start_;
  DurationMs interval_;
  size_t num_points_ = 0;  // of the longest series
  size_t next_ = 0;        // index of the first point that was not appended
};

}  // namespace tidemark::promql
