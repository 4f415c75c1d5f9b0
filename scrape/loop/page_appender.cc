#include "scrape/loop/page_appender.h"

#include <algorithm>
#include <cmath>
#include <compare>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "base/io/hash.h"
#include "base/model/histogram_resolution.h"
#include "base/model/histogram_validation.h"
#include "base/status_macros.h"
#include "scrape/expfmt/label_block.h"
#include "scrape/loop/sample_labels.h"

namespace tidemark::scrape {

namespace {

// The finest schema whose buckets grow by `factor` at least.
int32_t MaxSchema(double factor) {
  const double schema = std::floor(-std::log2(std::log2(factor)));
  // A factor of 1 and less bounds nothing.
  if (!(schema < kMaxExponentialSchema)) return kMaxExponentialSchema;
  return static_cast<int32_t>(std::max<double>(schema, kMinExponentialSchema));
}

// A histogram of nothing that the store can put before this one.
template <typename Histogram>
Histogram EmptyLike(const Histogram& histogram) {
  const auto layout = std::make_shared<HistogramLayout>();
  layout->schema = histogram.layout->schema;
  layout->zero_threshold = histogram.layout->zero_threshold;
  layout->custom_values = histogram.layout->custom_values;
  Histogram empty;
  const bool is_gauge = histogram.counter_reset_hint == CounterResetHint::kGauge;
  empty.counter_reset_hint = is_gauge ? CounterResetHint::kGauge : CounterResetHint::kCounterReset;
  empty.layout = layout;
  return empty;
}

// The order in which a store takes the exemplars of a series.
bool ComesBefore(const Exemplar& a, const Exemplar& b) {
  if (a.timestamp != b.timestamp) return a.timestamp < b.timestamp;
  const auto values = std::strong_order(a.value, b.value);  // which has a place for NaN
  return values == 0 ? a.labels < b.labels : values < 0;
}

}  // namespace

PageAppender::PageAppender(const ScrapeConfig& config, const LabelSet& target_labels,
                           TimestampMs time, std::span<const SeriesRef> reserved,
                           SeriesCache& cache, TargetMetadata& metadata,
                           CreatedTimesOfSeries& created, tsdb::Appender& batch)
    : config_(config),
      target_labels_(target_labels),
      time_(time),
      reserved_(reserved),
      cache_(cache),
      metadata_(metadata),
      created_(created),
      batch_(batch) {}

absl::Status PageAppender::Append(ExpositionParser& page) {
  ExpositionEntry entry;
  while (true) {
    entry.expected = cache_.Expected();
    entry.is_expected = false;
    if (!page.Next(entry)) break;
    if (entry.kind > ExpositionEntry::Kind::kHistogram) {
      TakeMetadata(entry);
    } else {
      RETURN_IF_ERROR(AppendSample(entry, page));
    }
  }
  RETURN_IF_ERROR(page.status());
  metadata_.EndPage();
  if (over_sample_limit_) return absl::ResourceExhaustedError("sample limit exceeded");
  if (over_bucket_limit_) return absl::ResourceExhaustedError("histogram bucket limit exceeded");
  return absl::OkStatus();
}

void PageAppender::TakeMetadata(const ExpositionEntry& entry) {
  std::string unescaped;  // mostly there is nothing to do
  std::string_view text = entry.text;
  if (!entry.escaped.empty() && text.find('\\') != std::string_view::npos) {
    text = unescaped = Unescape(text, entry.escaped);
  }
  switch (entry.kind) {
    case ExpositionEntry::Kind::kType:
      metadata_.SetType(entry.family, text);
      break;
    case ExpositionEntry::Kind::kHelp:
      metadata_.SetHelp(entry.family, text);
      break;
    case ExpositionEntry::Kind::kUnit:
      metadata_.SetUnit(entry.family, text);
      break;
    case ExpositionEntry::Kind::kSample:
    case ExpositionEntry::Kind::kHistogram:
      break;
  }
}

absl::Status PageAppender::AppendSample(ExpositionEntry& sample, ExpositionParser& page) {
  ++counts_.scraped;
  const Hash128 name = sample.is_expected ? sample.expected.hash : SeededHash128(sample.series);
  auto [series, repeated] = cache_.Find(name);
  const bool is_new = series == nullptr;
  if (is_new) {
    ASSIGN_OR_RETURN(const SeriesRef ref, NewSeries(page));
    series = &cache_.Add(name, sample.series.size(), ref);
  }
  if (series->series == kNoSeries) return absl::OkStatus();

  ++counts_.kept;
  const bool has_time = config_.honor_timestamps && sample.timestamp.has_value();
  if (repeated && !has_time) {
    ++counts_.repeated;
    return absl::OkStatus();
  }
  // A scrape over the limit is refused as a whole, but counted to its end.
  over_sample_limit_ |= config_.sample_limit > 0 && counts_.appended == config_.sample_limit;
  if (over_sample_limit_) return absl::OkStatus();
  const TimestampMs time = has_time ? *sample.timestamp : time_;
  if (sample.kind == ExpositionEntry::Kind::kSample) {
    if (TakesZero(series->series, time, sample)) batch_.Append(series->series, *sample.created, 0);
    batch_.Append(series->series, time, sample.value);
  } else {
    RETURN_IF_ERROR(AppendHistogram(series->series, time, sample));
  }
  ++counts_.appended;
  if (!sample.exemplars.empty()) {
    RETURN_IF_ERROR(AppendExemplars(series->series, time, sample, page));
  }
  if (is_new) ++counts_.new_series;
  if (!has_time || config_.track_timestamps_staleness) series->alive = true;
  return absl::OkStatus();
}

// Whether a zero belongs before the sample, and is not there yet: the next that goes into the
// batch.
bool PageAppender::TakesZero(SeriesRef series, TimestampMs time, const ExpositionEntry& sample) {
  if (!config_.formats.created_zero_samples || !sample.created || *sample.created >= time) {
    return false;
  }
  const auto [known, is_new] = created_.try_emplace(series, *sample.created);
  if (!is_new && known->second == *sample.created) return false;
  known->second = *sample.created;
  counts_.zeros.push_back(counts_.appended + counts_.zeros.size());
  return true;
}

absl::Status PageAppender::AppendHistogram(SeriesRef series, TimestampMs time,
                                           ExpositionEntry& sample) {
  return std::visit(
      [&](auto& histogram) -> absl::Status {
        RETURN_IF_ERROR(ReduceToKnownSchema(histogram));
        RETURN_IF_ERROR(ValidateHistogram(histogram));
        if (config_.native_histogram_min_bucket_factor > 0) {
          ReduceResolution(MaxSchema(config_.native_histogram_min_bucket_factor), histogram);
        }
        const size_t limit = config_.native_histogram_bucket_limit;
        over_bucket_limit_ |= limit > 0 && !LimitBuckets(limit, histogram).ok();
        if (!over_bucket_limit_ && TakesZero(series, time, sample)) {
          batch_.Append(series, *sample.created, EmptyLike(histogram));
        }
        if (!over_bucket_limit_) batch_.Append(series, time, std::move(histogram));
        return absl::OkStatus();
      },
      sample.histogram);
}

// One without a time has that of its sample, unless the sample is a native histogram: then nobody
// could tell it from the same exemplar of the scrape before.
absl::Status PageAppender::AppendExemplars(SeriesRef series, TimestampMs time,
                                           const ExpositionEntry& sample, ExpositionParser& page) {
  exemplars_.clear();
  const bool needs_time = sample.kind == ExpositionEntry::Kind::kHistogram;
  for (const ExpositionExemplar& exemplar : sample.exemplars) {
    if (needs_time && !exemplar.timestamp) continue;
    ASSIGN_OR_RETURN(LabelSet labels, page.ExemplarLabels(exemplar));
    exemplars_.push_back({std::move(labels), exemplar.value, exemplar.timestamp.value_or(time)});
  }
  std::sort(exemplars_.begin(), exemplars_.end(), ComesBefore);
  size_t out_of_order = 0;
  for (Exemplar& exemplar : exemplars_) {
    const tsdb::ExemplarVerdict verdict = batch_.AppendExemplar(series, std::move(exemplar));
    out_of_order += verdict == tsdb::ExemplarVerdict::kOutOfOrder ? 1 : 0;
  }
  // Where only some are, they are those of the scrape before that are still there.
  if (out_of_order == exemplars_.size()) counts_.exemplars_out_of_order += out_of_order;
  return absl::OkStatus();
}

// kNoSeries where relabeling drops the sample or the series is reserved.
absl::StatusOr<SeriesRef> PageAppender::NewSeries(ExpositionParser& page) {
  RETURN_IF_ERROR(page.Labels(labels_));
  const absl::StatusOr<LabelSet> labels = SeriesLabels(labels_, target_labels_, config_);
  over_label_limit_ = absl::IsResourceExhausted(labels.status());
  RETURN_IF_ERROR(labels.status());
  if (labels->empty()) return kNoSeries;
  ASSIGN_OR_RETURN(const SeriesRef series, batch_.GetOrCreate(*labels));
  const bool reserved = std::find(reserved_.begin(), reserved_.end(), series) != reserved_.end();
  if (reserved) ++counts_.repeated;
  return reserved ? kNoSeries : series;
}

}  // namespace tidemark::scrape
