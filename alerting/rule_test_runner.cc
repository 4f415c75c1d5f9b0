#include "alerting/rule_test_runner.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "alerting/rules/alert_list_text.h"
#include "alerting/rules/rule_context.h"
#include "alerting/rules/rule_group.h"
#include "base/labels/label_text.h"
#include "base/model/duration.h"
#include "base/model/float_format.h"
#include "base/run/cancellation.h"
#include "base/run/thread_pool.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "promql/engine.h"
#include "promql/histogram_notation.h"
#include "promql/histogram_text.h"
#include "promql/selector.h"
#include "promql/series_loader.h"
#include "promql/series_notation.h"

namespace tidemark::alerting {
namespace {

constexpr std::string_view kAlertName = "alertname";

std::string Quoted(std::string_view text) {
  std::string out;
  AppendQuoted(text, &out);
  return out;
}

// "2.5E+00", as Go's format 'E' with the fewest digits.
std::string ScientificText(double value) {
  if (!std::isfinite(value)) return FormatFloat(value);
  char buffer[32];
  const auto end =
      std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::scientific).ptr;
  std::string text(buffer, end);
  std::replace(text.begin(), text.end(), 'e', 'E');
  return text;
}

struct LabelledValue {
  LabelSet labels;
  double value = 0;
  std::string histogram;  // in the notation of test scripts; empty for a float
};

LabelledValue ValueOf(const promql::VectorSample& sample) {
  if (sample.histogram == nullptr) return {sample.labels, sample.value, {}};
  return {sample.labels, 0, promql::ToNotation(ViewOf(*sample.histogram))};
}

absl::StatusOr<std::string> NormalNotation(std::string_view histogram) {
  const std::string_view text = promql::TrimSpace(histogram);
  std::string_view rest = text;
  const auto noted = promql::ConsumeHistogram(rest);
  if (!noted.ok()) return noted.status();
  if (!rest.empty()) return absl::InvalidArgumentError(StrCat("more than a histogram: ", text));
  return promql::ToNotation(ViewOf(noted->histogram));
}

std::string FormatSamples(const std::vector<LabelledValue>& samples) {
  if (samples.empty()) return "nil";
  std::string text;
  for (const auto& [labels, value, histogram] : samples) {
    StrAppend(&text, text.empty() ? "" : ", ", FormatLabels(labels), " ",
              histogram.empty() ? ScientificText(value) : histogram);
  }
  return text;
}

void SortByLabels(std::vector<LabelledValue>& samples) {
  std::stable_sort(samples.begin(), samples.end(),
                   [](const auto& a, const auto& b) { return a.labels < b.labels; });
}

bool SameValue(double a, double b, bool fuzzy) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return true;
  return fuzzy && (std::nextafter(a, -INFINITY) == b || std::nextafter(a, INFINITY) == b);
}

bool SameSamples(const std::vector<LabelledValue>& a, const std::vector<LabelledValue>& b,
                 bool fuzzy) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](const auto& x, const auto& y) {
    return x.labels == y.labels && x.histogram == y.histogram && SameValue(x.value, y.value, fuzzy);
  });
}

absl::StatusOr<LabelledValue> WantedOf(const ExpectedSample& sample) {
  LabelledValue wanted;
  ASSIGN_OR_RETURN(wanted.labels, promql::ParseMetric(sample.labels));
  if (sample.histogram.empty()) {
    wanted.value = sample.value;
  } else {
    ASSIGN_OR_RETURN(wanted.histogram, NormalNotation(sample.histogram));
  }
  return wanted;
}

class NoNotifier : public Notifier {
 public:
  void Send(std::span<const Notification>) override {}
};

