#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/labels/label_matcher.h"
#include "base/labels/label_set.h"

namespace tidemark::testing {

// Answers what a label index answers by trying every series: what the indexes are compared with.
class SeriesOracle {
 public:
  void Add(uint32_t series, const LabelSet& labels) { labels_[series] = labels; }
  void Remove(uint32_t series) { labels_.erase(series); }
  const std::map<uint32_t, LabelSet>& labels() const { return labels_; }

  std::vector<uint32_t> Select(std::span<const LabelMatcher> matchers) const;
  // Of the series that pass the matchers; sorted.
  std::vector<std::string> Names(std::span<const LabelMatcher> matchers) const;
  std::vector<std::string> Values(std::string_view name,
                                  std::span<const LabelMatcher> matchers) const;

 private:
  std::map<uint32_t, LabelSet> labels_;
};

// Distinct label sets with common, rare and unique values, in order.
std::vector<LabelSet> RandomLabelSets(std::mt19937_64& random, size_t count);
// Up to four matchers of all kinds for them, several of one label at times.
std::vector<LabelMatcher> RandomMatchers(std::mt19937_64& random);
std::string ToText(std::span<const LabelMatcher> matchers);

}  // namespace tidemark::testing
