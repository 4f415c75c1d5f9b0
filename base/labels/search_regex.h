#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace tidemark {

// A regular expression that may match any part of a text, as the functions of templates read one;
// what selects and relabels is an AnchoredRegex. Syntax and linear time are RE2's. Thread-safe;
// cheap to copy.
class SearchRegex {
 public:
  // InvalidArgument with RE2's reason.
  static absl::StatusOr<SearchRegex> Create(std::string_view pattern);

  bool Matches(std::string_view text) const;
  // `text` with every match, from the left and without overlaps, replaced by `replacement`, in
  // which references to groups are expanded (regex_references.h).
  std::string ReplaceAll(std::string_view text, std::string_view replacement) const;

 private:
  struct Program;
  explicit SearchRegex(std::shared_ptr<const Program> program) : program_(std::move(program)) {}
  std::shared_ptr<const Program> program_;
};

}  // namespace tidemark
