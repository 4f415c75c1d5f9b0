#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/labels/label_set.h"
#include "base/yaml_document.h"

// What several sections of the configuration check in the same way.
namespace tidemark::config {

// Reads a count or size that must not be negative.
void ReadCount(YamlFields& fields, std::string_view key, size_t* out);

// Reads true or false; null is as if the key were absent.
void ReadSwitch(YamlFields& fields, std::string_view key, std::optional<bool>* out);

// An error where one of `keys`, all of which Prometheus knows, is set to anything but null, false,
// zero or empty: what does nothing in Prometheus either is let through.
absl::Status RefuseUnsupported(YamlFields& fields, std::initializer_list<std::string_view> keys);

// Reads and forgets settings that make no difference here.
void Accept(YamlFields& fields, std::initializer_list<std::string_view> keys);

// A mapping of label names to values.
absl::StatusOr<LabelSet> ReadLabels(const YamlNode& node);

// Whether a header is one that a client makes itself, or from other settings, whatever it is for.
bool IsReservedHeader(std::string_view name);

// `path` relative to the directory of the file that `node` is in; absolute and empty paths stay.
std::string ResolvePath(const YamlNode& node, const std::string& path);

}  // namespace tidemark::config