absl::StatusOr<std::vector<promql::SeriesLine>> ParseInput(const std::vector<InputSeries>& input) {
  std::vector<promql::SeriesLine> lines;
  for (const auto& [series, values] : input) {
    const auto failure = [&series = series](const absl::Status& status) {
      return absl::InvalidArgumentError(
          StrCat("input series ", Quoted(series), ": ", ToStd(status.message())));
    };
    const absl::StatusOr<LabelSet> labels = promql::ParseMetric(series);
    if (!labels.ok()) return failure(labels.status());
    auto line = promql::ParseSeriesLine("{} " + values);
    if (!line.ok()) return failure(line.status());
    line->labels = *labels;
    lines.push_back(*std::move(line));
  }
  return lines;
}

// One entry of `tests`.
class GroupRun {
 public:
  GroupRun(const RuleTestFile& file, const RuleTestGroup& test, const RuleTestOptions& options)
      : file_(file),
        test_(test),
        options_(options),
        pool_(1),
        engine_({.default_subquery_step = file.evaluation_interval,
                 .delayed_name_removal = options.delayed_name_removal},
                pool_, metrics_) {}

  std::vector<std::string> Run(const std::vector<RuleGroupConfig>& rules) {
    if (const absl::Status status = Prepare(rules); !status.ok()) {
      return {std::string(status.message())};
    }
    const TimestampMs end = SaturatingAdd(test_.start, LastEvalTime());
    for (TimestampMs now = test_.start; now <= end && Evaluate(now);) {
      CheckAlerts(now);
      if (now > end - file_.evaluation_interval) return Finish();
      now += file_.evaluation_interval;
    }
    return std::move(failures_);
  }

 private:
  absl::Status Prepare(const std::vector<RuleGroupConfig>& rules) {
    for (const AlertTest& alert : test_.alert_tests) {
      if (!alert.alert_name.empty()) continue;
      return absl::InvalidArgumentError(
          StrCat("an item under alert_rule_test misses required attribute alertname at eval_time ",
                 FormatDuration(alert.eval_time),
                 test_.name.empty() ? "" : StrCat(" (in TestGroup ", test_.name, ")")));
    }
    ASSIGN_OR_RETURN(std::vector<promql::SeriesLine> input, ParseInput(test_.input));
    loader_.emplace(std::move(input), test_.start, test_.interval);
    ASSIGN_OR_RETURN(store_, options_.new_store());
    context_ = std::make_unique<RuleContext>(
        RuleContext{[this](const RuleGroupConfig&, const promql::Query& query, TimestampMs t) {
                      return Query(query, t);
                    },
                    *store_.appendable,
                    *store_.queryable,
                    notifier_,
                    metrics_,
                    {.external_url = test_.external_url}});
    for (const RuleGroupConfig& config : rules) {
      RuleGroupSettings settings;
      settings.interval = config.interval > 0 ? config.interval : test_.interval;
      settings.query_offset = std::max<DurationMs>(config.query_offset, 0);
      settings.external_labels = test_.external_labels;
      groups_.push_back(std::make_unique<RuleGroup>(config, settings, *context_, false));
    }
    return absl::OkStatus();
  }

  DurationMs LastEvalTime() const {
    DurationMs last = 0;
    for (const AlertTest& test : test_.alert_tests) last = std::max(last, test.eval_time);
    for (const ExpressionTest& test : test_.expression_tests) {
      last = std::max(last, test.eval_time);
    }
    return last;
  }

  // Loads what there is by `now` and evaluates all rules. False where one failed, which ends the
  // test.
  bool Evaluate(TimestampMs now) {
    if (const absl::Status status = loader_->LoadThrough(now, *store_.appendable); !status.ok()) {
      failures_.emplace_back(status.message());
      return false;
    }
    bool all_ok = true;
    for (const auto& group : groups_) {
      group->Evaluate(now);
      for (const RuleStatus& rule : group->Status().rules) {
        if (rule.health != RuleHealth::kError) continue;
        failures_.push_back(StrCat("    rule: ", rule.name, ", time: ", GoDuration(now),
                                   ", err: ", rule.last_error));
        all_ok = false;
      }
    }
    return all_ok;
  }

