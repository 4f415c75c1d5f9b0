#pragma once

#include "base/model/series_ref.h"
#include "base/model/timestamp.h"

namespace tidemark::tsdb {

// One sample of a batch, in the head and in the journal alike.
struct SeriesSample {
  SeriesRef series = kNoSeries;
  TimestampMs timestamp = 0;
  double value = 0;
};

}  // namespace tidemark::tsdb
