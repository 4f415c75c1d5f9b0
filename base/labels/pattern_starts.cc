#include "base/labels/pattern_starts.h"

#include <algorithm>
#include <utility>

namespace tidemark {
namespace {

using Rest = PatternStart::Rest;
using Starts = std::vector<PatternStart>;

// Bounds of what is taken apart: starts that one concatenation makes, characters of a class, groups
// inside each other.
constexpr size_t kMaxProduct = 256;
constexpr size_t kMaxClass = 16;
constexpr int kMaxDepth = 50;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsAscii(char c) { return static_cast<unsigned char>(c) < 0x80; }
bool IsPunctuation(char c) {
  return c > ' ' && c < 0x7f && !IsDigit(c) && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z');
}

Starts Unknown() { return {{"", Rest::kUnknown}}; }
Starts Exactly(std::string_view text) { return {{std::string(text), Rest::kNothing}}; }

// What follows `left`, whose rest is not nothing, when `right` comes after it.
Rest RestBefore(Rest left, const Starts& right) {
  const bool any = right.size() == 1 && right[0].text.empty() &&
                   (right[0].rest == Rest::kNothing || right[0].rest == Rest::kAnything);
  return any ? left : Rest::kUnknown;
}

Starts Concatenated(Starts left, const Starts& right) {
  const bool too_many = left.size() * right.size() > kMaxProduct;
  Starts both;
  for (PatternStart& l : left) {
    if (l.rest != Rest::kNothing) {
      both.push_back({std::move(l.text), RestBefore(l.rest, right)});
    } else if (too_many) {
      both.push_back({std::move(l.text), Rest::kUnknown});
    } else {
      for (const PatternStart& r : right) both.push_back({l.text + r.text, r.rest});
    }
  }
  return both;
}

// Recursive descent over RE2's syntax. Once something is not understood, `gave_up_` makes all
// results void.
class Reader {
 public:
  explicit Reader(std::string_view pattern) : rest_(pattern) {}

  Starts Read() {
    Starts starts = Alternatives();
    return gave_up_ || !rest_.empty() ? Unknown() : starts;
  }

 private:
  // The repetition after an atom; `least` is how often at least.
  struct Repetition {
    enum class Kind { kNone, kOptional, kUnbounded, kCounted } kind = Kind::kNone;
    int least = 1;
  };

