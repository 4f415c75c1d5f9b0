#include "cmd/tidectl/histogram_usage.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "absl/strings/str_format.h"

#include "base/labels/label_set.h"
#include "base/model/float_format.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::tidectl {
namespace {

// A histogram that was scraped once says nothing about its use over time.
constexpr size_t kMinScrapes = 2;

// `x_bucket{job="a"}`, braces and all where there are no labels.
std::string SeriesName(const JsonValue& metric) {
  LabelSetBuilder labels;
  for (const auto& [name, value] : metric.Members()) {
    if (name != "__name__" && name != "le") labels.Set(name, value.String());
  }
  return metric.Get("__name__").String() + labels.Build().ToString();
}

double Bound(const JsonValue& series) {
  return ParseFloat(series.Get("metric").Get("le").String()).value_or(0);
}

// Of values that are not empty.
double Average(const std::vector<int>& values) {
  const int64_t sum = std::accumulate(values.begin(), values.end(), int64_t{0});
  return static_cast<double>(sum) / static_cast<double>(values.size());
}
std::string MinAvgMax(const std::vector<int>& values) {
  return absl::StrFormat("%d/%.3f/%d", *std::min_element(values.begin(), values.end()),
                         Average(values), *std::max_element(values.begin(), values.end()));
}

}  // namespace

absl::Status HistogramUsage::Add(const JsonValue& data, std::string* out) {
  if (data.Get("resultType").String() != "matrix") {
    return absl::FailedPreconditionError("query of buckets resulted in non-Matrix");
  }
  std::map<std::string, std::vector<JsonValue>> classic;
  for (const JsonValue& series : data.Get("result").Elements()) {
    const JsonValue metric = series.Get("metric");
    if (series.Get("values").At(0).IsNull()) {
      AddNative(series, out);
    } else if (metric.Get("le").IsString() &&
               metric.Get("__name__").String().ends_with("_bucket")) {
      classic[SeriesName(metric)].push_back(series);
    }
  }
  for (auto& [name, series] : classic) {
    std::stable_sort(series.begin(), series.end(),
                     [](const JsonValue& a, const JsonValue& b) { return Bound(a) < Bound(b); });
    RETURN_IF_ERROR(AddClassic(name, series, out));
  }
  return absl::OkStatus();
}

void HistogramUsage::AddNative(const JsonValue& series, std::string* out) {
  const std::vector<JsonValue> scrapes = series.Get("histograms").Elements();
  if (scrapes.size() < kMinScrapes) return;
  std::vector<int> populated;
  std::set<std::string> seen;
  for (const JsonValue& scrape : scrapes) {
    const std::vector<JsonValue> buckets = scrape.At(1).Get("buckets").Elements();
    for (const JsonValue& bucket : buckets) {
      seen.insert(StrCat(bucket.At(0).Dump(), " ", bucket.At(1).Dump(), " ", bucket.At(2).Dump()));
    }
    populated.push_back(static_cast<int>(buckets.size()));
  }
  AddLine(SeriesName(series.Get("metric")), populated, seen.size(), native_, out);
}

absl::Status HistogramUsage::AddClassic(const std::string& name,
                                        const std::vector<JsonValue>& series, std::string* out) {
  std::vector<std::vector<JsonValue>> rows;  // by bucket, then scrape
  for (const JsonValue& bucket : series) rows.push_back(bucket.Get("values").Elements());
  const size_t num_scrapes = rows[0].size();
  if (num_scrapes < kMinScrapes) return absl::OkStatus();
  std::vector<int> populated(num_scrapes);
  std::vector<double> below(num_scrapes);
  for (const std::vector<JsonValue>& row : rows) {
    bool aligned = row.size() == num_scrapes;
    for (size_t i = 0; aligned && i < num_scrapes; ++i) {
      aligned = row[i].At(0).Number() == rows[0][i].At(0).Number();
      const double count = ParseFloat(row[i].At(1).String()).value_or(0);
      if (count > below[i]) ++populated[i];
      below[i] = count;
    }
    if (!aligned) return absl::FailedPreconditionError("matrix result is not time aligned");
  }
  AddLine(name, populated, rows.size(), classic_, out);
  return absl::OkStatus();
}

void HistogramUsage::AddLine(const std::string& series, const std::vector<int>& populated,
                             size_t total, Kind& kind, std::string* out) {
  StrAppend(out, "- ", series, " (", kind.name, "): ", MinAvgMax(populated));
  kind.minima.push_back(*std::min_element(populated.begin(), populated.end()));
  kind.averages.push_back(static_cast<int>(Average(populated)));  // whole, as promtool has it
  kind.maxima.push_back(*std::max_element(populated.begin(), populated.end()));
  kind.totals.push_back(static_cast<int>(total));
  if (kind.totals.back() != kind.maxima.back()) StrAppend(out, "/", total);
  StrAppend(out, "\n");
}

std::string HistogramUsage::Summary(const Kind& kind) {
  if (kind.totals.empty()) return "";
  std::string text = StrCat("\n", kind.title, " histogram series (", kind.totals.size(),
                            " in total):\n- min populated: ", MinAvgMax(kind.minima),
                            "\n- avg populated: ", MinAvgMax(kind.averages),
                            "\n- max populated: ", MinAvgMax(kind.maxima), "\n");
  if (kind.totals != kind.maxima) StrAppend(&text, "- total: ", MinAvgMax(kind.totals), "\n");
  return text;
}

std::string HistogramUsage::Summary() const { return Summary(native_) + Summary(classic_); }

}  // namespace tidemark::tidectl
