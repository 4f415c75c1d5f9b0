#include "tests/testing/series_oracle.h"

#include <algorithm>
#include <set>

#include "base/strings.h"

namespace tidemark::testing {
namespace {

constexpr std::string_view kNames[] = {"__name__", "job", "instance", "zone", "id", "absent"};

bool Passes(std::span<const LabelMatcher> matchers, const LabelSet& labels) {
  return std::all_of(matchers.begin(), matchers.end(),
                     [&](const LabelMatcher& m) { return m.Matches(labels); });
}

}  // namespace

std::vector<uint32_t> SeriesOracle::Select(std::span<const LabelMatcher> matchers) const {
  std::vector<uint32_t> found;
  for (const auto& [series, labels] : labels_) {
    if (Passes(matchers, labels)) found.push_back(series);
  }
  return found;
}

std::vector<std::string> SeriesOracle::Names(std::span<const LabelMatcher> matchers) const {
  std::set<std::string> names;
  for (const auto& [series, labels] : labels_) {
    if (!Passes(matchers, labels)) continue;
    for (const LabelView& label : labels) names.emplace(label.name);
  }
  return {names.begin(), names.end()};
}

std::vector<std::string> SeriesOracle::Values(std::string_view name,
                                              std::span<const LabelMatcher> matchers) const {
  std::set<std::string> values;
  for (const auto& [series, labels] : labels_) {
    if (labels.Has(name) && Passes(matchers, labels)) values.emplace(labels.Get(name));
  }
  return {values.begin(), values.end()};
}

std::vector<LabelSet> RandomLabelSets(std::mt19937_64& random, size_t count) {
  std::set<LabelSet> sets;
  while (sets.size() < count) {
    LabelSetBuilder labels;
    for (const std::string_view name : kNames) {
      if (random() % 3 == 0 || name == "absent") continue;
      const uint64_t num_values = name == "instance" ? 500 : name == "id" ? 1'000'000'000 : 5;
      labels.Set(name, StrCat("v", random() % num_values));
    }
    sets.insert(labels.Build());
  }
  return {sets.begin(), sets.end()};
}

std::vector<LabelMatcher> RandomMatchers(std::mt19937_64& random) {
  constexpr std::string_view kPatterns[] = {"v1",
                                            "v1|v2",
                                            "v.*",
                                            ".*",
                                            ".+",
                                            "",
                                            "|v3",
                                            "v[0-4]",
                                            "x",
                                            "v1.",
                                            "v1.+",
                                            "(v2|v3)",
                                            "v(1|2.*)",
                                            "v1(.*)",
                                            ".*1",
                                            "v\\d",
                                            "v3?",
                                            "(?i)V2",
                                            "v4|",
                                            "^v2$",
                                            "w.*",
                                            "v.+|",
                                            "v0|v1.*|v2.+|.*9"};
  std::vector<LabelMatcher> matchers;
  const size_t only = random() % 4 == 0 ? random() % std::size(kNames) : std::size(kNames);
  for (uint64_t k = random() % 5; k > 0; --k) {
    const size_t name = only < std::size(kNames) ? only : random() % std::size(kNames);
    matchers.push_back(*LabelMatcher::Create(kNames[name], static_cast<MatchOp>(random() % 4),
                                             kPatterns[random() % std::size(kPatterns)]));
  }
  return matchers;
}

std::string ToText(std::span<const LabelMatcher> matchers) {
  std::string text;
  for (const LabelMatcher& m : matchers) StrAppend(&text, m.ToString(), " ");
  return text;
}

}  // namespace tidemark::testing
