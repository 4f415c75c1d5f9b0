#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/model/timestamp.h"

// Strict reading of YAML: every error says file, line and reason, a key that nobody asked for is an
// error, and so is a key given twice. Aliases and `<<` merges are followed. yaml-cpp is behind it.
namespace tidemark {

// A value in a document, with its place. Cheap to copy; keeps the document alive.
// Thread-compatible.
class YamlNode {
 public:
  // An InvalidArgument error "FILE:LINE: reason" about this value.
  absl::Status Error(std::string_view reason) const;
  // The same about the key that this is the value of.
  absl::Status KeyError(std::string_view reason) const;
  int line() const;  // from 1
  const std::string& file() const;

  bool IsNull() const;
  bool IsScalar() const;
  bool IsSequence() const;
  bool IsMap() const;

  // Scalars. A null is the empty string. InvalidArgument where the value is of another kind.
  absl::StatusOr<std::string> AsString() const;
  absl::StatusOr<bool> AsBool() const;
  absl::StatusOr<int64_t> AsInt() const;
  absl::StatusOr<double> AsDouble() const;
  absl::StatusOr<DurationMs> AsDuration() const;  // "1h30m", see base/model/duration.h
  absl::StatusOr<uint64_t> AsByteSize() const;    // "512MB", base 2, as Prometheus reads sizes
  // Elements in order; a null is empty.
  absl::StatusOr<std::vector<YamlNode>> AsSequence() const;
  absl::StatusOr<std::vector<std::string>> AsStrings() const;
  // Keys and values in the order of the file; a null is empty.
  absl::StatusOr<std::vector<std::pair<std::string, YamlNode>>> AsMap() const;
  absl::StatusOr<std::vector<std::pair<std::string, std::string>>> AsStringMap() const;

  // The text of this value as YAML again. `rewrite` gives what stands for each scalar: it gets the
  // keys that lead to the scalar, or to the sequence it is in, the outermost first.
  using Keys = std::vector<std::string_view>;
  using Rewrite = std::function<std::string(const Keys& keys, std::string value)>;
  std::string Dump(const Rewrite& rewrite = nullptr) const;

 private:
  friend class YamlDocument;
  struct Value;  // one of the tree
  struct Tree;   // what a document is read into: yaml-cpp throws, this does not
  struct Reader;
  struct Writer;
  YamlNode(std::shared_ptr<const Tree> tree, const Value* value)
      : tree_(std::move(tree)), value_(value) {}

  std::shared_ptr<const Tree> tree_;
  const Value* value_;  // in *tree_
};

class YamlDocument {
 public:
  // NotFound, PermissionDenied; InvalidArgument "FILE:LINE: reason" for what is not YAML.
  static absl::StatusOr<YamlNode> Load(const std::string& path);
  // `file` is what errors call the text.
  static absl::StatusOr<YamlNode> Parse(std::string_view text, std::string_view file);
};

// Reads the fields of a mapping, each at most once. The first error stays and Finish returns it;
// after an error the calls do nothing.
//   YamlFields fields(node);
//   fields.Read("job_name", &job.name).Read("scrape_interval", &job.interval);
//   fields.Read("static_configs", [&](const YamlNode& n) { return ReadStatic(n, &job); });
//   RETURN_IF_ERROR(fields.Finish());
class YamlFields {
 public:
  explicit YamlFields(const YamlNode& node);  // a null is a mapping without fields

  // Where the key is absent the output stays as it is, and so does a number, a bool or a duration
  // whose value is null.
  YamlFields& Read(std::string_view key, std::string* out);
  YamlFields& Read(std::string_view key, bool* out);
  YamlFields& Read(std::string_view key, int64_t* out);
  YamlFields& Read(std::string_view key, double* out);
  YamlFields& Read(std::string_view key, std::vector<std::string>* out);
  YamlFields& Read(std::string_view key, std::vector<std::pair<std::string, std::string>>* out);
  YamlFields& ReadDuration(std::string_view key, DurationMs* out);
  YamlFields& ReadDuration(std::string_view key, std::optional<DurationMs>* out);
  YamlFields& ReadByteSize(std::string_view key, uint64_t* out);
  YamlFields& Read(std::string_view key, const std::function<absl::Status(const YamlNode&)>& read);

  // The value of `key`, which then counts as read; nullopt where it is absent.
  std::optional<YamlNode> Take(std::string_view key);
  bool Has(std::string_view key) const;

  const absl::Status& status() const { return status_; }  // the first error so far
  // The first error, else an error for the first key that was not read: "field NAME not found".
  absl::Status Finish();

 private:
  YamlNode node_;
  std::vector<std::pair<std::string, YamlNode>> unread_;
  absl::Status status_;
};

}  // namespace tidemark
