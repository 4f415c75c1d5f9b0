#include <algorithm>
#include <map>
#include <span>
#include <utility>

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

void WriteCardinality(const std::vector<tsdb::LabelPairCount>& pairs, size_t limit,
                      JsonWriter& json) {
  Ranking by_metric, by_pair;
  std::map<std::string_view, std::pair<int64_t, int64_t>> values_and_bytes;  // by label name
  for (const tsdb::LabelPairCount& pair : pairs) {
    const auto num_series = static_cast<int64_t>(pair.num_series);
    if (pair.name == kMetricName) by_metric.emplace_back(pair.value, num_series);
    by_pair.emplace_back(StrCat(pair.name, "=", pair.value), num_series);
    auto& [values, bytes] = values_and_bytes[pair.name];
    ++values;
    bytes += static_cast<int64_t>(pair.value.size()) * num_series;
  }
  Ranking values_by_label, bytes_by_label;
  for (const auto& [name, figures] : values_and_bytes) {
    values_by_label.emplace_back(name, figures.first);
    bytes_by_label.emplace_back(name, figures.second);
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

ApiFunction TsdbStatusHandler(std::function<tsdb::HeadStats()> head_stats,
                              std::function<std::vector<tsdb::LabelPairCount>()> label_pairs) {
  return [head_stats, label_pairs](const Request& request, ApiAnswer& answer) -> absl::Status {
    int64_t limit = kDefaultLimit;
    if (const std::string_view text = request.Param("limit"); !text.empty()) {
      const std::optional<int64_t> asked = PositiveInt(text);
      if (!asked) return absl::InvalidArgumentError("limit must be a positive number");
      if (*asked > kMaxLimit) {
        return absl::InvalidArgumentError(StrCat("limit must not exceed ", kMaxLimit));
      }
      limit = *asked;
    }
    answer.data.BeginObject();
    WriteHeadStats(head_stats(), answer.data);
    WriteCardinality(label_pairs(), static_cast<size_t>(limit), answer.data);
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
