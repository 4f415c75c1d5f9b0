#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/model/histogram_columns.h"
#include "base/model/native_histogram.h"
#include "base/model/timestamp.h"
#include "http/federate/exposition_format.h"

namespace tidemark::http {

// One sample on a page.
struct Metric {
  std::vector<std::pair<std::string_view, std::string_view>> labels;  // without the name
  TimestampMs timestamp = 0;
  double value = 0;
  const FloatHistogramSample* histogram = nullptr;  // in the place of the value
};

// Metrics of one name that stand together.
struct MetricFamily {
  enum class Type { kUntyped, kHistogram, kGaugeHistogram };
  std::string_view name;
  Type type = Type::kUntyped;
  std::vector<Metric> metrics;
};

// Whether a histogram can be on a page: text has no form for exponential buckets.
bool CanExpose(const FloatHistogramSample& histogram, ExpositionFormat::Type type);

// Appends a family to a page. Histograms with custom buckets are given as classic ones; in text,
// which does not know gauge histograms, as histograms. Sources: github.com/prometheus/common,
// expfmt.MetricFamilyToText; github.com/prometheus/client_model, metrics.proto.
void AppendFamily(const MetricFamily& family, const ExpositionFormat& format, std::string* page);

}  // namespace tidemark::http
