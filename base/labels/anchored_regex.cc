#include "base/labels/anchored_regex.h"

#include <charconv>
#include <vector>

#include <re2/re2.h>

#include "base/labels/regex_references.h"
#include "base/strings.h"

namespace tidemark {

struct AnchoredRegex::Program {
  explicit Program(std::string_view p) : pattern(p), re2(StrCat("^(?s:", p, ")$"), Options()) {
    if (re2.ok()) starts = PatternStarts(p);
  }
  static re2::RE2::Options Options() {
    re2::RE2::Options options;
    options.set_log_errors(false);
    return options;
  }
  std::string pattern;
  re2::RE2 re2;
  std::vector<PatternStart> starts;
};

namespace {

// The group that a reference names: a number, or a name of the pattern; -1 for none.
int GroupNumber(const re2::RE2& re2, std::string_view name) {
  int number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error == std::errc() && end == name.data() + name.size()) {
    return number <= re2.NumberOfCapturingGroups() ? number : -1;
  }
  const auto& groups = re2.NamedCapturingGroups();
  const auto it = groups.find(std::string(name));
  return it == groups.end() ? -1 : it->second;
}

}  // namespace

absl::StatusOr<AnchoredRegex> AnchoredRegex::Create(std::string_view pattern) {
  auto program = std::make_shared<const Program>(pattern);
  if (!program->re2.ok()) {
    return absl::InvalidArgumentError(
        StrCat("error parsing regexp: ", program->re2.error(), ": \"", pattern, "\""));
  }
  return AnchoredRegex(std::move(program));
}

AnchoredRegex AnchoredRegex::Anything() {
  static const AnchoredRegex* const anything = new AnchoredRegex(*Create("(.*)"));
  return *anything;
}

bool AnchoredRegex::Matches(std::string_view text) const {
  const PatternStart* start = FindStart(program_->starts, text);
  if (start == nullptr) return false;
  if (start->rest != PatternStart::Rest::kUnknown) return true;
  return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), program_->re2);
}

bool AnchoredRegex::Expand(std::string_view text, std::string_view replacement,
                           std::string* out) const {
  const re2::StringPiece input(text.data(), text.size());
  std::vector<re2::StringPiece> groups(1 + program_->re2.NumberOfCapturingGroups());
  if (!program_->re2.Match(input, 0, input.size(), re2::RE2::ANCHOR_BOTH, groups.data(),
                           static_cast<int>(groups.size()))) {
    return false;
  }
  std::string expanded;
  const auto group = [&](std::string_view name) {
    const int number = GroupNumber(program_->re2, name);
    return number < 0 ? std::string_view()
                      : std::string_view(groups[number].data(), groups[number].size());
  };
  ExpandReferences(replacement, group, &expanded);
  *out = std::move(expanded);
  return true;
}

const std::string& AnchoredRegex::pattern() const { return program_->pattern; }
const std::vector<PatternStart>& AnchoredRegex::starts() const { return program_->starts; }

}  // namespace tidemark