  // The tests of alerts for a time from `now` up to the next evaluation, by time.
  void CheckAlerts(TimestampMs now) {
    const DurationMs since = now - test_.start;
    std::multimap<DurationMs, const AlertTest*> due;
    for (const AlertTest& test : test_.alert_tests) {
      if (since <= test.eval_time && test.eval_time - since < file_.evaluation_interval) {
        due.emplace(test.eval_time, &test);
      }
    }
    for (const auto& [time, test] : due) CheckAlert(*test);
  }

  void CheckAlert(const AlertTest& test) {
    std::vector<NamedAlert> want, got = Firing(test);
    for (const ExpectedAlert& alert : test.expected) {
      LabelSetBuilder labels(alert.labels);
      labels.Set(kAlertName, test.alert_name);
      want.push_back({labels.Build(), alert.annotations});
    }
    std::sort(want.begin(), want.end());
    std::sort(got.begin(), got.end());
    if (want == got) return;
    const std::string where = StrCat(
        test_.name.empty() ? "" : StrCat("    name: ", test_.name, ",\n"),
        "    alertname: ", test.alert_name, ", time: ", FormatDuration(test.eval_time), ", \n");
    failures_.push_back(options_.diff ? StrCat(where, "        diff: ", DiffAlerts(want, got))
                                      : StrCat(where, "        exp:", FormatAlerts(want),
                                               ", \n        got:", FormatAlerts(got)));
  }

  std::vector<NamedAlert> Firing(const AlertTest& test) const {
    std::vector<NamedAlert> firing;
    for (const auto& group : groups_) {
      if (!test.group_name.empty() && test.group_name != group->config().name) continue;
      for (const RuleStatus& rule : group->Status().rules) {
        if (!rule.is_alert || rule.name != test.alert_name) continue;
        for (const AlertStatus& alert : rule.alerts) {
          if (alert.state != AlertState::kFiring) continue;
          firing.push_back({alert.labels, alert.annotations});
        }
      }
    }
    return firing;
  }

  std::vector<std::string> Finish() {
    for (const ExpressionTest& test : test_.expression_tests) {
      const absl::Status status = CheckExpression(test);
      if (status.ok()) continue;
      failures_.push_back(StrCat("    expr: ", Quoted(test.expr), ", time: ",
                                 FormatDuration(test.eval_time), ",", ToStd(status.message())));
    }
    if (options_.debug) Dump();
    return std::move(failures_);
  }

  // What follows the expression and the time, as an error where the test failed.
  absl::Status CheckExpression(const ExpressionTest& test) {
    const auto failure = [](const absl::Status& status) {
      return absl::FailedPreconditionError(StrCat(" err: ", ToStd(status.message())));
    };
    const auto query = promql::Query::Parse(test.expr, options_.parser);
    if (!query.ok()) return failure(query.status());
    const auto result = Query(*query, test_.start + test.eval_time);
    if (!result.ok()) return failure(result.status());
    std::vector<LabelledValue> want, got;
    for (const promql::VectorSample& sample : *result) got.push_back(ValueOf(sample));
    for (const ExpectedSample& sample : test.expected) {
      absl::StatusOr<LabelledValue> wanted = WantedOf(sample);
      if (!wanted.ok()) {
        return failure(absl::InvalidArgumentError(
            StrCat("labels ", Quoted(sample.labels), ": ", ToStd(wanted.status().message()))));
      }
      want.push_back(*std::move(wanted));
    }
    SortByLabels(want);
    SortByLabels(got);
    if (SameSamples(want, got, file_.fuzzy_compare)) return absl::OkStatus();
    return absl::FailedPreconditionError(
        StrCat("\n        exp: ", FormatSamples(want), "\n        got: ", FormatSamples(got)));
  }

