#include "http/federate/federate.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/model/sample.h"
#include "base/model/staleness.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "http/federate/exposition_format.h"
#include "http/federate/metric_family.h"
#include "promql/selector.h"

namespace tidemark::http {
namespace {

constexpr std::string_view kInstance = "instance";

using Selectors = std::vector<std::vector<LabelMatcher>>;

// The newest sample of a series.
struct FederatedSample {
  LabelSet labels;
  TimestampMs timestamp = 0;
  double value = 0;
  HistogramPtr histogram;  // in the place of the value; may be null

  bool is_gauge_histogram() const {
    return histogram != nullptr && histogram->counter_reset_hint == CounterResetHint::kGauge;
  }
  MetricFamily::Type type() const {
    if (histogram == nullptr) return MetricFamily::Type::kUntyped;
    return is_gauge_histogram() ? MetricFamily::Type::kGaugeHistogram
                                : MetricFamily::Type::kHistogram;
  }
};

struct Federation {
  Federation(FederateContext context, MetricRegistry& metrics)
      : context(std::move(context)),
        errors(metrics.AddCounter("prometheus_web_federation_errors_total",
                                  "Federation responses that failed.")) {
    // Stays 0: a store gives samples or an error.
    metrics.AddCounter("prometheus_web_federation_warnings_total",
                       "Warnings while federation responses were made.");
  }

  const FederateContext context;
  Counter& errors;
};

absl::StatusOr<Selectors> SelectorsOf(const Request& request) {
  Selectors selectors;
  for (const std::string& text : request.Params("match[]")) {
    ASSIGN_OR_RETURN(std::vector<LabelMatcher> matchers, promql::ParseSeriesSelector(text));
    selectors.push_back(std::move(matchers));
  }
  return selectors;
}

// The one sample of `newest`, which is not stale and can be on the page, with those labels.
void AddNewest(const SampleColumns& newest, LabelSet labels, ExpositionFormat::Type type,
               std::vector<FederatedSample>& samples) {
  if (!newest.empty()) {
    if (IsStaleMarker(newest.values[0])) return;
    samples.push_back({std::move(labels), newest.timestamps[0], newest.values[0], nullptr});
  } else if (!newest.histograms.empty()) {
    if (IsStaleMarker(newest.histograms[0].sum)) return;
    auto histogram =
        std::make_shared<const FloatHistogramSample>(ToFloatHistogram(newest.histograms[0]));
    if (!CanExpose(*histogram, type)) return;
    samples.push_back(
        {std::move(labels), newest.histograms.timestamps()[0], 0, std::move(histogram)});
  }
}

absl::StatusOr<std::vector<FederatedSample>> NewestSamples(const FederateContext& context,
                                                           const Selectors& selectors,
                                                           ExpositionFormat::Type type,
                                                           const Cancellation* cancellation) {
  const TimestampMs now = context.clock.Now();
  const TimeRange range = {SaturatingSubtract(now, context.lookback_delta), now};
  const std::unique_ptr<tsdb::Querier> querier = context.store.NewQuerier();
  std::vector<FederatedSample> samples;
  SampleColumns newest;
  for (const std::vector<LabelMatcher>& matchers : selectors) {
    ASSIGN_OR_RETURN(const auto series, querier->Select(matchers, range));
    for (size_t i = 0; i < series->size(); ++i) {
      if (cancellation != nullptr) RETURN_IF_ERROR(cancellation->Check());
      RETURN_IF_ERROR(series->ReadNewest(i, newest));
      AddNewest(newest, series->labels(i), type, samples);
    }
  }
  return samples;
}

// By name and then by labels, each series once.
void SortByName(std::vector<FederatedSample>& samples) {
  std::sort(samples.begin(), samples.end(), [](const auto& a, const auto& b) {
    const int names = a.labels.metric_name().compare(b.labels.metric_name());
    return names != 0 ? names < 0 : a.labels < b.labels;
  });
  const auto end = std::unique(samples.begin(), samples.end(),
                               [](const auto& a, const auto& b) { return a.labels == b.labels; });
  samples.erase(end, samples.end());
}

// `more` come after the labels of the series that have another name.
Metric ToMetric(const FederatedSample& sample,
                const std::vector<std::pair<std::string_view, std::string_view>>& more) {
  Metric metric = {.labels = {},
                   .timestamp = sample.timestamp,
                   .value = sample.value,
                   .histogram = sample.histogram.get()};
  for (const LabelView& label : sample.labels) {
    if (label.name != kMetricName) metric.labels.emplace_back(label.name, label.value);
  }
  for (const auto& label : more) {
    if (!sample.labels.Has(label.first)) metric.labels.push_back(label);
  }
  return metric;
}

std::string Page(const std::vector<FederatedSample>& samples, const LabelSet& external_labels,
                 const ExpositionFormat& format) {
  std::vector<std::pair<std::string_view, std::string_view>> more;
  for (const LabelView& label : external_labels) more.emplace_back(label.name, label.value);
  if (!external_labels.Has(kInstance)) more.emplace_back(kInstance, "");
  std::sort(more.begin(), more.end());

  std::string page;
  MetricFamily family;
  const auto end_family = [&] {
    if (!family.metrics.empty()) AppendFamily(family, format, &page);
    family.metrics.clear();
  };
  for (const FederatedSample& sample : samples) {
    const std::string_view name = sample.labels.metric_name();
    if (name.empty()) {
      log::Warn("Ignoring nameless metric during federation",
                {{"metric", sample.labels.ToString()}});
      continue;
    }
    if (name != family.name || sample.type() != family.type) {
      end_family();
      family.name = name;
      family.type = sample.type();
    }
    family.metrics.push_back(ToMetric(sample, more));
  }
  end_family();
  return page;
}

Response Federate(Federation& federation, const Request& request) {
  const absl::StatusOr<Selectors> selectors = SelectorsOf(request);
  if (!selectors.ok()) {
    return Response::Text(400, StrCat(selectors.status().message(), "\n"));
  }
  const ExpositionFormat format = ExpositionFormat::Negotiate(request.Header("Accept"));
  absl::StatusOr<std::vector<FederatedSample>> samples =
      NewestSamples(federation.context, *selectors, format.type, request.cancellation);
  if (!samples.ok()) {
    federation.errors.Increment();
    return Response::Text(500, StrCat(samples.status().message(), "\n"));
  }
  SortByName(*samples);
  Response response;
  response.content_type = format.ContentType();
  response.body = Page(*samples, federation.context.external_labels(), format);
  return response;
}

}  // namespace

Handler FederateHandler(FederateContext context, MetricRegistry& metrics) {
  const auto federation = std::make_shared<Federation>(std::move(context), metrics);
  return [federation](const Request& request) { return Federate(*federation, request); };
}

}  // namespace tidemark::http
