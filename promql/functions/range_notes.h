#pragma once

namespace tidemark::promql {

// What a range function met among native histograms that the query's annotations tell of.
struct RangeNotes {
  bool mixed_kinds = false;         // floats and histograms in a window, which has no result then
  bool histograms_ignored = false;  // likewise, and the result is of the floats
  bool not_a_counter = false;
  bool not_a_gauge = false;
  bool mixed_schemas = false;  // exponential and custom buckets; no result
  bool conflicting_resets = false;
  // Custom bounds differed and were reconciled in a
  bool reconciled_difference = false, reconciled_sum = false, reconciled_aggregate = false;
};

}  // namespace tidemark::promql
