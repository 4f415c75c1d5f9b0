#include "base/labels/label_set.h"

#include <algorithm>

#include "base/io/hash.h"
#include "base/io/varint.h"

namespace tidemark {
namespace {

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool Contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

auto LowerBound(auto& labels, std::string_view name) {
  return std::lower_bound(labels.begin(), labels.end(), name,
                          [](const auto& label, std::string_view n) { return label.first < n; });
}

// The one writer of the encoding that label_set.h describes.
void AppendPair(std::string_view name, std::string_view value, std::string* bytes) {
  AppendLengthPrefixed(name, bytes);
  AppendLengthPrefixed(value, bytes);
}

// The pairs whose name `keep` lets through, copied as they stand.
template <typename Keep>
LabelSet Filtered(std::string_view encoded, Keep keep) {
  std::string bytes;
  const char* at = encoded.data();
  for (const LabelView& label : EncodedLabels(encoded)) {
    const char* const end = label.value.data() + label.value.size();
    if (keep(label.name)) bytes.append(at, end);
    at = end;
  }
  return LabelSet::FromKnownBytes(bytes);
}

}  // namespace

void LabelSet::Iterator::Advance() {
  if (rest_.empty()) {
    current_ = {};
    return;
  }
  // The encoding is whole: there is no other way into a set. Most lengths take one byte.
  const auto take = [this]() -> std::string_view {
    const auto length = static_cast<uint8_t>(rest_.front());
    if (length >= 0x80) return *ConsumeLengthPrefixed(rest_);
    const std::string_view text(rest_.data() + 1, length);
    rest_.remove_prefix(size_t{1} + length);
    return text;
  };
  current_.name = take();
  current_.value = take();
}

LabelSet::LabelSet(std::initializer_list<std::pair<std::string_view, std::string_view>> labels) {
  LabelSetBuilder builder;
  for (const auto& [name, value] : labels) builder.Set(name, value);
  *this = builder.Build();
}

absl::StatusOr<LabelSet> LabelSet::FromBytes(std::string bytes) {
  std::string_view rest = bytes;
  std::string_view previous;
  for (bool first = true; !rest.empty(); first = false) {
    const auto name = ConsumeLengthPrefixed(rest);
    const auto value = name ? ConsumeLengthPrefixed(rest) : std::nullopt;
    if (!value || value->empty() || (!first && *name <= previous)) {
      return absl::DataLossError("label set encoding is damaged");
    }
    previous = *name;
  }
  LabelSet labels;
  labels.bytes_ = std::move(bytes);
  return labels;
}

size_t LabelSet::size() const {
  size_t count = 0;
  for ([[maybe_unused]] const LabelView& label : *this) ++count;
  return count;
}

std::string_view LabelSet::Get(std::string_view name) const {
  for (const LabelView& label : *this) {
    if (label.name >= name) return label.name == name ? label.value : std::string_view();
  }
  return {};
}

uint64_t LabelSet::StableHash() const { return StableHash64(bytes_); }

std::string LabelSet::ToString() const {
  std::string text;
  std::string_view name = metric_name();
  const bool bare_name = IsLegacyMetricName(name);
  if (bare_name) text.append(name);
  if (bare_name && size() == 1) return text;

  text.push_back('{');
  bool first = true;
  const auto separate = [&] {
    if (!first) text.append(", ");
    first = false;
  };
  if (!bare_name && !name.empty()) {
    separate();
    AppendQuoted(name, &text);
  }
  for (const LabelView& label : *this) {
    if (label.name == kMetricName) continue;
    separate();
    if (IsLegacyLabelName(label.name)) {
      text.append(label.name);
    } else {
      AppendQuoted(label.name, &text);
    }
    text.push_back('=');
    AppendQuoted(label.value, &text);
  }
  text.push_back('}');
  return text;
}

std::strong_ordering CompareEncodedLabels(std::string_view a, std::string_view b) {
  LabelSet::Iterator left(a), right(b);
  const LabelSet::Iterator end;
  for (; left != end && right != end; ++left, ++right) {
    if (const int c = left->name.compare(right->name); c != 0) return c <=> 0;
    if (const int c = left->value.compare(right->value); c != 0) return c <=> 0;
  }
  return (left != end) <=> (right != end);
}

std::strong_ordering operator<=>(const LabelSet& a, const LabelSet& b) {
  return CompareEncodedLabels(a.bytes_, b.bytes_);
}

void LabelSetBuilder::Reset(const LabelSet& base) {
  labels_.clear();
  for (const LabelView& label : base) labels_.emplace_back(label.name, label.value);
}

void LabelSetBuilder::Set(std::string_view name, std::string_view value) {
  const auto it = LowerBound(labels_, name);
  const bool found = it != labels_.end() && it->first == name;
  if (value.empty()) {
    if (found) labels_.erase(it);
  } else if (found) {
    it->second = value;
  } else {
    labels_.emplace(it, name, value);
  }
}

std::string_view LabelSetBuilder::Get(std::string_view name) const {
  const auto it = LowerBound(labels_, name);
  return it != labels_.end() && it->first == name ? std::string_view(it->second) : "";
}

LabelSet LabelSetBuilder::Build() const {
  LabelSet labels;
  for (const auto& [name, value] : labels_) AppendPair(name, value, &labels.bytes_);
  return labels;
}

LabelSet KeepLabels(const LabelSet& labels, const std::vector<std::string>& names) {
  return KeepLabels(labels.bytes(), names);
}

LabelSet KeepLabels(std::string_view encoded, const std::vector<std::string>& names) {
  if (names.empty()) return LabelSet();
  return Filtered(encoded, [&](std::string_view name) { return Contains(names, name); });
}

LabelSet DropLabels(const LabelSet& labels, const std::vector<std::string>& names) {
  return Filtered(labels.bytes(), [&](std::string_view name) { return !Contains(names, name); });
}

LabelSet DropMetricName(const LabelSet& labels) {
  return Filtered(labels.bytes(), [](std::string_view name) { return name != kMetricName; });
}

bool IsLegacyLabelName(std::string_view name) {
  if (name.empty() || !IsLetter(name[0])) return false;
  return std::all_of(name.begin(), name.end(), [](char c) { return IsLetter(c) || IsDigit(c); });
}

bool IsLegacyMetricName(std::string_view name) {
  if (name.empty() || IsDigit(name[0])) return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return IsLetter(c) || IsDigit(c) || c == ':'; });
}

