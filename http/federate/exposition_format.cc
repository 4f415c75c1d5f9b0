#include "http/federate/exposition_format.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "base/labels/label_set.h"
#include "base/strings.h"

namespace tidemark::http {
namespace {

constexpr std::string_view kTextType = "text/plain", kTextVersion = "0.0.4";
constexpr std::string_view kProtobufType = "application/vnd.google.protobuf",
                           kProtobufMessage = "io.prometheus.client.MetricFamily",
                           kProtobufEncoding = "delimited";
constexpr std::pair<std::string_view, NameEscaping> kEscapings[] = {
    {"allow-utf-8", NameEscaping::kNone},
    {"underscores", NameEscaping::kUnderscores},
    {"dots", NameEscaping::kDots},
    {"values", NameEscaping::kValues},
};

// One of the types that an Accept header names.
struct AcceptedType {
  std::string_view type, version, message, encoding, escaping;
  double weight = 1;
};

std::string_view Stripped(absl::string_view text) {
  return ToStd(absl::StripAsciiWhitespace(text));
}

AcceptedType ParseType(absl::string_view text) {
  AcceptedType accepted;
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ';');
  accepted.type = Stripped(parts[0]);
  for (size_t i = 1; i < parts.size(); ++i) {
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(parts[i], absl::MaxSplits('=', 1));
    const std::string_view name = Stripped(pair.first), value = Stripped(pair.second);
    if (name == "q" && !absl::SimpleAtod(ToAbsl(value), &accepted.weight)) accepted.weight = 0;
    if (name == "version") accepted.version = value;
    if (name == "proto") accepted.message = value;
    if (name == "encoding") accepted.encoding = value;
    if (name == "escaping") accepted.escaping = value;
  }
  return accepted;
}

std::optional<ExpositionFormat::Type> OwnType(const AcceptedType& accepted) {
  if (accepted.type == kProtobufType && accepted.message == kProtobufMessage &&
      accepted.encoding == kProtobufEncoding) {
    return ExpositionFormat::Type::kProtobuf;
  }
  const bool known_version = accepted.version.empty() || accepted.version == kTextVersion;
  if (accepted.type == kTextType && known_version) return ExpositionFormat::Type::kText;
  return std::nullopt;
}

// A character of UTF-8 at `at` in `name`, which it moves past it; U+FFFD for what is none.
uint32_t NextCharacter(std::string_view name, size_t& at) {
  constexpr uint32_t kReplacement = 0xfffd;
  const auto lead = static_cast<uint8_t>(name[at++]);
  if (lead < 0x80) return lead;
  const int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
  if (more == 0) return kReplacement;
  uint32_t character = lead & (0x3f >> more);
  for (int i = 0; i < more; ++i) {
    if (at == name.size() || (static_cast<uint8_t>(name[at]) & 0xc0) != 0x80) return kReplacement;
    character = character << 6 | (static_cast<uint8_t>(name[at++]) & 0x3f);
  }
  return character;
}

void AppendEscaped(uint32_t character, NameEscaping escaping, std::string* out) {
  switch (escaping) {
    case NameEscaping::kNone:
    case NameEscaping::kUnderscores:
      out->push_back('_');
      break;
    case NameEscaping::kDots:
      out->append(character == '.' ? "_dot_" : "__");
      break;
    case NameEscaping::kValues:
      absl::StrAppend(out, "_", absl::Hex(character), "_");
  }
}

}  // namespace

std::string EscapeName(std::string_view name, NameEscaping escaping) {
  if (escaping == NameEscaping::kNone || IsLegacyMetricName(name)) return std::string(name);
  std::string escaped = escaping == NameEscaping::kValues ? "U__" : "";
  for (size_t at = 0; at < name.size();) {
    const size_t begin = at;
    const uint32_t c = NextCharacter(name, at);
    const bool allowed = (c < 0x80 && absl::ascii_isalpha(static_cast<unsigned char>(c))) ||
                         c == '_' || c == ':' || (c >= '0' && c <= '9' && begin > 0);
    if (c == '_' && escaping != NameEscaping::kUnderscores) {
      escaped.append("__");
    } else if (allowed) {
      escaped.push_back(static_cast<char>(c));
    } else {
      AppendEscaped(c, escaping, &escaped);
    }
  }
  return escaped;
}

ExpositionFormat ExpositionFormat::Negotiate(std::string_view accept) {
  std::vector<AcceptedType> types;
  for (const absl::string_view text : absl::StrSplit(ToAbsl(accept), ',')) {
    types.push_back(ParseType(text));
  }
  std::stable_sort(types.begin(), types.end(), [](const AcceptedType& a, const AcceptedType& b) {
    return a.weight > b.weight;
  });
  ExpositionFormat format;
  for (const AcceptedType& accepted : types) {
    for (const auto& [name, escaping] : kEscapings) {
      if (accepted.escaping == name) format.escaping = escaping;
    }
    if (const std::optional<Type> type = OwnType(accepted)) {
      format.type = *type;
      break;
    }
  }
  return format;
}

std::string ExpositionFormat::ContentType() const {
  std::string_view escaping_name;
  for (const auto& [name, known] : kEscapings) {
    if (known == escaping) escaping_name = name;
  }
  if (type == Type::kText) {
    return StrCat(kTextType, "; version=", kTextVersion,
                  "; charset=utf-8; escaping=", escaping_name);
  }
  return StrCat(kProtobufType, "; proto=", kProtobufMessage, "; encoding=", kProtobufEncoding,
                "; escaping=", escaping_name);
}

}  // namespace tidemark::http
