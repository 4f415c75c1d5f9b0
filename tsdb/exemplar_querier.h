#pragma once

#include <span>
#include <vector>

#include "absl/status/statusor.h"

#include "base/labels/label_matcher.h"
#include "base/labels/label_set.h"
#include "base/model/exemplar.h"
#include "base/model/timestamp.h"

namespace tidemark::tsdb {

// The exemplars of one series, of which there is at least one, in the order in which they came.
struct SeriesExemplars {
  LabelSet labels;
  std::vector<Exemplar> exemplars;
};

// Where exemplars can be had from. Thread-safe.
class ExemplarQueryable {
 public:
  virtual ~ExemplarQueryable() = default;
  // Those in `range` of the series that pass all matchers of any of the `selectors`; ascending by
  // labels of the series.
  //   Unavailable  the store is not open yet
  virtual absl::StatusOr<std::vector<SeriesExemplars>> Exemplars(
      std::span<const std::vector<LabelMatcher>> selectors, TimeRange range) const = 0;
};

}  // namespace tidemark::tsdb
