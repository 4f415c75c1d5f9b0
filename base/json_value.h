#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace tidemark {

// A value in a JSON document that was read as a whole. Cheap to copy; keeps the document alive. A
// part that is absent or of another kind is null, so that a path of Gets needs one check at its
// end. nlohmann/json is behind it. Thread-compatible.
class JsonValue {
 public:
  // InvalidArgument where `text` is not JSON.
  static absl::StatusOr<JsonValue> Parse(std::string_view text);

  bool IsNull() const;
  bool IsString() const;
  bool IsArray() const;
  bool IsObject() const;
  JsonValue Get(std::string_view key) const;  // of an object; of two equal keys the later
  JsonValue At(size_t index) const;           // of an array
  std::vector<JsonValue> Elements() const;    // of an array
  std::vector<std::pair<std::string, JsonValue>> Members() const;  // of an object, by key
  std::string String() const;                                      // empty where it is none
  double Number() const;                                           // 0 where it is none
  // The value as JSON in one line, keys sorted.
  std::string Dump() const;

 private:
  // `value` is a nlohmann::json or null; it lies in a document and owns a part of it.
  explicit JsonValue(std::shared_ptr<const void> value) : value_(std::move(value)) {}

  std::shared_ptr<const void> value_;
};

}  // namespace tidemark
