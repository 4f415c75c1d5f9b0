#include "cmd/config/otlp_config.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"

#include "base/strings.h"

namespace tidemark::config {
namespace {

using http::OtlpNames;

constexpr std::pair<std::string_view, OtlpNames> kStrategies[] = {
    {"UnderscoreEscapingWithSuffixes", OtlpNames::kUnderscoreEscapingWithSuffixes},
    {"UnderscoreEscapingWithoutSuffixes", OtlpNames::kUnderscoreEscapingWithoutSuffixes},
    {"NoUTF8EscapingWithSuffixes", OtlpNames::kNoUtf8EscapingWithSuffixes},
    {"NoTranslation", OtlpNames::kNoTranslation},
};

absl::Status ReadStrategy(const YamlNode& node, OtlpNames* names) {
  const absl::StatusOr<std::string> text = node.AsString();
  if (!text.ok()) return text.status();
  const auto* const found =
      std::find_if(std::begin(kStrategies), std::end(kStrategies),
                   [&](const auto& strategy) { return strategy.first == *text; });
  if (found == std::end(kStrategies)) {
    return node.Error(StrCat("unsupported OTLP translation strategy \"", *text, "\""));
  }
  *names = found->second;
  return absl::OkStatus();
}

// "promoted" or "ignored" ones: neither empty nor twice.
absl::Status CheckAttributes(const YamlNode& node, std::string_view which,
                             const std::vector<std::string>& attributes) {
  absl::flat_hash_set<std::string> seen;
  for (const std::string& attribute : attributes) {
    if (attribute.empty()) return node.Error(StrCat("empty ", which, " OTel resource attribute"));
    if (!seen.insert(attribute).second) {
      return node.Error(
          StrCat("duplicated ", which, " OTel resource attribute \"", attribute, "\""));
    }
  }
  return absl::OkStatus();
}

absl::Status Check(const YamlNode& node, const http::OtlpOptions& options) {
  if (options.promote_all_attributes && !options.promoted_attributes.empty()) {
    return node.Error(
        "'promote_all_resource_attributes' and 'promote_resource_attributes' cannot be configured "
        "simultaneously");
  }
  if (!options.promote_all_attributes && !options.ignored_attributes.empty()) {
    return node.Error(
        "'ignore_resource_attributes' cannot be configured unless "
        "'promote_all_resource_attributes' is true");
  }
  absl::Status status = CheckAttributes(node, "promoted", options.promoted_attributes);
  if (status.ok()) status = CheckAttributes(node, "ignored", options.ignored_attributes);
  return status;
}

}  // namespace

absl::StatusOr<http::OtlpOptions> ReadOtlp(const YamlNode& node) {
  http::OtlpOptions options;
  YamlFields fields(node);
  fields.Read("promote_resource_attributes", &options.promoted_attributes)
      .Read("promote_all_resource_attributes", &options.promote_all_attributes)
      .Read("ignore_resource_attributes", &options.ignored_attributes)
      .Read("translation_strategy",
            [&](const YamlNode& n) { return ReadStrategy(n, &options.names); })
      .Read("keep_identifying_resource_attributes", &options.keep_identifying_attributes)
      .Read("convert_histograms_to_nhcb", &options.histograms_to_nhcb)
      .Read("promote_scope_metadata", &options.promote_scope)
      .Read("label_name_underscore_sanitization", &options.prefix_underscore)
      .Read("label_name_preserve_multiple_underscores", &options.keep_multiple_underscores);
  if (absl::Status status = fields.Finish(); !status.ok()) return status;
  if (absl::Status status = Check(node, options); !status.ok()) return status;
  return options;
}

}  // namespace tidemark::config
