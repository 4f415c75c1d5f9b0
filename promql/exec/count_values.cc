#include "promql/exec/count_values.h"

#include <bit>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"

#include "base/status_macros.h"
#include "promql/functions/decimal_digits.h"
#include "promql/histogram_text.h"

namespace tidemark::promql {

// The rows of the result while they are counted.
class CountValues::Counts {
 public:
  Counts(QueryContext& query, size_t num_steps) : num_steps_(num_steps), held_(query) {}

  absl::StatusOr<size_t> RowOf(LabelSet labels) {
    const auto [found, added] = by_labels_.try_emplace(labels, rows_.size());
    if (added) {
      RETURN_IF_ERROR(held_.Grow(0, BytesOf(labels)));
      rows_.push_back({std::move(labels), std::vector<double>(num_steps_),
                       std::vector<uint64_t>(PresenceWords(num_steps_))});
    }
    return found->second;
  }
  void Count(size_t row, size_t step) {
    Row& counts = rows_[row];
    StepRow{counts.values, counts.present}.Set(step, counts.values[step] + 1);
  }
  absl::Status MoveTo(SeriesTable& result) {
    by_labels_.clear();
    for (Row& row : rows_) {
      held_.Shrink(0, BytesOf(row.labels));  // from here on the result accounts for it
      RETURN_IF_ERROR(result.Add({std::move(row.labels)}, {row.values, row.present}));
      row = {};
    }
    return absl::OkStatus();
  }

 private:
  struct Row {
    LabelSet labels;
    std::vector<double> values;
    std::vector<uint64_t> present;
  };

  size_t BytesOf(const LabelSet& labels) const {
    constexpr size_t kOverhead = 256;
    return RowBytes(num_steps_) + 2 * labels.bytes().size() + kOverhead;
  }

  const size_t num_steps_;
  MemoryReservation held_;
  std::vector<Row> rows_;  // in order of first appearance
  absl::flat_hash_map<LabelSet, size_t> by_labels_;
};

CountValues::CountValues(std::string label, Grouping grouping, OperatorPtr input)
    : TableOperator(input->times()),
      label_(std::move(label)),
      grouping_([&] {
        if (!grouping.without) grouping.labels.push_back(label_);
        return std::move(grouping);
      }()),
      input_(std::move(input)) {}

absl::Status CountValues::Build(QueryContext& query, SeriesTable& result) {
  Counts counts(query, num_steps());
  ColumnBatch batch;
  LabelSetBuilder labels;
  // Of one series, by the bits of the value or by the histogram, which lives as long as the batch.
  absl::flat_hash_map<std::pair<uint64_t, const FloatHistogramSample*>, size_t> row_of_value;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, input_->Next(query, batch));
    if (!more) return counts.MoveTo(result);
    RETURN_IF_ERROR(query.CheckCancelled());
    for (size_t i = 0; i < batch.size(); ++i) {
      const StepRow row = batch.row(i);
      labels.Reset(batch.header(i).labels);
      row_of_value.clear();
      for (size_t step = 0; step < num_steps(); ++step) {
        if (!row.Has(step)) continue;
        const FloatHistogramSample* histogram = row.Histogram(step);
        const double value = histogram == nullptr ? row.values[step] : 0;
        const auto [found, added] =
            row_of_value.try_emplace({std::bit_cast<uint64_t>(value), histogram}, size_t{0});
        if (added) {
          labels.Set(label_,
                     histogram == nullptr ? DecimalDigits(value) : ToString(ViewOf(*histogram)));
          ASSIGN_OR_RETURN(found->second, counts.RowOf(grouping_.GroupOf(labels.Build())));
        }
        counts.Count(found->second, step);
      }
    }
  }
}

}  // namespace tidemark::promql