bool IsValidUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<uint8_t>(text[i]);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
    if (length == 0 || lead > 0xf4 || i + length > text.size()) return false;
    uint32_t code_point = lead & (0x7f >> length);
    for (size_t k = 1; k < length; ++k) {
      const auto next = static_cast<uint8_t>(text[i + k]);
      if ((next & 0xc0) != 0x80) return false;
      code_point = code_point << 6 | (next & 0x3f);
    }
    const bool surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
    const bool overlong =
        (length == 3 && code_point < 0x800) || (length == 4 && code_point < 0x10000);
    if (surrogate || overlong || code_point > 0x10ffff) return false;
    i += length;
  }
  return true;
}

void AppendQuoted(std::string_view text, std::string* out) {
  static constexpr char kHex[] = "0123456789abcdef";
  const bool utf8 = IsValidUtf8(text);
  out->push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    switch (c) {
      case '"':
        out->append("\\\"");
        break;
      case '\\':
        out->append("\\\\");
        break;
      case '\n':
        out->append("\\n");
        break;
      case '\r':
        out->append("\\r");
        break;
      case '\t':
        out->append("\\t");
        break;
      case '\a':
        out->append("\\a");
        break;
      case '\b':
        out->append("\\b");
        break;
      case '\f':
        out->append("\\f");
        break;
      case '\v':
        out->append("\\v");
        break;
      default:
        if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !utf8)) {
          out->append({'\\', 'x', kHex[byte >> 4], kHex[byte & 15]});
        } else {
          out->push_back(c);
        }
    }
  }
  out->push_back('"');
}

}  // namespace tidemark
