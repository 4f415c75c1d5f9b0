#include "scrape/metrics_lint.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "base/labels/label_set.h"
#include "base/net/ascii_text.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "scrape/expfmt/openmetrics_parser.h"
#include "scrape/expfmt/prometheus_text_parser.h"
#include "scrape/openmetrics_check.h"

namespace tidemark::scrape {
namespace {

struct Unit {
  std::string_view name, base;
};
constexpr Unit kUnits[] = {
    {"amperes", "amperes"}, {"bytes", "bytes"},   {"celsius", "celsius"}, {"grams", "grams"},
    {"joules", "joules"},   {"kelvin", "kelvin"}, {"meters", "meters"},   {"metres", "metres"},
    {"seconds", "seconds"}, {"volts", "volts"},   {"minutes", "seconds"}, {"hours", "seconds"},
    {"days", "seconds"},    {"weeks", "seconds"}, {"kelvins", "kelvin"},  {"inches", "meters"},
    {"yards", "meters"},    {"miles", "meters"},  {"bits", "bytes"},      {"calories", "joules"},
    {"pounds", "grams"},    {"ounces", "grams"},  {"rankine", "celsius"}, {"fahrenheit", "celsius"},
};
constexpr std::string_view kPrefixes[] = {"pico", "nano",  "micro", "milli", "centi", "deci",
                                          "deca", "hecto", "kilo",  "kibi",  "mega",  "mibi",
                                          "giga", "gibi",  "tera",  "tebi",  "peta",  "pebi"};
constexpr std::string_view kAbbreviations[] = {"s",  "ms", "us", "ns", "sec", "b", "kb",
                                               "mb", "gb", "tb", "pb", "m",   "h", "d"};

// A metric family as it is collected. A metric is a label set; that of a histogram or summary has
// no bounds.
struct Family {
  std::string type = "untyped", help;
  bool has_type = false;
  std::set<LabelSet> metrics;
  std::set<std::pair<std::string, LabelSet>> series;  // name and labels of each sample
  bool is_repeated = false;                           // a sample is there twice
};
using Families = std::map<std::string, Family>;

// Whether a part between underscores, but not the first one, is `word`.
bool HasPart(const std::string& name, std::string_view word) {
  const std::string part = StrCat("_", word);
  return name.ends_with(part) || name.find(part + "_") != std::string::npos;
}

bool IsCamelCase(std::string_view name) {
  for (size_t i = 1; i < name.size(); ++i) {
    const bool was_lower = name[i - 1] >= 'a' && name[i - 1] <= 'z';
    if (was_lower && name[i] >= 'A' && name[i] <= 'Z') return true;
  }
  return false;
}

const Unit* FindUnit(std::string_view name) {
  const auto* const found = std::find_if(std::begin(kUnits), std::end(kUnits),
                                         [&](const Unit& u) { return u.name == name; });
  return found == std::end(kUnits) ? nullptr : found;
}

// The unit that is a part of the name, and the base unit for it.
std::optional<Unit> UnitIn(std::string_view name) {
  while (!name.empty()) {
    const std::string_view part = name.substr(0, name.find('_'));
    name.remove_prefix(std::min(name.size(), part.size() + 1));
    if (const Unit* unit = FindUnit(part)) return *unit;
    for (const std::string_view prefix : kPrefixes) {
      if (!part.starts_with(prefix)) continue;
      if (const Unit* unit = FindUnit(part.substr(prefix.size()))) return Unit{part, unit->base};
    }
  }
  return std::nullopt;
}

// The problems of one family.
class Linter {
 public:
  Linter(const std::string& name, const Family& family, std::vector<LintProblem>& problems)
      : name_(name), family_(family), problems_(problems) {}

  void Run() {
    if (family_.help.empty()) Add("no help text");
    CheckUnit();
    CheckSuffixes();
    CheckLabels();
    CheckName();
    if (family_.is_repeated) Add("metric not unique");
  }

 private:
  bool Is(std::string_view type) const { return family_.type == type; }
  template <typename... Parts>
  void Add(const Parts&... parts) {
    problems_.push_back({name_, StrCat(parts...)});
  }

  void CheckUnit() {
    const std::optional<Unit> unit = UnitIn(name_);
    if (unit && unit->name != unit->base) {
      Add("use base unit \"", unit->base, "\" instead of \"", unit->name, "\"");
    }
    const std::string lower = LowerCase(name_);
    for (const std::string_view abbreviation : kAbbreviations) {
      if (HasPart(lower, abbreviation)) Add("metric names should not contain abbreviated units");
    }
  }

  void CheckSuffixes() {
    const bool has_total = name_.ends_with("_total");
    if (Is("counter") && !has_total) Add("counter metrics should have \"_total\" suffix");
    if (Is("untyped")) return;
    if (!Is("counter") && has_total) Add("non-counter metrics should not have \"_total\" suffix");
    if (!Is("histogram") && name_.ends_with("_bucket")) {
      Add("non-histogram metrics should not have \"_bucket\" suffix");
    }
    for (const std::string_view suffix : {"_count", "_sum"}) {
      if (!Is("histogram") && !Is("summary") && name_.ends_with(suffix)) {
        Add("non-histogram and non-summary metrics should not have \"", suffix, "\" suffix");
      }
    }
    if (HasPart(LowerCase(name_), family_.type)) {
      Add("metric name should not include type '", family_.type, "'");
    }
  }