  bool AtEnd() const { return gave_up_ || rest_.empty(); }
  bool Consume(std::string_view token) {
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  Starts GiveUp() {
    gave_up_ = true;
    return Unknown();
  }

  Starts Alternatives() {
    Starts all = Concatenation();
    while (Consume("|")) {
      Starts more = Concatenation();
      std::move(more.begin(), more.end(), std::back_inserter(all));
    }
    return all;
  }

  Starts Concatenation() {
    // At the ends of the whole text these say what is so anyway; elsewhere they are rare.
    if (depth_ == 0) Consume("^");
    Starts starts = Exactly("");
    while (!AtEnd() && rest_[0] != '|' && rest_[0] != ')') {
      if (depth_ == 0 && (rest_ == "$" || rest_.starts_with("$|"))) {
        rest_.remove_prefix(1);
        break;
      }
      starts = Concatenated(std::move(starts), Repeated());
    }
    return starts;
  }

  Starts Repeated() {
    const bool dot = rest_[0] == '.';
    Starts atom = Atom();
    const Repetition repetition = ConsumeRepetition();
    switch (repetition.kind) {
      case Repetition::Kind::kNone:
        return atom;
      case Repetition::Kind::kOptional:
        atom.push_back({"", Rest::kNothing});
        return dot ? Unknown() : atom;
      case Repetition::Kind::kUnbounded:
        if (dot) return {{"", repetition.least == 0 ? Rest::kAnything : Rest::kSomething}};
        break;
      case Repetition::Kind::kCounted:
        break;
    }
    if (repetition.least == 0) return Unknown();
    for (PatternStart& start : atom) start.rest = Rest::kUnknown;
    return atom;
  }

  Repetition ConsumeRepetition() {
    Repetition repetition;
    if (Consume("*")) {
      repetition = {Repetition::Kind::kUnbounded, 0};
    } else if (Consume("+")) {
      repetition = {Repetition::Kind::kUnbounded, 1};
    } else if (Consume("?")) {
      repetition = {Repetition::Kind::kOptional, 0};
    } else if (ConsumeCount(&repetition.least)) {
      repetition.kind = Repetition::Kind::kCounted;
    } else {
      return repetition;
    }
    Consume("?");  // prefers the shorter one, which does not change what matches
    if (!rest_.empty() && std::string_view("*+?{").find(rest_[0]) != std::string_view::npos) {
      GiveUp();
    }
    return repetition;
  }

  // {2} {2,} {2,3}; all else is no repetition.
  bool ConsumeCount(int* least) {
    size_t at = 1, commas = 0;
    if (!rest_.starts_with('{') || rest_.size() < 3 || !IsDigit(rest_[1])) return false;
    while (at < rest_.size() && (IsDigit(rest_[at]) || rest_[at] == ',')) {
      commas += rest_[at++] == ',';
    }
    if (at == rest_.size() || rest_[at] != '}' || commas > 1) return false;
    *least = rest_.find_first_of("123456789") < rest_.find_first_of(",}") ? 1 : 0;
    rest_.remove_prefix(at + 1);
    return true;
  }

  Starts Atom() {
    switch (rest_[0]) {
      case '(':
        return Group();
      case '[':
        return Class();
      case '\\':
        return Escape();
      case '.':
        rest_.remove_prefix(1);
        return Unknown();
      case '^':
      case '$':
      case '*':
      case '+':
      case '?':
      case '{':
        return GiveUp();
      default:
        return Exactly(ConsumeCharacter());
    }
  }

  std::string_view ConsumeCharacter() {
    size_t length = 1;
    while (length < rest_.size() && (static_cast<unsigned char>(rest_[length]) & 0xc0) == 0x80) {
      ++length;
    }
    const std::string_view character = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return character;
  }

  Starts Group() {
    if (!Consume("(?:")) {
      Consume("(");
      if (Consume("?P<") || Consume("?<")) {
        const size_t end = rest_.find('>');
        if (end == std::string_view::npos) return GiveUp();
        rest_.remove_prefix(end + 1);
      }
      if (rest_.starts_with('?')) return GiveUp();  // flags
    }
    if (++depth_ > kMaxDepth) return GiveUp();
    Starts starts = Alternatives();
    --depth_;
    return Consume(")") ? starts : GiveUp();
  }

  Starts Escape() {
    if (rest_.size() < 2) return GiveUp();
    const char c = rest_[1];
    rest_.remove_prefix(2);
    if (std::string_view("dDwWsS").find(c) != std::string_view::npos) return Unknown();
    return IsPunctuation(c) && c != '_' ? Exactly({&c, 1}) : GiveUp();
  }

  // The characters of [abc0-9]; nothing is known of longer ones, of those that are turned round
  // and of those with more than single characters in them.
  Starts Class() {
    rest_.remove_prefix(1);
    bool known = !Consume("^");
    std::string characters;
    for (bool first = true; first || !rest_.starts_with(']'); first = false) {
      if (rest_.empty() || rest_.starts_with("[:") || rest_[0] == '\\') return GiveUp();
      const char low = rest_[0];
      rest_.remove_prefix(1);
      char high = low;
      if (rest_.size() >= 2 && rest_[0] == '-' && rest_[1] != ']') {
        high = rest_[1];
        if (high == '\\' || high == '[') return GiveUp();
        rest_.remove_prefix(2);
      }
      known = known && IsAscii(low) && IsAscii(high) &&
              characters.size() + static_cast<size_t>(high - low) < kMaxClass;
      for (int c = low; known && c <= high; ++c) characters.push_back(static_cast<char>(c));
    }
    rest_.remove_prefix(1);
    if (!known) return Unknown();
    Starts starts;
    for (const char& c : characters) starts.push_back({std::string(1, c), Rest::kNothing});
    return starts;
  }

  std::string_view rest_;
  int depth_ = 0;
  bool gave_up_ = false;
};

// What follows a text that has both rests.
Rest Either(Rest a, Rest b) {
  if (a == b) return a;
  if (a == Rest::kAnything || b == Rest::kAnything) return Rest::kAnything;
  if (a == Rest::kUnknown || b == Rest::kUnknown) return Rest::kUnknown;
  return Rest::kAnything;  // nothing or something
}

// Sorts them and drops those that others stand for.
Starts Disjoint(Starts starts) {
  std::sort(starts.begin(), starts.end(),
            [](const PatternStart& a, const PatternStart& b) { return a.text < b.text; });
  Starts kept;
  size_t range = 0;  // one more than the place of the last that is not exact
  for (PatternStart& start : starts) {
    if (!kept.empty() && kept.back().text == start.text) {
      kept.back().rest = Either(kept.back().rest, start.rest);
    } else if (range == 0 || !start.text.starts_with(kept[range - 1].text)) {
      kept.push_back(std::move(start));
    }
    if (kept.back().rest != Rest::kNothing) range = kept.size();
  }
  return kept;
}

}  // namespace

std::vector<PatternStart> PatternStarts(std::string_view pattern) {
  return Disjoint(Reader(pattern).Read());
}

const PatternStart* FindStart(const std::vector<PatternStart>& starts, std::string_view text) {
  const auto after = std::upper_bound(
      starts.begin(), starts.end(), text,
      [](std::string_view t, const PatternStart& start) { return t < start.text; });
  if (after == starts.begin()) return nullptr;
  const PatternStart& start = *(after - 1);
  if (!text.starts_with(start.text)) return nullptr;
  const bool more = text.size() > start.text.size();
  if (start.rest == Rest::kNothing && more) return nullptr;
  if (start.rest == Rest::kSomething && !more) return nullptr;
  return &start;
}

}  // namespace tidemark
