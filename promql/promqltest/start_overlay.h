#pragma once

#include <map>
#include <memory>

#include "base/labels/label_set.h"
#include "promql/promqltest/script.h"
#include "tsdb/querier.h"

namespace tidemark::promql {

// The start timestamps that scripts load, laid over what a store has without them. The store's
// series come back with start timestamps where a script gave any.
class StartOverlay {
 public:
  void Add(const LoadCommand& load);
  void Clear() { starts_.clear(); }
  // The overlay and `querier` outlive the result's series sets.
  std::unique_ptr<tsdb::Querier> Over(std::unique_ptr<tsdb::Querier> querier) const;

 private:
  using Starts = std::map<TimestampMs, TimestampMs>;  // by the time of the sample
  friend class OverlaidSeriesSet;
  friend class OverlaidQuerier;

  std::map<LabelSet, Starts> starts_;
};

}  // namespace tidemark::promql
