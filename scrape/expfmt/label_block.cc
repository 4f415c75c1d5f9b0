#include "scrape/expfmt/label_block.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/labels/label_set.h"
#include "base/strings.h"
#include "scrape/expfmt/byte_scan.h"

namespace tidemark::scrape {
namespace {

constexpr size_t kFewLabels = 32;
constexpr size_t kMaxQuoted = 80;  // bytes of a page that an error repeats

constexpr std::string_view kEscapedInQuotes = "\\\"n";

// What stands between two commas, escapes and all: `name="value"`, `"name"="value"`, or the
// metric's `"name"`.
struct LabelItem {
  std::string_view name, value;
  bool is_metric_name = false;
};

// Reads what is between braces, item by item.
class LabelItemReader {
 public:
  // `at` is behind the opening brace.
  LabelItemReader(const char* at, const char* end, LabelSyntax syntax, LabelBlockError* error)
      : at_(at), end_(end), strict_(syntax == LabelSyntax::kOpenMetrics), error_(error) {
    SkipBlanks();
  }

  // False at the closing brace, which is then behind at(), and after an error.
  bool Next(LabelItem* item) {
    if (!At('}')) return ReadItem(item);
    ++at_;
    return false;
  }

  // Sets the error. False.
  bool Fail(std::string_view reason) {
    *error_ = {reason, at_};
    failed_ = true;
    return false;
  }
  bool failed() const { return failed_; }
  const char* at() const { return at_; }

 private:
  bool At(char c) const { return at_ != end_ && *at_ == c; }
  void SkipBlanks() {
    while (!strict_ && (At(' ') || At('\t'))) ++at_;
  }

  bool ReadItem(LabelItem* item) {
    const bool quoted = At('"');
    item->value = {};
    if (quoted ? !ReadQuoted("expected label name", &item->name) : !ReadLabelName(&item->name)) {
      return false;
    }
    SkipBlanks();
    item->is_metric_name = quoted && (At(',') || At('}'));
    if (!item->is_metric_name) {
      if (!At('=')) return Fail("expected equal");
      if (item->name.empty()) return Fail("empty label name");
      ++at_;
      SkipBlanks();
      if (!ReadQuoted("expected label value", &item->value)) return false;
      SkipBlanks();
    }
    if (strict_ && !At(',') && !At('}')) return Fail("expected comma or brace close");
    if (At(',')) ++at_;
    SkipBlanks();
    return true;
  }

  bool ReadLabelName(std::string_view* name) {
    const char* const begin = at_;
    while (at_ != end_ && *at_ != ':' && !OutsideName::Has(*at_)) ++at_;
    *name = Between(begin, at_);
    if (IsLegacyLabelName(*name)) return true;
    at_ = begin;
    return Fail("expected label name");
  }

  bool ReadQuoted(std::string_view what, std::string_view* text) {
    const char* const after = At('"') ? SkipQuoted(at_, end_) : nullptr;
    if (after == nullptr) return Fail(what);
    *text = Between(at_ + 1, after - 1);
    if (strict_ && text->find('\n') != std::string_view::npos) return Fail(what);
    const bool ascii = FindFirst<NotAscii>(at_, after) == after;
    if (!ascii && !IsValidUtf8(*text)) return Fail("invalid UTF-8");
    at_ = after;
    return true;
  }

  const char* at_;
  const char* const end_;
  const bool strict_;
  bool failed_ = false;
  LabelBlockError* const error_;
};

// Most series have few labels, for which comparing all pairs is quickest.
bool NamesAreUnique(const ExpositionLabels& labels) {
  if (labels.size() <= kFewLabels) {
    for (auto a = labels.begin(); a != labels.end(); ++a) {
      const auto same = [&](const auto& b) { return a->first == b.first; };
      if (std::any_of(labels.begin(), a, same)) return false;
    }
    return true;
  }
  std::vector<std::string_view> names;
  names.reserve(labels.size());
  for (const auto& label : labels) names.push_back(label.first);
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) == names.end();
}

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

bool ReadLabelBlock(std::string_view series, LabelSyntax syntax, ExpositionLabels& labels,
                    LabelBlockError* error) {
  const char* const end = series.data() + series.size();
  const char* at = FindFirst<OutsideName>(series.data(), end);
  labels.clear();
  labels.emplace_back(kMetricName, Between(series.data(), at));
  const auto fail = [&](std::string_view reason) {
    *error = {reason, at};
    return false;
  };

  while (at != end && (*at == ' ' || *at == '\t')) ++at;
  if (at != end) {
    if (*at != '{') return fail("expected label name");
    LabelItemReader items(at + 1, end, syntax, error);
    for (LabelItem item; items.Next(&item);) {
      std::string& metric = labels.front().second;
      if (!item.is_metric_name) {
        labels.emplace_back(Unescape(item.name, kEscapedInQuotes),
                            Unescape(item.value, kEscapedInQuotes));
      } else if (!metric.empty()) {
        return items.Fail("metric name already set");
      } else if (item.name.empty()) {
        return items.Fail("empty metric name");
      } else {
        metric = Unescape(item.name, kEscapedInQuotes);
      }
    }
    if (items.failed()) return false;
    at = items.at();
  }
  if (at != end) return fail("unexpected text after the labels");
  if (labels.front().second.empty()) return fail("metric name not set");
  return NamesAreUnique(labels) || fail("label name is not unique");
}

bool SplitSeries(std::string_view series, std::string_view skipped, std::string_view* name,
                 std::string* labels) {
  const char* const end = series.data() + series.size();
  const char* at = FindFirst<OutsideName>(series.data(), end);
  *name = Between(series.data(), at);
  labels->clear();
  if (at == end) return !name->empty();
  if (*at != '{') return false;
  LabelBlockError error;
  LabelItemReader items(at + 1, end, LabelSyntax::kOpenMetrics, &error);
  for (LabelItem item; items.Next(&item);) {
    if (item.is_metric_name) {
      *name = item.name;
    } else if (item.name != skipped) {
      StrAppend(labels, item.name, "=\"", item.value, "\",");
    }
  }
  return !items.failed() && !name->empty();
}

const char* SkipExemplarLabels(const char* brace, const char* end, LabelBlockError* error) {
  LabelItemReader items(brace + 1, end, LabelSyntax::kOpenMetrics, error);
  for (LabelItem item; items.Next(&item);) {
    if (!item.is_metric_name) continue;
    items.Fail("expected label name");
    break;
  }
  return items.failed() ? nullptr : items.at();
}

LabelSet ReadExemplarLabels(std::string_view labels) {
  LabelSetBuilder builder;
  LabelBlockError error;
  LabelItemReader items(labels.data() + 1, labels.data() + labels.size(), LabelSyntax::kOpenMetrics,
                        &error);
  for (LabelItem item; items.Next(&item);) {
    builder.Set(Unescape(item.name, kEscapedInQuotes), Unescape(item.value, kEscapedInQuotes));
  }
  return builder.Build();
}

std::string Unescape(std::string_view text, std::string_view escaped) {
  if (text.find('\\') == std::string_view::npos) return std::string(text);
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const bool is_escape = text[i] == '\\' && i + 1 < text.size() &&
                           escaped.find(text[i + 1]) != std::string_view::npos;
    if (is_escape) ++i;
    out.push_back(is_escape && text[i] == 'n' ? '\n' : text[i]);
  }
  return out;
}

std::string Quoted(std::string_view text) {
  std::string quoted;
  AppendQuoted(text.substr(0, kMaxQuoted), &quoted);
  return quoted;
}

}  // namespace tidemark::scrape
