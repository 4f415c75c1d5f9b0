#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tidemark {

// How texts begin that match a regular expression, and what may follow there.
struct PatternStart {
  enum class Rest {
    kNothing,    // `text` is the whole
    kSomething,  // anything but nothing, as after `text.+`
    kAnything,   // as after `text.*`
    kUnknown,    // ask the expression
  };
  std::string text;
  Rest rest = Rest::kNothing;
  friend bool operator==(const PatternStart&, const PatternStart&) = default;
};

// Every text that matches `pattern` as a whole, and where no rest is unknown no other text, is one
// of these. Sorted by `text`, none among what another one stands for; so only the last one that is
// not greater than a text can be its start. `pattern` is one that RE2 accepts, read with `.`
// matching newlines. What the reader of patterns does not understand gives one unknown rest of an
// empty text. Takes apart literals, groups, alternatives, small classes and `?`, after the set
// matchers of Prometheus's model/labels/regexp.go.
std::vector<PatternStart> PatternStarts(std::string_view pattern);

// The one of `starts` that may be that of `text`; null where there is none.
const PatternStart* FindStart(const std::vector<PatternStart>& starts, std::string_view text);

}  // namespace tidemark
