#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/model/timestamp.h"

namespace tidemark {

// Writes JSON by appending to a string, without a tree and without an allocation of its own:
//   JsonWriter json(&body);
//   json.BeginObject().Key("status").String("success").Key("data").BeginArray();
//   json.EndArray().EndObject();
// Commas come by themselves; that brackets and keys pair up is the caller's business. One thread.
class JsonWriter {
 public:
  // Appends to `out`, which outlives the writer.
  explicit JsonWriter(std::string* out) : out_(*out) {}

  JsonWriter& BeginObject() { return Open('{'); }
  JsonWriter& EndObject() { return Close('}'); }
  JsonWriter& BeginArray() { return Open('['); }
  JsonWriter& EndArray() { return Close(']'); }
  JsonWriter& Key(std::string_view name);

  // `text` is UTF-8; what is not comes out as U+FFFD.
  JsonWriter& String(std::string_view text);
  JsonWriter& Int(int64_t value);
  JsonWriter& Bool(bool value) { return Raw(value ? "true" : "false"); }
  JsonWriter& Null() { return Raw("null"); }
  // A finite number in the fewest digits that give it back; NaN and infinities, which JSON does
  // not have, are null.
  JsonWriter& Number(double value);
  // A sample's value as Prometheus's API writes it: a string, "NaN" and "+Inf" among them.
  JsonWriter& SampleValue(double value);
  // A timestamp as a number of seconds, with three decimals unless they are zero.
  JsonWriter& Seconds(TimestampMs timestamp);
  // A timestamp as a string in RFC 3339, UTC; Go's zero time for 0, which Prometheus uses as
  // "never".
  JsonWriter& Rfc3339(TimestampMs timestamp);
  // `json` is one complete value.
  JsonWriter& Raw(std::string_view json);

 private:
  JsonWriter& Open(char bracket);
  JsonWriter& Close(char bracket);
  void Separate();

  std::string& out_;
  bool needs_comma_ = false;
};

// The text between the quotes of a JSON string that means `text`.
void AppendJsonEscaped(std::string_view text, std::string* out);

}  // namespace tidemark