  void CheckLabels() {
    for (const LabelSet& labels : family_.metrics) {
      for (const LabelView& label : labels) {
        if (IsCamelCase(label.name)) {
          Add("label names should be written in 'snake_case' not 'camelCase'");
        }
        if (Is("untyped")) continue;
        if (!Is("histogram") && label.name == "le") {
          Add("non-histogram metrics should not have \"le\" label");
        }
        if (!Is("summary") && label.name == "quantile") {
          Add("non-summary metrics should not have \"quantile\" label");
        }
      }
    }
  }

  void CheckName() {
    if (name_.find(':') != std::string::npos) Add("metric names should not contain ':'");
    if (IsCamelCase(name_)) {
      Add("metric names should be written in 'snake_case' not 'camelCase'");
    }
  }

  const std::string& name_;
  const Family& family_;
  std::vector<LintProblem>& problems_;
};

// Reads a page into its families.
class Collector {
 public:
  Collector(ExpositionParser& page, bool is_openmetrics)
      : page_(page), is_openmetrics_(is_openmetrics) {}

  absl::StatusOr<Families> Collect() {
    ExpositionEntry entry;
    while (page_.Next(entry)) {
      if (entry.kind == ExpositionEntry::Kind::kType) {
        RETURN_IF_ERROR(TakeType(entry));
      } else if (entry.kind == ExpositionEntry::Kind::kHelp) {
        families_[std::string(entry.family)].help = entry.text;
      } else if (entry.kind == ExpositionEntry::Kind::kSample) {
        RETURN_IF_ERROR(TakeSample());
      }
    }
    RETURN_IF_ERROR(page_.status());
    std::erase_if(families_, [](const auto& family) { return family.second.metrics.empty(); });
    return std::move(families_);
  }

 private:
  absl::Status TakeType(const ExpositionEntry& entry) {
    Family& family = families_[std::string(entry.family)];
    if (family.has_type || !family.metrics.empty()) {
      return absl::InvalidArgumentError(StrCat("second TYPE line for metric name \"", entry.family,
                                               "\", or TYPE reported after samples"));
    }
    family.has_type = true;
    family.type = entry.text;
    return absl::OkStatus();
  }

  absl::Status TakeSample() {
    RETURN_IF_ERROR(page_.Labels(labels_));
    LabelSetBuilder builder;
    std::string name;
    for (const auto& [label, value] : labels_) {
      if (label == kMetricName) {
        name = value;
      } else {
        builder.Set(label, value);
      }
    }
    const LabelSet series = builder.Build();
    Family& family = FamilyOf(name);
    if (family.type == "histogram") builder.Delete("le");
    if (family.type == "summary") builder.Delete("quantile");
    family.is_repeated |= !family.series.emplace(name, series).second;
    family.metrics.insert(builder.Build());
    return absl::OkStatus();
  }

  // Parts of histograms and summaries belong to these, and in OpenMetrics `_total` to its counter.
  Family& FamilyOf(const std::string& name) {
    for (const std::string_view suffix : {"_bucket", "_count", "_sum", "_total", "_created"}) {
      if (!name.ends_with(suffix)) continue;
      const auto found = families_.find(name.substr(0, name.size() - suffix.size()));
      if (found != families_.end() && HasPartOf(found->second.type, suffix)) return found->second;
    }
    return families_[name];
  }
  bool HasPartOf(std::string_view type, std::string_view suffix) const {
    if (suffix == "_bucket") return type == "histogram";
    if (suffix == "_count" || suffix == "_sum") return type == "histogram" || type == "summary";
    if (!is_openmetrics_) return false;
    return type == "counter" || (suffix == "_created" && type != "gauge");
  }

  ExpositionParser& page_;
  const bool is_openmetrics_;
  Families families_;
  ExpositionLabels labels_;
};

bool IsOpenMetrics(std::string_view page) {
  if (page.ends_with('\n')) page.remove_suffix(1);
  return page == "# EOF" || page.ends_with("\n# EOF");
}

}  // namespace

absl::StatusOr<LintedPage> LintMetrics(std::string_view page) {
  const bool is_openmetrics = IsOpenMetrics(page);
  std::unique_ptr<ExpositionParser> parser;
  if (is_openmetrics) {
    RETURN_IF_ERROR(CheckOpenMetrics(page));
    parser = std::make_unique<OpenMetricsParser>(page);
  } else {
    parser = std::make_unique<PrometheusTextParser>(page);
  }
  ASSIGN_OR_RETURN(const Families families, Collector(*parser, is_openmetrics).Collect());
  LintedPage linted;
  for (const auto& [name, family] : families) {
    // The name of an OpenMetrics counter is that of its samples without the suffix.
    const bool is_counter = is_openmetrics && family.type == "counter";
    const std::string full_name = is_counter ? name + "_total" : name;
    Linter(full_name, family, linted.problems).Run();
    linted.families.push_back({full_name, family.series.size()});
  }
  std::sort(linted.problems.begin(), linted.problems.end());
  return linted;
}

}  // namespace tidemark::scrape
