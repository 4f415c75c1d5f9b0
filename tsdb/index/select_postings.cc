#include "tsdb/index/select_postings.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/status_macros.h"

namespace tidemark::tsdb {
namespace {

using Rest = PatternStart::Rest;
using Starts = std::vector<PatternStart>;

// Stored values are never empty, which shortens what a pattern may say about them.
Starts Everything() { return {{"", Rest::kAnything}}; }

// How the values begin for which the matcher says `want`; an unknown rest is to be asked of it.
Starts StartsWhere(const LabelMatcher& m, bool want) {
  Starts matching =
      m.regex() != nullptr ? m.regex()->starts() : Starts{{m.value(), Rest::kNothing}};
  const bool is_positive = m.op() == MatchOp::kEqual || m.op() == MatchOp::kRegex;
  if (want == is_positive) return matching;
  const bool only_empty_text = matching.size() == 1 && matching[0].text.empty();
  if (!only_empty_text || matching[0].rest == Rest::kUnknown) return {{"", Rest::kUnknown}};
  return matching[0].rest == Rest::kNothing ? Everything() : Starts();
}

// What it takes to find values with these starts, cheapest first.
enum class Effort { kLookups, kPrefixes, kName, kAllValues };

Effort EffortOf(const Starts& starts) {
  Effort effort = Effort::kLookups;
  for (const PatternStart& start : starts) {
    if (start.rest == Rest::kNothing) continue;
    if (!start.text.empty()) {
      effort = std::max(effort, Effort::kPrefixes);
    } else {
      return start.rest == Rest::kUnknown ? Effort::kAllValues : Effort::kName;
    }
  }
  return effort;
}

// Values of one label: those that begin as `starts` say, give `want` of `asked` where a rest is
// unknown, and pass all of `others`.
struct ValueTest {
  std::string_view name;
  Starts starts;
  const LabelMatcher* asked;
  bool want;
  std::vector<const LabelMatcher*> others;

  bool OthersPass(std::string_view value) const {
    return std::all_of(others.begin(), others.end(),
                       [&](const LabelMatcher* m) { return m->Matches(value); });
  }
  Effort effort() const {
    const Effort least = EffortOf(starts);
    return least == Effort::kName && !others.empty() ? Effort::kAllValues : least;
  }
};

absl::Status AddStart(PostingSource& source, const ValueTest& test, const PatternStart& start,
                      PostingUnion& out) {
  if (start.rest == Rest::kNothing) {
    if (!test.OthersPass(start.text)) return absl::OkStatus();
    return source.Find({test.name, start.text}, out);
  }
  if (start.text.empty() && start.rest != Rest::kUnknown && test.others.empty()) {
    return source.FindName(test.name, out);
  }
  const auto keep = [&](std::string_view value) {
    if (start.rest == Rest::kSomething && value.size() == start.text.size()) return false;
    if (start.rest == Rest::kUnknown && test.asked->Matches(value) != test.want) return false;
    return test.OthersPass(value);
  };
  return source.Scan(test.name, start.text, keep, out);
}

absl::Status AddAll(PostingSource& source, const ValueTest& test, PostingUnion& out) {
  for (const PatternStart& start : test.starts) {
    RETURN_IF_ERROR(AddStart(source, test, start, out));
  }
  return absl::OkStatus();
}

// The values that pass all matchers of one label, of which at least one does not take an absent
// label: found by the one that takes the least effort, tested by the others.
ValueTest DemandOf(std::span<const LabelMatcher* const> matchers) {
  ValueTest best{matchers[0]->name(), {}, nullptr, true, {}};
  for (const LabelMatcher* m : matchers) {
    Starts starts = StartsWhere(*m, true);
    if (best.asked == nullptr || EffortOf(starts) < EffortOf(best.starts)) {
      best.starts = std::move(starts);
      best.asked = m;
    }
  }
  for (const LabelMatcher* m : matchers) {
    if (m != best.asked) best.others.push_back(m);
  }
  return best;
}

// The matchers in two kinds. A label that must be there demands values; where it may be absent,
// values only rule series out.
struct Tests {
  std::vector<ValueTest> demanded, ruled_out;
};

Tests Sorted(std::span<const LabelMatcher> matchers) {
  std::vector<const LabelMatcher*> by_name;
  for (const LabelMatcher& m : matchers) by_name.push_back(&m);
  std::stable_sort(
      by_name.begin(), by_name.end(),
      [](const LabelMatcher* a, const LabelMatcher* b) { return a->name() < b->name(); });
  Tests tests;
  for (auto begin = by_name.begin(); begin != by_name.end();) {
    const auto end = std::find_if(
        begin, by_name.end(), [&](const LabelMatcher* m) { return m->name() != (*begin)->name(); });
    const bool absent_passes =
        std::all_of(begin, end, [](const LabelMatcher* m) { return m->Matches(""); });
    if (!absent_passes) {
      tests.demanded.push_back(DemandOf({begin, end}));
    } else {
      for (auto m = begin; m != end; ++m) {
        tests.ruled_out.push_back({(*m)->name(), StartsWhere(**m, false), *m, false, {}});
      }
    }
    begin = end;
  }
  std::stable_sort(tests.demanded.begin(), tests.demanded.end(),
                   [](const ValueTest& a, const ValueTest& b) { return a.effort() < b.effort(); });
  return tests;
}

// What is left of the series so far; nullopt stands for all.
using Selected = std::optional<PostingSet>;

void Narrow(const PostingUnion& to, Selected& selected) {
  if (selected) {
    selected->IntersectWith(to);
  } else {
    selected.emplace(to.ToSet());
  }
}

// For lists that are to meet what is selected.
PostingUnion UnionFor(const Selected& selected) {
  return selected && !selected->empty() ? PostingUnion(selected->min(), selected->max())
                                        : PostingUnion();
}

// All lookups are made before the first set, so that the shortest can lead.
absl::Status NarrowByLookups(PostingSource& source, std::span<const ValueTest> tests,
                             Selected& selected) {
  std::vector<std::pair<size_t, PostingUnion>> found;
  for (const ValueTest& test : tests) {
    PostingUnion some;
    RETURN_IF_ERROR(AddAll(source, test, some));
    const size_t bound = some.size_bound();
    found.emplace_back(bound, std::move(some));
    if (bound == 0) break;
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [bound, some] : found) {
    Narrow(some, selected);
    if (selected->empty()) break;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<PostingSet> SelectPostings(PostingSource& source,
                                          std::span<const LabelMatcher> matchers) {
  const Tests tests = Sorted(matchers);
  const auto scans =
      std::find_if(tests.demanded.begin(), tests.demanded.end(),
                   [](const ValueTest& test) { return test.effort() != Effort::kLookups; });
  Selected selected;
  RETURN_IF_ERROR(NarrowByLookups(source, {tests.demanded.begin(), scans}, selected));
  for (auto test = scans; test != tests.demanded.end(); ++test) {
    if (selected && selected->empty()) return PostingSet();
    PostingUnion some = UnionFor(selected);
    RETURN_IF_ERROR(AddAll(source, *test, some));
    Narrow(some, selected);
  }
  if (!selected) selected.emplace(source.All());
  PostingUnion ruled_out = UnionFor(selected);
  for (const ValueTest& test : tests.ruled_out) {
    if (selected->empty()) return PostingSet();
    RETURN_IF_ERROR(AddAll(source, test, ruled_out));
  }
  if (ruled_out.size_bound() > 0) selected->Subtract(ruled_out);
  return *std::move(selected);
}

}  // namespace tidemark::tsdb
