#include "promql/exec/info_join.h"

#include <algorithm>
#include <cmath>

#include "base/status_macros.h"
#include "base/strings.h"
#include "promql/exec/metric_name.h"

namespace tidemark::promql {
namespace {

// What says of which target a series is.
const std::vector<std::string>& IdentifyingLabels() {
  static const auto& kLabels = *new std::vector<std::string>{"instance", "job"};
  return kLabels;
}

// The values that a label has among series, to tell which info series may be for them.
using Values = StringSet;
bool MayBeFor(const std::vector<Values>& wanted, const LabelSet& info) {
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (!wanted[i].empty() && !wanted[i].contains(info.Get(IdentifyingLabels()[i]))) return false;
  }
  return true;
}

}  // namespace

InfoJoin::InfoJoin(OperatorPtr base, OperatorPtr info, const std::vector<LabelMatcher>& matchers)
    : TableOperator(base->times()), base_(std::move(base)), info_(std::move(info)) {
  for (const LabelMatcher& matcher : matchers) {
    if (matcher.name() == kMetricName) {
      names_.push_back(matcher);
    } else {
      data_labels_.insert(matcher.name());
      keeps_unmatched_ &= matcher.Matches("");
    }
  }
}

absl::Status InfoJoin::Build(QueryContext& query, SeriesTable& result) {
  SeriesTable base(query, num_steps()), info(query, num_steps());
  RETURN_IF_ERROR(base.AddAll(query, *base_));
  RETURN_IF_ERROR(info.AddAll(query, *info_));
  std::vector<uint64_t> base_steps(PresenceWords(num_steps()));
  for (size_t i = 0; i < base.size(); ++i) {
    for (size_t w = 0; w < base_steps.size(); ++w) base_steps[w] |= base.row(i).present[w];
  }
  Groups groups = GroupInfo(base, info);
  MemoryReservation held(query);
  for (auto& [name, by_identity] : groups) {
    for (auto& [identity, group] : by_identity) {
      if (group.members.size() == 1) continue;
      RETURN_IF_ERROR(held.Grow(num_steps(), num_steps() * sizeof(double)));
      RETURN_IF_ERROR(FindNewest(info, base_steps, group));
    }
  }
  for (size_t i = 0; i < base.size(); ++i) {
    RETURN_IF_ERROR(query.CheckCancelled());
    RETURN_IF_ERROR(IsInfoMetric(base.header(i).labels)
                        ? result.Add(base.header(i), base.row(i))
                        : Enrich(query, base.header(i), base.row(i), info, groups, result));
  }
  return absl::OkStatus();
}

bool InfoJoin::IsInfoMetric(const LabelSet& labels) const {
  return std::all_of(names_.begin(), names_.end(),
                     [&](const LabelMatcher& m) { return m.Matches(labels); });
}

InfoJoin::Groups InfoJoin::GroupInfo(const SeriesTable& base, const SeriesTable& info) const {
  std::vector<Values> wanted(IdentifyingLabels().size());
  for (size_t i = 0; i < base.size(); ++i) {
    const LabelSet& labels = base.header(i).labels;
    if (IsInfoMetric(labels)) continue;
    for (size_t k = 0; k < wanted.size(); ++k) {
      const std::string_view value = labels.Get(IdentifyingLabels()[k]);
      if (!value.empty()) wanted[k].emplace(value);
    }
  }
  Groups groups;
  const bool any = std::any_of(wanted.begin(), wanted.end(), [](auto& v) { return !v.empty(); });
  for (size_t i = 0; any && i < info.size(); ++i) {
    const LabelSet& labels = info.header(i).labels;
    if (!MayBeFor(wanted, labels)) continue;
    groups[std::string(labels.metric_name())][KeepLabels(labels, IdentifyingLabels())]
        .members.push_back(static_cast<uint32_t>(i));
  }
  return groups;
}

absl::Status InfoJoin::FindNewest(const SeriesTable& info, const std::vector<uint64_t>& steps,
                                  Group& group) const {
  group.newest.assign(num_steps(), kNone);
  for (const uint32_t member : group.members) {
    const StepRow row = info.row(member);
    for (size_t step = 0; step < num_steps(); ++step) {
      if (!row.Has(step) || (steps[step / 64] >> (step % 64) & 1) == 0) continue;
      uint32_t& newest = group.newest[step];
      const double time = row.values[step];
      const double other = newest == kNone ? -INFINITY : info.row(newest).values[step];
      if (time == other) {
        const auto ms = [](double seconds) { return std::llround(seconds * 1000); };
        return absl::FailedPreconditionError(
            StrCat("found duplicate series for info metric: existing ",
                   LabelsText(info.header(newest).labels), " @ ", ms(other), ", new ",
                   LabelsText(info.header(member).labels), " @ ", ms(time)));
      }
      if (time > other) newest = member;
    }
  }
  return absl::OkStatus();
}

uint32_t InfoJoin::Group::At(const SeriesTable& info, size_t step) const {
  if (!newest.empty()) return newest[step];
  return info.row(members[0]).Has(step) ? members[0] : kNone;
}

absl::Status InfoJoin::Enrich(QueryContext& query, const SeriesHeader& header, const StepRow& row,
                              const SeriesTable& info, const Groups& groups, SeriesTable& result) {
  const LabelSet identity = KeepLabels(header.labels, IdentifyingLabels());
  std::vector<const Group*> sources;
  for (const auto& [name, by_identity] : groups) {
    const auto found = by_identity.find(identity);
    if (found != by_identity.end()) sources.push_back(&found->second);
  }
  parts_.Reset(num_steps());
  MemoryReservation held(query);
  std::map<std::vector<uint32_t>, size_t> part_of;  // by the info series at the step
  std::vector<uint32_t> rows;
  absl::Status status;
  row.ForEach([&](size_t step) {
    rows.clear();
    for (const Group* source : sources) {
      const uint32_t at = source->At(info, step);
      if (at != kNone) rows.push_back(at);
    }
    if (!status.ok() || (rows.empty() && !keeps_unmatched_)) return;
    const auto [part, added] = part_of.try_emplace(rows, parts_.size());
    if (added) {
      absl::StatusOr<LabelSet> labels = EnrichedLabels(header.labels, info, rows);
      status = labels.ok() ? held.Grow(num_steps(), num_steps() * sizeof(double)) : labels.status();
      if (!status.ok()) return;
      parts_.Add({*std::move(labels), header.drop_name});
    }
    parts_.row(part->second).SetFrom(row, step);
  });
  for (size_t i = 0; status.ok() && i < parts_.size(); ++i) {
    status = result.Add(parts_.header(i), parts_.row(i));
  }
  return status;
}

absl::StatusOr<LabelSet> InfoJoin::EnrichedLabels(const LabelSet& base, const SeriesTable& info,
                                                  const std::vector<uint32_t>& rows) const {
  LabelSetBuilder added;
  for (const uint32_t row : rows) {
    for (const LabelView& label : info.header(row).labels) {
      const bool wanted = data_labels_.empty() || data_labels_.contains(label.name);
      if (label.name == kMetricName || !wanted) continue;
      const std::string_view other = added.Get(label.name);
      if (!other.empty() && other != label.value) {
        return absl::FailedPreconditionError(StrCat("conflicting label: ", label.name));
      }
      if (!base.Has(label.name)) added.Set(label.name, label.value);
    }
  }
  LabelSetBuilder labels(base);
  for (const auto& [name, value] : added.labels()) labels.Set(name, value);
  return labels.Build();
}

}  // namespace tidemark::promql
