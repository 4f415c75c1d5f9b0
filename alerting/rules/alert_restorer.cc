#include "alerting/rules/alert_restorer.h"

#include <cmath>
#include <map>

#include "absl/cleanup/cleanup.h"

#include "base/model/staleness.h"
#include "base/status_macros.h"

namespace tidemark::alerting {
namespace {

// The last sample of each series of ALERTS_FOR_STATE of the rule, by the labels of the alert.
absl::StatusOr<std::map<LabelSet, Sample>> ReadForState(const AlertingRule& rule,
                                                        const tsdb::Querier& querier,
                                                        TimeRange range) {
  const LabelMatcher matchers[] = {LabelMatcher::Equal(kMetricName, "ALERTS_FOR_STATE"),
                                   LabelMatcher::Equal("alertname", rule.name())};
  ASSIGN_OR_RETURN(const std::unique_ptr<tsdb::SeriesSet> set, querier.Select(matchers, range));
  std::map<LabelSet, Sample> last;
  SampleColumns samples;
  for (size_t i = 0; i < set->size(); ++i) {
    RETURN_IF_ERROR(set->Read(i, samples));
    if (samples.empty()) continue;
    last[DropMetricName(set->labels(i))] = {samples.timestamps.back(), samples.values.back()};
  }
  return last;
}

}  // namespace

absl::Status RestoreAlerts(AlertingRule& rule, const tsdb::Querier& querier, TimestampMs now,
                           const RestoreOptions& options) {
  const absl::Cleanup done = [&rule] { rule.set_restored(); };
  if (rule.hold() < options.grace_period) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      const auto last,
      ReadForState(rule, querier, {SaturatingSubtract(now, options.outage_tolerance), now}));
  for (auto& [labels, alert] : rule.alerts()) {
    const auto found = last.find(labels);
    if (found == last.end() || std::isnan(found->second.value)) continue;
    const TimestampMs down_at = found->second.timestamp;
    const auto active_at = static_cast<TimestampMs>(found->second.value * kSecond);
    const DurationMs remaining = rule.hold() - (down_at - active_at);
    if (remaining <= 0) {
      alert.active_at = active_at;
    } else if (remaining < options.grace_period) {
      alert.active_at = now + options.grace_period - rule.hold();
    } else {
      alert.active_at = active_at + (now - down_at);
    }
  }
  return absl::OkStatus();
}

}  // namespace tidemark::alerting
