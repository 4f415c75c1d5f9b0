#include "promql/exec/result.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "promql/exec/histogram_load.h"
#include "promql/exec/metric_name.h"
#include "promql/exec/series_table.h"

namespace tidemark::promql {
namespace {

// Hands the series of an operator on with their names removed where that is due.
class NameRemoval : public Operator {
 public:
  explicit NameRemoval(Operator& input) : Operator(input.times()), input_(input) {}

  absl::StatusOr<bool> Next(QueryContext& query, ColumnBatch& out) override {
    ASSIGN_OR_RETURN(const bool more, input_.Next(query, out));
    for (size_t i = 0; more && i < out.size(); ++i) {
      SeriesHeader& header = out.header(i);
      if (header.drop_name) header = {WithoutMetricName(header.labels)};
    }
    return more;
  }

 private:
  Operator& input_;
};

// Of a sample in the result, and of the text that it becomes.
constexpr size_t kBytesPerResult = 2 * sizeof(Sample) + 32;

void SortByLabels(Matrix& matrix) {
  std::sort(matrix.begin(), matrix.end(),
            [](const Series& a, const Series& b) { return a.labels < b.labels; });
}

}  // namespace

absl::StatusOr<InstantVector> ReadInstantVector(QueryContext& query, Operator& root) {
  NameRemoval input(root);
  SeriesTable table(query, root.num_steps());
  RETURN_IF_ERROR(table.AddAll(query, input));
  MemoryReservation held(query);
  RETURN_IF_ERROR(held.Grow(0, table.size() * kBytesPerResult));
  InstantVector vector;
  vector.reserve(table.size());
  for (size_t i = 0; i < table.size(); ++i) {
    const StepRow row = table.row(i);
    HistogramPtr histogram = row.SharedHistogram(0);
    const double value = histogram == nullptr ? row.values[0] : 0;
    vector.push_back({table.header(i).labels, root.times().start, value, std::move(histogram)});
  }
  return vector;
}

absl::StatusOr<Matrix> ReadMatrix(QueryContext& query, Operator& root) {
  NameRemoval input(root);
  SeriesTable table(query, root.num_steps());
  RETURN_IF_ERROR(table.AddAll(query, input));
  MemoryReservation held(query);
  Matrix matrix(table.size());
  for (size_t i = 0; i < table.size(); ++i) {
    const StepRow row = table.row(i);
    RETURN_IF_ERROR(held.Grow(0, row.Count() * kBytesPerResult));
    matrix[i].labels = table.header(i).labels;
    if (!row.HasHistograms()) matrix[i].samples.reserve(row.Count());
    row.ForEach([&](size_t step) {
      const TimestampMs time = root.times().step_time(step);
      if (row.HasHistogram(step)) {
        matrix[i].histograms.push_back({time, row.SharedHistogram(step)});
      } else {
        matrix[i].samples.push_back({time, row.values[step]});
      }
    });
  }
  SortByLabels(matrix);
  return matrix;
}

absl::StatusOr<Matrix> ReadRangeVector(QueryContext& query, RangeSource& root) {
  RETURN_IF_ERROR(root.Open(query));
  Matrix matrix;
  MemoryReservation held(query);
  SampleColumns samples;
  for (size_t i = 0; i < root.size(); ++i) {
    RETURN_IF_ERROR(query.CheckCancelled());
    RETURN_IF_ERROR(root.Read(i, samples));
    const HistogramLoad load = LoadOfHistograms(samples.histograms);
    const size_t num_samples = samples.size() + samples.histograms.size();
    RETURN_IF_ERROR(
        held.Grow(num_samples + load.extra_samples, num_samples * kBytesPerResult + load.bytes));
    if (!samples.has_samples()) continue;
    SeriesHeader header = root.header(i);
    Series& series = matrix.emplace_back();
    series.labels = header.drop_name ? WithoutMetricName(header.labels) : std::move(header.labels);
    for (size_t k = 0; k < samples.size(); ++k) {
      series.samples.push_back({samples.timestamps[k], samples.values[k]});
    }
    for (size_t k = 0; k < samples.histograms.size(); ++k) {
      series.histograms.push_back(
          {samples.histograms.timestamps()[k],
           std::make_shared<FloatHistogramSample>(ToFloatHistogram(samples.histograms[k]))});
    }
  }
  SortByLabels(matrix);
  const auto twice =
      std::adjacent_find(matrix.begin(), matrix.end(),
                         [](const Series& a, const Series& b) { return a.labels == b.labels; });
  if (twice == matrix.end()) return matrix;
  return absl::FailedPreconditionError("vector cannot contain metrics with the same labelset");
}

}  // namespace tidemark::promql