  // Everything that is stored, input and what rules made of it.
  void Dump() {
    // Rounded up: a range in a query has no fractions of a second.
    const DurationMs length = (LastEvalTime() / kSecond + 1) * kSecond;
    const auto query =
        promql::Query::Parse(StrCat("{__name__=~\".+\"}[", FormatDuration(length), "]"));
    const auto querier = store_.queryable->NewQuerier();
    const auto result = query.ok() ? engine_.Instant(*query, *querier, test_.start + length, never_)
                                   : absl::StatusOr<promql::QueryResult>(query.status());
    if (!result.ok()) {
      options_.debug(StrCat("DEBUG: Failed querying: ", ToStd(result.status().message())));
      return;
    }
    std::string text =
        StrCat("DEBUG: Dump of all data (input_series and rules) at ", GoDuration(length), ":");
    for (const promql::Series& series : std::get<promql::Matrix>(result->value)) {
      StrAppend(&text, "\n", FormatLabels(series.labels), " =>");
      for (const Sample& sample : series.samples) {
        StrAppend(&text, "\n", FormatFloat(sample.value), " @[", sample.timestamp, "]");
      }
      for (const promql::HistogramPoint& p : series.histograms) {
        StrAppend(&text, "\n", promql::ToString(ViewOf(*p.histogram)), " @[", p.timestamp, "]");
      }
    }
    options_.debug(text);
  }

  absl::StatusOr<promql::InstantVector> Query(const promql::Query& query, TimestampMs t) {
    const auto querier = store_.queryable->NewQuerier();
    ASSIGN_OR_RETURN(promql::QueryResult result, engine_.Instant(query, *querier, t, never_));
    return AsInstantVector(std::move(result.value));
  }

  const RuleTestFile& file_;
  const RuleTestGroup& test_;
  const RuleTestOptions& options_;

  // Each uses those above it and is destroyed before them.
  ThreadPool pool_;
  MetricRegistry metrics_;
  promql::Engine engine_;
  Cancellation never_;
  NoNotifier notifier_;
  promql::TestStore store_;
  std::optional<promql::SeriesLoader> loader_;
  std::unique_ptr<RuleContext> context_;
  std::vector<std::unique_ptr<RuleGroup>> groups_;
  std::vector<std::string> failures_;
};

// The groups of all files in the order of their evaluation.
absl::StatusOr<std::vector<RuleGroupConfig>> LoadRules(const RuleTestFile& file,
                                                       const std::vector<std::string>& paths,
                                                       const RuleTestOptions& options) {
  std::vector<RuleGroupConfig> rules;
  std::set<std::string> loaded;
  for (const std::string& path : paths) {
    if (!loaded.insert(path).second) continue;  // two patterns found it
    ASSIGN_OR_RETURN(std::vector<RuleGroupConfig> groups,
                     LoadRuleFile(path, options.parser, options.unknown_fields));
    std::move(groups.begin(), groups.end(), std::back_inserter(rules));
  }
  // A group that is not in the list comes with its first, as in promtool.
  const auto place = [&](const RuleGroupConfig& group) {
    const auto found = std::find(file.group_order.begin(), file.group_order.end(), group.name);
    return found == file.group_order.end() ? 0 : found - file.group_order.begin();
  };
  std::stable_sort(rules.begin(), rules.end(),
                   [&](const auto& a, const auto& b) { return place(a) < place(b); });
  return rules;
}

}  // namespace

absl::StatusOr<std::vector<RuleTestResult>> RunRuleTests(const RuleTestFile& file,
                                                         const std::vector<std::string>& rule_paths,
                                                         const RuleTestOptions& options) {
  ASSIGN_OR_RETURN(const std::vector<RuleGroupConfig> rules, LoadRules(file, rule_paths, options));
  std::vector<RuleTestResult> results;
  for (size_t i = 0; i < file.groups.size(); ++i) {
    const RuleTestGroup& group = file.groups[i];
    if (options.run && !options.run->Matches(group.name)) continue;
    const std::string name = group.name.empty() ? StrCat("unnamed#", i) : group.name;
    if (options.debug) options.debug(StrCat("DEBUG: Starting test ", name));
    results.push_back({name, GroupRun(file, group, options).Run(rules)});
    if (options.debug) options.debug(StrCat("DEBUG: Test ", name, " finished"));
  }
  return results;
}

}  // namespace tidemark::alerting
