#include "base/yaml_document.h"

#include <algorithm>

#include <yaml-cpp/yaml.h>

#include "base/io/file.h"
#include "base/model/duration.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "base/yaml_scalar.h"

namespace tidemark {
namespace {

// More than any configuration has; what is above it is a document made to exhaust memory (aliases
// of aliases) or the stack.
constexpr size_t kMaxValues = 1'000'000;
constexpr int kMaxDepth = 100;

absl::Status ErrorAt(std::string_view file, int line, std::string_view reason) {
  return absl::InvalidArgumentError(StrCat(file, ":", line, ": ", reason));
}

}  // namespace

struct YamlNode::Value {
  enum class Kind { kNull, kScalar, kSequence, kMap };

  Kind kind = Kind::kNull;
  int line = 1;
  int key_line = 1;     // of the key, for what is the value of one
  bool quoted = false;  // a scalar in quotes or a block scalar: a string whatever it looks like
  std::string scalar;
  std::vector<Value> elements;    // of a sequence, or the values of a map
  std::vector<std::string> keys;  // of a map, one for each element, in the order of the file

  void Add(std::string key, Value value) {
    keys.push_back(std::move(key));
    elements.push_back(std::move(value));
  }
};

struct YamlNode::Tree {
  std::string file;
  Value root;
};

// Copies what yaml-cpp parsed, so that no later call can throw.
struct YamlNode::Reader {
  std::string_view file;
  size_t num_values = 0;

  absl::StatusOr<Value> Read(const YAML::Node& node, int depth) {
    Value value;
    value.line = value.key_line = node.Mark().line + 1;
    if (++num_values > kMaxValues || depth > kMaxDepth) {
      return ErrorAt(file, value.line, "too many or too deeply nested values");
    }
    switch (node.Type()) {
      case YAML::NodeType::Undefined:
      case YAML::NodeType::Null:
        return value;
      case YAML::NodeType::Scalar:
        value.kind = Value::Kind::kScalar;
        value.scalar = node.Scalar();
        value.quoted = node.Tag() == "!" || node.Tag() == "tag:yaml.org,2002:str";
        return value;
      case YAML::NodeType::Sequence:
        value.kind = Value::Kind::kSequence;
        for (const YAML::Node& element : node) {
          ASSIGN_OR_RETURN(Value read, Read(element, depth + 1));
          value.elements.push_back(std::move(read));
        }
        return value;
      case YAML::NodeType::Map:
        value.kind = Value::Kind::kMap;
        RETURN_IF_ERROR(ReadMap(node, depth, value));
        return value;
    }
    return value;
  }

  absl::Status ReadMap(const YAML::Node& node, int depth, Value& value) {
    std::vector<Value> merged;  // what `<<` brings, weaker than the map's own keys
    StringSet keys;
    for (const auto& pair : node) {
      const YAML::Node& key = pair.first;
      const int line = key.Mark().line + 1;
      if (!key.IsScalar()) return ErrorAt(file, line, "a key must be a scalar");
      ASSIGN_OR_RETURN(Value read, Read(pair.second, depth + 1));
      if (key.Scalar() == "<<" && key.Tag() != "!") {
        merged.push_back(std::move(read));
        continue;
      }
      read.key_line = line;
      if (!keys.insert(key.Scalar()).second) {
        return ErrorAt(file, line, StrCat("key \"", key.Scalar(), "\" is given twice"));
      }
      value.Add(key.Scalar(), std::move(read));
    }
    for (const Value& source : merged) RETURN_IF_ERROR(Merge(source, value, keys));
    return absl::OkStatus();
  }

  absl::Status Merge(const Value& source, Value& value, StringSet& keys) {
    if (source.kind == Value::Kind::kSequence) {
      for (const Value& map : source.elements) RETURN_IF_ERROR(Merge(map, value, keys));
      return absl::OkStatus();
    }
    if (source.kind != Value::Kind::kMap) {
      return ErrorAt(file, source.line, "\"<<\" merges mappings only");
    }
    for (size_t i = 0; i < source.keys.size(); ++i) {
      if (keys.insert(source.keys[i]).second) value.Add(source.keys[i], source.elements[i]);
    }
    return absl::OkStatus();
  }
};

struct YamlNode::Writer {
  YAML::Emitter out;
  const Rewrite& rewrite;
  Keys keys = {};  // to what is being written

  void Write(const Value& value) {
    switch (value.kind) {
      case Value::Kind::kNull:
        out << YAML::Null;
        break;
      case Value::Kind::kScalar:
        WriteScalar(value);
        break;
      case Value::Kind::kSequence:
        out << YAML::BeginSeq;
        for (const Value& element : value.elements) Write(element);
        out << YAML::EndSeq;
        break;
      case Value::Kind::kMap:
        out << YAML::BeginMap;
        for (size_t i = 0; i < value.keys.size(); ++i) {
          out << YAML::Key << value.keys[i] << YAML::Value;
          keys.push_back(value.keys[i]);
          Write(value.elements[i]);
          keys.pop_back();
        }
        out << YAML::EndMap;
        break;
    }
  }

