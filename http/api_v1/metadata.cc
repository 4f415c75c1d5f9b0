#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "absl/strings/numbers.h"

#include "base/status_macros.h"
#include "base/strings.h"
#include "http/api_v1/handlers.h"
#include "http/api_v1/json_value.h"
#include "http/api_v1/params.h"
#include "promql/selector.h"

namespace tidemark::http {
namespace {

using scrape::ActiveMetadata;
using scrape::MetricMetadata;

// A number that may be negative; `otherwise` where it is absent.
absl::StatusOr<int64_t> NumberOr(const Request& request, std::string_view name, int64_t otherwise) {
  const std::string_view text = request.Param(name);
  int64_t number = otherwise;
  if (text.empty() || absl::SimpleAtoi(ToAbsl(text), &number)) return number;
  return absl::InvalidArgumentError(StrCat(name, " must be a number"));
}

// A negative limit is none.
bool IsFull(size_t size, int64_t limit) { return limit >= 0 && size >= static_cast<size_t>(limit); }

// What the target says, of all families or of one.
std::vector<MetricMetadata> Said(const scrape::TargetMetadata& target, std::string_view metric) {
  if (metric.empty()) return target.List();
  std::vector<MetricMetadata> found;
  if (std::optional<MetricMetadata> one = target.Find(metric)) found.push_back(*std::move(one));
  return found;
}

void WriteText(std::string_view type, std::string_view help, std::string_view unit,
               JsonWriter& json) {
  json.Key("type").String(type).Key("help").String(help).Key("unit").String(unit);
}

}  // namespace

ApiFunction MetadataHandler(MetadataFunction targets) {
  return [=](const Request& request, ApiAnswer& answer) -> absl::Status {
    ASSIGN_OR_RETURN(const int64_t limit, NumberOr(request, "limit", -1));
    ASSIGN_OR_RETURN(const int64_t per_metric, NumberOr(request, "limit_per_metric", -1));
    using Text = std::tuple<std::string, std::string, std::string>;  // type, help, unit
    std::map<std::string, std::set<Text>> families;
    for (const ActiveMetadata& target : targets()) {
      for (MetricMetadata& m : Said(*target.metadata, request.Param("metric"))) {
        std::set<Text>& texts = families[m.family];
        if (per_metric > 0 && IsFull(texts.size(), per_metric)) continue;
        texts.emplace(std::move(m.type), std::move(m.help), std::move(m.unit));
      }
    }
    answer.data.BeginObject();
    size_t num_written = 0;
    for (const auto& [family, texts] : families) {
      if (IsFull(num_written++, limit)) break;
      answer.data.Key(family).BeginArray();
      for (const auto& [type, help, unit] : texts) {
        answer.data.BeginObject();
        WriteText(type, help, unit, answer.data);
        answer.data.EndObject();
      }
      answer.data.EndArray();
    }
    answer.data.EndObject();
    return absl::OkStatus();
  };
}

ApiFunction TargetMetadataHandler(MetadataFunction targets) {
  return [=](const Request& request, ApiAnswer& answer) -> absl::Status {
    ASSIGN_OR_RETURN(const int64_t limit, NumberOr(request, "limit", -1));
    const std::string_view metric = request.Param("metric"), match = request.Param("match_target");
    std::vector<LabelMatcher> matchers;
    if (!match.empty()) {
      absl::StatusOr<std::vector<LabelMatcher>> parsed = promql::ParseSeriesSelector(match);
      if (!parsed.ok()) return InvalidParameter("match_target", parsed.status());
      matchers = *std::move(parsed);
    }
    answer.data.BeginArray();
    size_t num_written = 0;
    for (const ActiveMetadata& target : targets()) {
      if (IsFull(num_written, limit)) break;  // as in Prometheus: a target is listed as a whole
      const auto matches = [&](const LabelMatcher& m) { return m.Matches(target.labels); };
      if (!std::all_of(matchers.begin(), matchers.end(), matches)) continue;
      for (const MetricMetadata& m : Said(*target.metadata, metric)) {
        ++num_written;
        answer.data.BeginObject().Key("target");
        WriteLabels(target.labels, answer.data);
        if (metric.empty()) answer.data.Key("metric").String(m.family);
        WriteText(m.type, m.help, m.unit, answer.data);
        answer.data.EndObject();
      }
    }
    answer.data.EndArray();
    return absl::OkStatus();
  };
}

}  // namespace tidemark::http
