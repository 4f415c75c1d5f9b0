#include "promql/exec/metric_name.h"

#include <algorithm>
#include <iterator>

#include "base/io/hash.h"

namespace tidemark::promql {
namespace {

constexpr std::string_view kNames[] = {kMetricName, "__type__", "__unit__"};

// Calls `keep` with the labels that are none of the three, in pieces as long as they can be.
template <typename Keep>
void ForEachStretch(std::string_view encoded, Keep keep) {
  const char* begin = encoded.data();
  const char* at = begin;
  for (const LabelView& label : EncodedLabels(encoded)) {
    const char* const end = label.value.data() + label.value.size();
    if (label.name > std::end(kNames)[-1]) break;  // names ascend
    if (std::find(std::begin(kNames), std::end(kNames), label.name) != std::end(kNames)) {
      if (begin != at) keep(std::string_view(begin, static_cast<size_t>(at - begin)));
      begin = end;
    }
    at = end;
  }
  const char* const end = encoded.data() + encoded.size();
  if (begin != end) keep(std::string_view(begin, static_cast<size_t>(end - begin)));
}

}  // namespace

void LoseMetricName(const QueryContext& query, SeriesHeader& header) {
  if (query.options().delayed_name_removal) {
    header.drop_name = true;
  } else if (!header.labels.empty()) {
    header.labels = WithoutMetricName(header.labels);
  }
}

LabelSet WithoutMetricName(const LabelSet& labels) {
  std::string bytes;
  ForEachStretch(labels.bytes(), [&](std::string_view kept) { bytes.append(kept); });
  return LabelSet::FromKnownBytes(bytes);
}

uint64_t HashWithoutMetricName(std::string_view encoded) {
  // Mostly the name comes first and one piece is left, which need not be copied.
  std::string_view first;
  std::string all;
  ForEachStretch(encoded, [&](std::string_view kept) {
    if (first.empty()) {
      first = kept;
    } else {
      if (all.empty()) all = first;
      all.append(kept);
    }
  });
  return StableHash64(all.empty() ? first : all);
}

std::string LabelsText(const LabelSet& labels) {
  std::string text = "{";
  for (const LabelView& label : labels) {
    if (text.size() > 1) text.append(", ");
    if (IsLegacyLabelName(label.name)) {
      text.append(label.name);
    } else {
      AppendQuoted(label.name, &text);
    }
    text.push_back('=');
    AppendQuoted(label.value, &text);
  }
  return text + "}";
}

}  // namespace tidemark::promql
