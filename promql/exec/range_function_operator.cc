#include "promql/exec/range_function_operator.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "promql/exec/bucket_groups.h"
#include "promql/exec/metric_name.h"
#include "promql/exec/parallel_rows.h"
#include "promql/exec/quantile_warning.h"
#include "promql/functions/mixed_windows.h"
#include "promql/functions/start_timestamps.h"

namespace tidemark::promql {
namespace {

bool LooksLikeCounter(std::string_view metric_name) {
  return metric_name.ends_with("_total") || metric_name.ends_with("_sum") ||
         metric_name.ends_with("_count") || metric_name.ends_with("_bucket");
}

}  // namespace

RangeFunctionOperator::RangeFunctionOperator(const RangeFunction& function, RangeSourcePtr input,
                                             std::vector<OperatorPtr> parameters,
                                             SourceRange range_source, SourceRange parameter_source)
    : Operator(input->windows().times),
      function_(function),
      input_(std::move(input)),
      parameters_(std::move(parameters)),
      range_source_(range_source),
      parameter_source_(parameter_source) {}

absl::Status RangeFunctionOperator::Open(QueryContext& query) {
  open_ = true;
  RETURN_IF_ERROR(input_->Open(query));  // before the parameters, as its errors come first
  for (const OperatorPtr& parameter : parameters_) {
    ASSIGN_OR_RETURN(parameter_values_.emplace_back(), ReadScalar(query, *parameter));
  }
  FindBadParameters();
  return absl::OkStatus();
}

void RangeFunctionOperator::FindBadParameters() {
  const auto is_bad = [&](size_t step) {
    if (function_.takes_quantile) return !IsQuantile(parameter_values_[0][step]);
    return function_.check_parameters != nullptr &&
           !function_.check_parameters(parameter_values_, step).ok();
  };
  for (size_t step = 0; step < num_steps(); ++step) {
    if (!is_bad(step)) continue;
    bad_parameters_.resize(PresenceWords(num_steps()));
    bad_parameters_[step / 64] |= uint64_t{1} << (step % 64);
  }
}

absl::StatusOr<bool> RangeFunctionOperator::Next(QueryContext& query, ColumnBatch& out) {
  if (!open_) RETURN_IF_ERROR(Open(query));
  if (next_ == input_->size()) return false;
  out.Reset(num_steps());
  const size_t first = next_;
  next_ = std::min(input_->size(), first + SeriesInBatch(out));
  const size_t count = next_ - first;
  for (size_t i = 0; i < count; ++i) out.Add(input_->header(first + i));
  RETURN_IF_ERROR(ForEachRowInParallel(
      query, count, [&](size_t i) { return Evaluate(query, first + i, out.row(i)); }));
  may_have_histograms_ = false;
  for (size_t i = 0; i < count; ++i) {
    may_have_histograms_ |= out.row(i).HasHistograms();
    if (function_.expects_counter && out.row(i).HasFloats()) {
      Annotate(query, out.header(i).labels.metric_name());
    }
    if (function_.takes_quantile) WarnOfUsedQuantiles(query, out.row(i));
    if (!function_.keeps_metric_name) LoseMetricName(query, out.header(i));
  }
  return true;
}

// A histogram is as large as a hundred floats: of fewer series they are still in the processor's
// cache when they are taken from the batch.
size_t RangeFunctionOperator::SeriesInBatch(const ColumnBatch& out) const {
  constexpr size_t kHistograms = 512, kSeriesToShare = 8;
  if (!may_have_histograms_) return out.max_series();
  return std::min(out.max_series(), std::max(kHistograms / num_steps(), kSeriesToShare));
}

absl::StatusOr<bool> RangeFunctionOperator::EvaluateTotals(QueryContext& query, size_t series,
                                                           const StepRow& out) const {
  if (function_.of_totals == nullptr || num_steps() != 1) return false;
  WindowTotals totals;
  ASSIGN_OR_RETURN(const bool known, input_->ReadTotals(series, totals));
  if (!known) return false;
  if (totals.count == 0) return true;
  const std::optional<double> result = function_.of_totals(totals, input_->windows());
  if (!result) return false;
  out.Set(0, *result);
  if (query.options().collect_statistics) query.CountQueryable(totals.count);
  return true;
}

absl::Status RangeFunctionOperator::Evaluate(QueryContext& query, size_t series,
                                             const StepRow& out) const {
  ASSIGN_OR_RETURN(const bool done, EvaluateTotals(query, series, out));
  if (done) return query.CheckCancelled();
  thread_local SampleColumns samples;  // so that the steady state allocates nothing
  RETURN_IF_ERROR(input_->Read(series, samples));
  MemoryReservation held(query);
  RETURN_IF_ERROR(held.GrowBy(samples));
  if (query.options().collect_statistics) {
    size_t seen = 0;
    ForEachWindow(samples, input_->windows(),
                  [&](size_t, size_t begin, size_t end) { seen += end - begin; });
    query.CountQueryable(seen);
  }
  if (function_.check_parameters != nullptr) RETURN_IF_ERROR(CheckParameters(samples));
  const WindowedSeries windowed = {samples, input_->windows(), parameter_values_, &query};
  if (!samples.empty()) function_.evaluate(windowed, out);
  if (!samples.histograms.empty() && function_.evaluate_histograms != nullptr) {
    RangeNotes notes;
    function_.evaluate_histograms(windowed, out, notes);
    AnnotateHistograms(query, notes, input_->header(series).labels);
  }
  if (function_.uses_starts && AnyStartOverlaps(windowed)) {
    WarnOfOverlap(query, input_->header(series).labels.metric_name());
  }
  return query.CheckCancelled();
}

absl::Status RangeFunctionOperator::CheckParameters(const SampleColumns& samples) const {
  if (bad_parameters_.empty()) return absl::OkStatus();
  WindowCursor floats(samples.timestamps), histograms(samples.histograms.timestamps());
  for (size_t step = 0; step < num_steps(); ++step) {
    const RangeWindow window = input_->windows()[step];
    floats.MoveTo(window);
    histograms.MoveTo(window);
    if (floats.size() == 0 && histograms.size() == 0) continue;
    RETURN_IF_ERROR(function_.check_parameters(parameter_values_, step));
  }
  return absl::OkStatus();
}

void RangeFunctionOperator::WarnOfUsedQuantiles(QueryContext& query, const StepRow& used) {
  for (size_t w = 0; w < bad_parameters_.size(); ++w) {
    for (uint64_t bad = bad_parameters_[w] & used.present[w]; bad != 0; bad &= bad - 1) {
      const size_t step = w * 64 + static_cast<size_t>(std::countr_zero(bad));
      WarnOfQuantile(query, parameter_values_[0][step], parameter_source_);
    }
    bad_parameters_[w] &= ~used.present[w];  // each once
  }
}

void RangeFunctionOperator::WarnOfOverlap(QueryContext& query, std::string_view metric_name) const {
  std::string text =
      "sample has start time that overlaps with previous sample timestamp for metric ";
  AppendQuoted(metric_name, &text);
  query.Warn(text, range_source_);
}

void RangeFunctionOperator::AnnotateHistograms(QueryContext& query, const RangeNotes& notes,
                                               const LabelSet& labels) const {
  const auto for_metric = [&](std::string_view what) {
    std::string text(what);
    AppendForMetric(labels, &text);
    return text;
  };
  const auto quoted = [&](std::string_view what) {
    std::string text(what);
    AppendQuoted(labels.metric_name(), &text);
    return text;
  };
  if (notes.mixed_kinds) {
    query.Warn(for_metric("encountered a mix of histograms and floats"), range_source_);
  }
  if (notes.mixed_schemas) {
    query.Warn(for_metric("vector contains a mix of histograms with exponential and custom buckets "
                          "schemas"),
               range_source_);
  }
  if (notes.not_a_counter) {
    query.Warn(quoted("this native histogram metric is not a counter: "), range_source_);
  }
  if (notes.not_a_gauge) {
    query.Warn(quoted("this native histogram metric is not a gauge: "), range_source_);
  }
  if (notes.conflicting_resets) {
    query.Warn("conflicting counter resets during histogram aggregation", range_source_);
  }
  if (notes.histograms_ignored) {
    query.Inform(for_metric("ignored histograms in a range containing both floats and histograms"),
                 function_.takes_quantile ? parameter_source_ : range_source_);
  }
  constexpr std::string_view kReconciled = "mismatched custom buckets were reconciled during ";
  if (notes.reconciled_difference) query.Inform(StrCat(kReconciled, "subtraction"), range_source_);
  if (notes.reconciled_sum) query.Inform(StrCat(kReconciled, "addition"), range_source_);
  if (notes.reconciled_aggregate) query.Inform(StrCat(kReconciled, "aggregation"), range_source_);
}

void RangeFunctionOperator::Annotate(QueryContext& query, std::string_view metric_name) const {
  if (metric_name.empty() || LooksLikeCounter(metric_name)) return;
  std::string text =
      "metric might not be a counter, name does not end in _total/_sum/_count/_bucket: ";
  AppendQuoted(metric_name, &text);
  query.Inform(text, range_source_);
}

}  // namespace tidemark::promql