  void WriteScalar(const Value& value) {
    const std::string text = rewrite ? rewrite(keys, value.scalar) : value.scalar;
    if (text.find('\n') != std::string::npos) {
      out << YAML::Literal;
    } else if (value.quoted) {
      out << YAML::DoubleQuoted;
    }
    out << text;
  }
};

absl::Status YamlNode::Error(std::string_view reason) const {
  return ErrorAt(file(), line(), reason);
}

absl::Status YamlNode::KeyError(std::string_view reason) const {
  return ErrorAt(file(), value_->key_line, reason);
}

int YamlNode::line() const { return value_->line; }
const std::string& YamlNode::file() const { return tree_->file; }
bool YamlNode::IsNull() const { return value_->kind == Value::Kind::kNull; }
bool YamlNode::IsScalar() const { return value_->kind == Value::Kind::kScalar; }
bool YamlNode::IsSequence() const { return value_->kind == Value::Kind::kSequence; }
bool YamlNode::IsMap() const { return value_->kind == Value::Kind::kMap; }

absl::StatusOr<std::string> YamlNode::AsString() const {
  if (IsNull()) return "";
  if (!IsScalar()) return Error("expected a string");
  return value_->scalar;
}

absl::StatusOr<bool> YamlNode::AsBool() const {
  if (IsScalar() && !value_->quoted) {
    if (const std::optional<bool> parsed = ParseYamlBool(value_->scalar)) return *parsed;
  }
  return Error(StrCat("expected true or false", IsScalar() ? ", not " : "", value_->scalar));
}

absl::StatusOr<int64_t> YamlNode::AsInt() const {
  if (IsScalar() && !value_->quoted) {
    if (const std::optional<int64_t> parsed = ParseYamlInt(value_->scalar)) return *parsed;
  }
  return Error(StrCat("expected an integer", IsScalar() ? ", not " : "", value_->scalar));
}

absl::StatusOr<double> YamlNode::AsDouble() const {
  if (IsScalar() && !value_->quoted) {
    if (const std::optional<double> parsed = ParseYamlDouble(value_->scalar)) return *parsed;
  }
  return Error(StrCat("expected a number", IsScalar() ? ", not " : "", value_->scalar));
}

absl::StatusOr<DurationMs> YamlNode::AsDuration() const {
  if (!IsScalar()) return Error("expected a duration such as 30s");
  const absl::StatusOr<DurationMs> duration = ParseDuration(value_->scalar);
  if (!duration.ok()) return Error(ToStd(duration.status().message()));
  return *duration;
}

absl::StatusOr<uint64_t> YamlNode::AsByteSize() const {
  if (IsScalar()) {
    if (const std::optional<uint64_t> parsed = ParseByteSize(value_->scalar)) return *parsed;
  }
  return Error(StrCat("expected a size such as 512MB", IsScalar() ? ", not " : "", value_->scalar));
}

absl::StatusOr<std::vector<YamlNode>> YamlNode::AsSequence() const {
  if (!IsNull() && !IsSequence()) return Error("expected a list");
  std::vector<YamlNode> nodes;
  nodes.reserve(value_->elements.size());
  for (const Value& element : value_->elements) nodes.push_back(YamlNode(tree_, &element));
  return nodes;
}

absl::StatusOr<std::vector<std::string>> YamlNode::AsStrings() const {
  ASSIGN_OR_RETURN(const std::vector<YamlNode> nodes, AsSequence());
  std::vector<std::string> strings;
  for (const YamlNode& node : nodes) {
    ASSIGN_OR_RETURN(std::string text, node.AsString());
    strings.push_back(std::move(text));
  }
  return strings;
}

absl::StatusOr<std::vector<std::pair<std::string, YamlNode>>> YamlNode::AsMap() const {
  if (!IsNull() && !IsMap()) return Error("expected a mapping");
  std::vector<std::pair<std::string, YamlNode>> fields;
  fields.reserve(value_->keys.size());
  for (size_t i = 0; i < value_->keys.size(); ++i) {
    fields.emplace_back(value_->keys[i], YamlNode(tree_, &value_->elements[i]));
  }
  return fields;
}

absl::StatusOr<std::vector<std::pair<std::string, std::string>>> YamlNode::AsStringMap() const {
  ASSIGN_OR_RETURN(const auto fields, AsMap());
  std::vector<std::pair<std::string, std::string>> strings;
  for (const auto& [key, node] : fields) {
    ASSIGN_OR_RETURN(std::string text, node.AsString());
    strings.emplace_back(key, std::move(text));
  }
  return strings;
}

std::string YamlNode::Dump(const Rewrite& rewrite) const {
  Writer writer{.out = {}, .rewrite = rewrite};
  writer.Write(*value_);
  std::string text(writer.out.c_str(), writer.out.size());
  if (!text.ends_with('\n')) text.push_back('\n');
  return text;
}

absl::StatusOr<YamlNode> YamlDocument::Load(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  return Parse(text, path);
}

absl::StatusOr<YamlNode> YamlDocument::Parse(std::string_view text, std::string_view file) {
  // yaml-cpp takes the end of the text for the end of a quoted scalar. The end of the document it
  // does not.
  const std::string whole = StrCat(text, text.ends_with('\n') ? "" : "\n", "...\n");
  // It throws, on reading and on looking at nodes. The exceptions end here.
  try {
    auto tree = std::make_shared<YamlNode::Tree>();
    tree->file = file;
    YamlNode::Reader reader{.file = tree->file};
    ASSIGN_OR_RETURN(tree->root, reader.Read(YAML::Load(whole), 0));
    const YamlNode::Value* root = &tree->root;
    return YamlNode(std::move(tree), root);
  } catch (const YAML::Exception& e) {
    return ErrorAt(file, e.mark.line + 1, StrCat("bad YAML: ", e.msg));
  }
}

}  // namespace tidemark
