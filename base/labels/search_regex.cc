#include "base/labels/search_regex.h"

#include <charconv>
#include <vector>

#include <re2/re2.h>

#include "base/labels/regex_references.h"
#include "base/strings.h"

namespace tidemark {

struct SearchRegex::Program {
  explicit Program(std::string_view pattern)
      : re2(re2::StringPiece(pattern.data(), pattern.size()), Options()) {}
  static re2::RE2::Options Options() {
    re2::RE2::Options options;
    options.set_log_errors(false);
    return options;
  }
  re2::RE2 re2;
};

namespace {

using Groups = std::vector<re2::StringPiece>;

std::string_view GroupText(const re2::RE2& re2, const Groups& groups, std::string_view name) {
  size_t number = groups.size();
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size()) {
    const auto it = re2.NamedCapturingGroups().find(std::string(name));
    if (it == re2.NamedCapturingGroups().end()) return {};
    number = it->second;
  }
  if (number >= groups.size() || groups[number].data() == nullptr) return {};
  return {groups[number].data(), groups[number].size()};
}

// Bytes of the UTF-8 character at the front of `text`, at least one.
size_t CharacterBytes(std::string_view text) {
  size_t n = 1;
  while (n < text.size() && (static_cast<unsigned char>(text[n]) & 0xC0) == 0x80) ++n;
  return n;
}

}  // namespace

absl::StatusOr<SearchRegex> SearchRegex::Create(std::string_view pattern) {
  auto program = std::make_shared<const Program>(pattern);
  if (!program->re2.ok()) {
    return absl::InvalidArgumentError(
        StrCat("error parsing regexp: ", program->re2.error(), ": \"", pattern, "\""));
  }
  return SearchRegex(std::move(program));
}

bool SearchRegex::Matches(std::string_view text) const {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), program_->re2);
}

std::string SearchRegex::ReplaceAll(std::string_view text, std::string_view replacement) const {
  const re2::RE2& re2 = program_->re2;
  const re2::StringPiece input(text.data(), text.size());
  Groups groups(1 + re2.NumberOfCapturingGroups());
  const auto group = [&](std::string_view name) { return GroupText(re2, groups, name); };

  std::string out;
  size_t copied = 0;      // of `text`, what is in `out` or replaced
  bool replaced = false;  // whether a match ended at `copied`
  for (size_t from = 0;
       from <= text.size() && re2.Match(input, from, input.size(), re2::RE2::UNANCHORED,
                                        groups.data(), static_cast<int>(groups.size()));) {
    const size_t begin = groups[0].data() - text.data();
    const size_t end = begin + groups[0].size();
    // Go's rule: an empty match right behind another match does not count.
    if (begin != end || begin != copied || !replaced) {
      out.append(text.substr(copied, begin - copied));
      ExpandReferences(replacement, group, &out);
      copied = end;
      replaced = true;
    }
    from = begin != end ? end : end + (end < text.size() ? CharacterBytes(text.substr(end)) : 1);
  }
  out.append(text.substr(copied));
  return out;
}

}  // namespace tidemark
