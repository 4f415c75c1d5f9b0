#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"

#include "base/status_macros.h"
#include "base/strings.h"
#include "http/api_v1/handlers.h"
#include "http/api_v1/params.h"

namespace tidemark::http {
namespace {

constexpr int64_t kDefaultLimit = 10, kMaxLimit = 10'000;

// Figures by name, the largest of which are shown.
using Ranking = std::vector<std::pair<std::string, int64_t>>;

void WriteLargest(std::string_view key, Ranking ranking, size_t limit, JsonWriter& json) {
  const auto larger = [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  };
  limit = std::min(limit, ranking.size());
  std::partial_sort(ranking.begin(), ranking.begin() + static_cast<std::ptrdiff_t>(limit),
                    ranking.end(), larger);
  json.Key(key).BeginArray();
  for (const auto& [name, value] : std::span(ranking).first(limit)) {
    json.BeginObject().Key("name").String(name).Key("value").Int(value).EndObject();
  }
  json.EndArray();
}

// How many series have each value of each label. Views into the series set it was counted from.
using ValueCounts = absl::flat_hash_map<std::string, int64_t, StringHash, StringEq>;
using LabelCounts = std::map<std::string, ValueCounts, std::less<>>;

LabelCounts CountLabels(const tsdb::SeriesSet& series) {
  LabelCounts counts;
  for (size_t i = 0; i < series.size(); ++i) {
    for (const LabelView label : series.labels(i)) {
      auto name = counts.find(label.name);
      if (name == counts.end()) name = counts.emplace(label.name, ValueCounts()).first;
      const auto value = name->second.find(label.value);
      value == name->second.end() ? void(name->second.emplace(label.value, 1))
                                  : void(++value->second);
    }
  }
  return counts;
}

void WriteCardinality(const LabelCounts& counts, size_t limit, JsonWriter& json) {
  Ranking by_metric, values_by_label, bytes_by_label, by_pair;
  for (const auto& [name, values] : counts) {
    int64_t bytes = 0;
    for (const auto& [value, num_series] : values) {
      if (name == kMetricName) by_metric.emplace_back(value, num_series);
      by_pair.emplace_back(StrCat(name, "=", value), num_series);
      bytes += static_cast<int64_t>(value.size()) * num_series;
    }
    values_by_label.emplace_back(name, values.size());
    bytes_by_label.emplace_back(name, bytes);
  }
  WriteLargest("seriesCountByMetricName", std::move(by_metric), limit, json);
  WriteLargest("labelValueCountByLabelName", std::move(values_by_label), limit, json);
  WriteLargest("memoryInBytesByLabelName", std::move(bytes_by_label), limit, json);
  WriteLargest("seriesCountByLabelValuePair", std::move(by_pair), limit, json);
}

void WriteHeadStats(const tsdb::HeadStats& stats, JsonWriter& json) {
  json.Key("headStats").BeginObject();
  json.Key("numSeries").Int(static_cast<int64_t>(stats.num_series));
  json.Key("numLabelPairs").Int(static_cast<int64_t>(stats.num_label_pairs));
  json.Key("chunkCount").Int(static_cast<int64_t>(stats.num_chunks));
  json.Key("minTime").Int(stats.range.min);
  json.Key("maxTime").Int(stats.range.max);
  json.EndObject();
}

}  // namespace

// One pass over the labels of all series: a page for people, not for dashboards.
ApiFunction TsdbStatusHandler(const tsdb::Queryable& store,
                              std::function<tsdb::HeadStats()> head_stats) {
  return [&store, head_stats](const Request& request, ApiAnswer& answer) -> absl::Status {
    int64_t limit = kDefaultLimit;
    if (const std::string_view text = request.Param("limit"); !text.empty()) {
      const std::optional<int64_t> asked = PositiveInt(text);
      if (!asked) return absl::InvalidArgumentError("limit must be a positive number");
      if (*asked > kMaxLimit) {
        return absl::InvalidArgumentError(StrCat("limit must not exceed ", kMaxLimit));
      }
      limit = *asked;
    }
    const std::unique_ptr<tsdb::Querier> querier = store.NewQuerier();
    ASSIGN_OR_RETURN(const auto series, querier->Select({}, {kMinApiTime, kMaxApiTime}));
    answer.data.BeginObject();
    WriteHeadStats(head_stats(), answer.data);
    WriteCardinality(CountLabels(*series), static_cast<size_t>(limit), answer.data);
    answer.data.EndObject();
    return absl::OkStatus();
  };
}

ApiFunction WalReplayHandler() {
  return [](const Request&, ApiAnswer& answer) -> absl::Status {
    answer.data.BeginObject().Key("min").Int(0).Key("max").Int(0).Key("current").Int(0).EndObject();
    return absl::OkStatus();
  };
}

}  // namespace tidemark::http
