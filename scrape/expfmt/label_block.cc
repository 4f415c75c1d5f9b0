#include "scrape/expfmt/label_block.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/labels/label_set.h"
#include "scrape/expfmt/byte_scan.h"

namespace tidemark::scrape {
namespace {

constexpr size_t kFewLabels = 32;
constexpr size_t kMaxQuoted = 80;  // bytes of a page that an error repeats

// Undoes the escapes \\ \" and \n; any other backslash is itself.
std::string Unescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (text[i] != '\\' || (next != '\\' && next != '"' && next != 'n')) {
      out.push_back(text[i]);
    } else {
      out.push_back(next == 'n' ? '\n' : next);
      ++i;
    }
  }
  return out;
}

// Reads one block; each step says false after an error, which is then set.
class LabelBlockReader {
 public:
  LabelBlockReader(std::string_view series, ExpositionLabels& labels, LabelBlockError* error)
      : at_(series.data()), end_(at_ + series.size()), labels_(labels), error_(error) {}

  bool Read() {
    labels_.clear();
    labels_.emplace_back(kMetricName, "");
    if (!At('{')) ReadBareName();
    SkipBlanks();
    if (at_ != end_ && !ReadBraces()) return false;
    if (at_ != end_) return Fail("unexpected text after the labels");
    if (labels_.front().second.empty()) return Fail("metric name not set");
    return NamesAreUnique();
  }

 private:
  bool At(char c) const { return at_ != end_ && *at_ == c; }
  void SkipBlanks() {
    while (At(' ') || At('\t')) ++at_;
  }
  bool Fail(std::string_view reason) {
    *error_ = {reason, at_};
    return false;
  }
  std::string_view From(const char* begin) const {
    return {begin, static_cast<size_t>(at_ - begin)};
  }

  void ReadBareName() {
    const char* const begin = at_;
    at_ = FindFirst<OutsideName>(at_, end_);
    labels_.front().second = From(begin);
  }

  bool ReadBraces() {
    if (!At('{')) return Fail("expected label name");
    ++at_;
    SkipBlanks();
    while (!At('}')) {
      if (!ReadItem()) return false;
    }
    ++at_;
    return true;
  }

  // `name="value"`, `"name"="value"` or the metric's `"name"`, and a comma where there is one.
  bool ReadItem() {
    const bool quoted = At('"');
    std::string name;
    if (quoted ? !ReadQuoted(&name, "expected label name") : !ReadLabelName(&name)) return false;
    SkipBlanks();
    if (quoted && (At(',') || At('}'))) {
      if (!labels_.front().second.empty()) return Fail("metric name already set");
      if (name.empty()) return Fail("empty metric name");
      labels_.front().second = std::move(name);
    } else {
      if (!At('=')) return Fail("expected equal");
      if (name.empty()) return Fail("empty label name");
      ++at_;
      SkipBlanks();
      std::string value;
      if (!ReadQuoted(&value, "expected label value")) return false;
      labels_.emplace_back(std::move(name), std::move(value));
      SkipBlanks();
    }
    if (At(',')) ++at_;
    SkipBlanks();
    return true;
  }

  bool ReadLabelName(std::string* name) {
    const char* const begin = at_;
    while (at_ != end_ && *at_ != ':' && !OutsideName::Has(*at_)) ++at_;
    *name = From(begin);
    if (IsLegacyLabelName(*name)) return true;
    at_ = begin;
    return Fail("expected label name");
  }

  bool ReadQuoted(std::string* text, std::string_view what) {
    const char* const after = At('"') ? SkipQuoted(at_, end_) : nullptr;
    if (after == nullptr) return Fail(what);
    const std::string_view raw(at_ + 1, static_cast<size_t>(after - at_ - 2));
    if (!IsValidUtf8(raw)) return Fail("invalid UTF-8");
    *text = Unescape(raw);
    at_ = after;
    return true;
  }

  // Most series have few labels, for which comparing all pairs is quickest.
  bool NamesAreUnique() {
    if (labels_.size() > kFewLabels) return SortedNamesAreUnique();
    for (auto a = labels_.begin(); a != labels_.end(); ++a) {
      const auto same = [&](const auto& b) { return a->first == b.first; };
      if (std::any_of(labels_.begin(), a, same)) return Fail("label name is not unique");
    }
    return true;
  }

  bool SortedNamesAreUnique() {
    std::vector<std::string_view> names;
    names.reserve(labels_.size());
    for (const auto& label : labels_) names.push_back(label.first);
    std::sort(names.begin(), names.end());
    if (std::adjacent_find(names.begin(), names.end()) == names.end()) return true;
    return Fail("label name is not unique");
  }

  const char* at_;
  const char* const end_;
  ExpositionLabels& labels_;
  LabelBlockError* const error_;
};

}  // namespace

const char* SkipQuoted(const char* quote, const char* end) {
  const char* at = quote + 1;
  while (true) {
    at = FindFirst<AnyOf<'"', '\\'>>(at, end);
    if (at == end) return nullptr;
    if (*at == '"') return at + 1;
    if (++at == end || *at == '\n') return nullptr;
    ++at;
  }
}

const char* SkipBraces(const char* brace, const char* end, LabelBlockError* error) {
  const char* at = brace + 1;
  while (true) {
    at = FindFirst<AnyOf<'"', '}', '\n'>>(at, end);
    if (at == end || *at == '\n') {
      *error = {"expected label name", at};
      return nullptr;
    }
    if (*at == '}') return at + 1;
    const char* const quote = at;
    at = SkipQuoted(quote, end);
    if (at == nullptr) {
      *error = {"expected label value", quote};
      return nullptr;
    }
  }
}

bool ReadLabelBlock(std::string_view series, ExpositionLabels& labels, LabelBlockError* error) {
  return LabelBlockReader(series, labels, error).Read();
}

std::string Quoted(std::string_view text) {
  std::string quoted;
  AppendQuoted(text.substr(0, kMaxQuoted), &quoted);
  return quoted;
}

}  // namespace tidemark::scrape
