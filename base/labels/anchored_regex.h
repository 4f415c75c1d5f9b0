#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "base/labels/pattern_starts.h"

namespace tidemark {

// A regular expression that must match all of its text, with `.` matching newlines too:
// `^(?s:re)$`, as Prometheus reads one everywhere. Syntax and linear time are RE2's, which is asked
// only where PatternStarts do not decide. Thread-safe; cheap to copy.
class AnchoredRegex {
 public:
  // InvalidArgument with RE2's reason.
  static absl::StatusOr<AnchoredRegex> Create(std::string_view pattern);
  // `(.*)`: matches every text, as its first group.
  static AnchoredRegex Anything();

  bool Matches(std::string_view text) const;
  // Replaces `$1`, `${1}`, `$name`, `${name}` in `replacement` by the groups of a match of `text`,
  // `$$` by a dollar; an unknown group is empty. False, and `out` untouched, where `text` does not
  // match.
  bool Expand(std::string_view text, std::string_view replacement, std::string* out) const;
  const std::string& pattern() const;
  const std::vector<PatternStart>& starts() const;  // of the pattern

 private:
  struct Program;
  explicit AnchoredRegex(std::shared_ptr<const Program> program) : program_(std::move(program)) {}
  std::shared_ptr<const Program> program_;
};

}  // namespace tidemark
