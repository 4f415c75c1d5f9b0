#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"

#include "promql/exec/operator.h"

namespace tidemark::promql {

// Series kept together with all their steps, each label set once: what an operator makes that must
// see everything before it can answer, and what a query ends in. It counts against the query's
// max_samples and, with all its room, against its memory; the histograms of neighbouring steps are
// shared, which it counts once. One thread.
class SeriesTable {
 public:
  // `query` outlives the table.
  SeriesTable(QueryContext& query, size_t num_steps);

  // Adds a series; where one with these labels is there already, its steps are filled in.
  //   FailedPrecondition  both have a value at the same step: "vector cannot contain metrics with
  //                       the same labelset"
  //   ResourceExhausted   max_samples, memory
  absl::Status Add(SeriesHeader header, const StepRow& row);
  // All that `input` gives; series without any value are left out.
  absl::Status AddAll(QueryContext& query, Operator& input);

  size_t size() const { return rows_.size(); }
  size_t num_steps() const { return num_steps_; }
  const SeriesHeader& header(size_t i) const { return rows_[i]->header; }
  StepRow row(size_t i) const {
    Row& row = *rows_[i];
    return {row.values, row.present, &row.histograms};
  }

 private:
  struct Row {
    SeriesHeader header;
    std::vector<double> values;
    std::vector<uint64_t> present;
    HistogramSteps histograms;
  };

  // Of the row itself, its places in the vector and the map, and of the allocator.
  static constexpr size_t kRowOverhead = 256;

  const size_t num_steps_;
  MemoryReservation held_;
  std::vector<std::unique_ptr<Row>> rows_;                   // in order of first appearance
  absl::flat_hash_map<std::string_view, size_t> by_labels_;  // label bytes, owned by the row
};

// Clears the steps that have a histogram; true where there were any.
bool DropHistograms(SeriesTable& table);

}  // namespace tidemark::promql
