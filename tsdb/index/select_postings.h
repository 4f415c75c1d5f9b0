#pragma once

#include <span>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/labels/label_matcher.h"
#include "base/labels/label_set.h"
#include "tsdb/index/posting_list.h"

namespace tidemark::tsdb {

// What an index knows, as SelectPostings asks for it. Each call adds the posting lists it names to
// `out`; there may be none. An error ends the selection.
class PostingSource {
 public:
  virtual ~PostingSource() = default;
  virtual PostingSet All() = 0;
  // Of the series that have this label.
  virtual absl::Status Find(const LabelView& label, PostingUnion& out) = 0;
  // Of the series that have a label of this name.
  virtual absl::Status FindName(std::string_view name, PostingUnion& out) = 0;
  // Of the series whose value of `name` begins with `prefix` and passes `keep`.
  virtual absl::Status Scan(std::string_view name, std::string_view prefix,
                            absl::FunctionRef<bool(std::string_view)> keep, PostingUnion& out) = 0;
};

// The series that pass all matchers; all of them where there are none. An absent label is an empty
// value, so a matcher that lets the empty value through lets through the series without that label.
//
// Cost: lookups come first and the shortest list of them leads; then scans of the values that begin
// as a pattern does (AnchoredRegex::starts), and only then scans of all values of a label. It ends
// as soon as nothing is left.
absl::StatusOr<PostingSet> SelectPostings(PostingSource& source,
                                          std::span<const LabelMatcher> matchers);

}  // namespace tidemark::tsdb
