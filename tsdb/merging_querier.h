#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tsdb/querier.h"

namespace tidemark::tsdb {

// Several queriers as one. A series that more than one of them has is found once, with the samples
// of all; at a time that several hold, the first querier of the list has the say. An error of one
// is an error of the whole. Thread-safe.
class MergingQuerier : public Querier {
 public:
  explicit MergingQuerier(std::vector<std::unique_ptr<Querier>> queriers)
      : queriers_(std::move(queriers)) {}

  absl::StatusOr<std::unique_ptr<SeriesSet>> Select(std::span<const LabelMatcher> matchers,
                                                    TimeRange range) const override;
  absl::StatusOr<std::vector<std::string>> LabelNames(std::span<const LabelMatcher> matchers,
                                                      TimeRange range) const override;
  absl::StatusOr<std::vector<std::string>> LabelValues(std::string_view name,
                                                       std::span<const LabelMatcher> matchers,
                                                       TimeRange range) const override;

 private:
  const std::vector<std::unique_ptr<Querier>> queriers_;
};

}  // namespace tidemark::tsdb
