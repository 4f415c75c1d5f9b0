#include "base/json_writer.h"

#include <charconv>
#include <cmath>

#include "absl/time/time.h"

#include "base/labels/label_set.h"
#include "base/model/float_format.h"
#include "base/strings.h"

namespace tidemark {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

// Bytes of the UTF-8 character that `text` begins with; 0 where it begins with none.
size_t CharacterLength(std::string_view text) {
  const auto lead = static_cast<uint8_t>(text[0]);
  const size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  return IsValidUtf8(text.substr(0, length)) ? length : 0;
}

void AppendControl(char c, std::string* out) {
  static constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '\n':
      out->append("\\n");
      break;
    case '\r':
      out->append("\\r");
      break;
    case '\t':
      out->append("\\t");
      break;
    default:
      out->append({'\\', 'u', '0', '0', kHex[(c >> 4) & 15], kHex[c & 15]});
  }
}

void AppendInt(int64_t value, std::string* out) {
  char buffer[24];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof(buffer), value);
  out->append(buffer, end);
}

}  // namespace

void AppendJsonEscaped(std::string_view text, std::string* out) {
  size_t copied = 0;  // `text` up to here is in `out`
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    const auto byte = static_cast<uint8_t>(c);
    const bool plain = byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
    const size_t length = plain ? 1 : byte < 0x80 ? 0 : CharacterLength(text.substr(i));
    if (length > 0) {
      i += length;
      continue;
    }
    out->append(text, copied, i - copied);
    copied = ++i;
    if (byte >= 0x80) {
      out->append(kReplacement);
    } else if (byte < 0x20) {
      AppendControl(c, out);
    } else {
      out->append({'\\', c});
    }
  }
  out->append(text, copied);
}

JsonWriter& JsonWriter::Open(char bracket) {
  Separate();
  out_.push_back(bracket);
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::Close(char bracket) {
  out_.push_back(bracket);
  needs_comma_ = true;
  return *this;
}

void JsonWriter::Separate() {
  if (needs_comma_) out_.push_back(',');
  needs_comma_ = true;
}

JsonWriter& JsonWriter::Key(std::string_view name) {
  String(name);
  out_.push_back(':');
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::String(std::string_view text) {
  Separate();
  out_.push_back('"');
  AppendJsonEscaped(text, &out_);
  out_.push_back('"');
  return *this;
}

JsonWriter& JsonWriter::Int(int64_t value) {
  Separate();
  AppendInt(value, &out_);
  return *this;
}

JsonWriter& JsonWriter::Number(double value) {
  if (!std::isfinite(value)) return Null();
  Separate();
  AppendFloat(value, &out_);
  return *this;
}

JsonWriter& JsonWriter::SampleValue(double value) {
  Separate();
  out_.push_back('"');
  AppendFloat(value, &out_);
  out_.push_back('"');
  return *this;
}

JsonWriter& JsonWriter::Seconds(TimestampMs timestamp) {
  Separate();
  if (timestamp < 0) out_.push_back('-');
  const int64_t seconds = timestamp / 1000;
  AppendInt(seconds < 0 ? -seconds : seconds, &out_);
  const auto fraction = static_cast<int>(timestamp % 1000);
  if (fraction != 0) {
    const int digits = fraction < 0 ? -fraction : fraction;
    out_.append({'.', static_cast<char>('0' + digits / 100),
                 static_cast<char>('0' + digits / 10 % 10), static_cast<char>('0' + digits % 10)});
  }
  return *this;
}

JsonWriter& JsonWriter::Rfc3339(TimestampMs timestamp) {
  if (timestamp == 0) return String("0001-01-01T00:00:00Z");
  return String(absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", absl::FromUnixMillis(timestamp),
                                 absl::UTCTimeZone()));
}

JsonWriter& JsonWriter::Raw(std::string_view json) {
  Separate();
  out_.append(json);
  return *this;
}

}  // namespace tidemark
