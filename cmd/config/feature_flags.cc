#include "cmd/config/feature_flags.h"

#include <algorithm>

#include "base/strings.h"

namespace tidemark::config {
namespace {

// Named by its place in promql::ParserOptions.
struct SyntaxFeature {
  std::string_view name;
  bool promql::ParserOptions::*option;
};
constexpr SyntaxFeature kSyntaxFeatures[] = {
    {"promql-experimental-functions", &promql::ParserOptions::experimental_functions},
    {"promql-extended-range-selectors", &promql::ParserOptions::extended_range_selectors},
    {"promql-binop-fill-modifiers", &promql::ParserOptions::binop_fill_modifiers},
};

// What these turned on is always on, in Prometheus too.
constexpr std::string_view kAlwaysOn[] = {"promql-at-modifier",   "promql-negative-offset",
                                          "promql-duration-expr", "utf8-names",
                                          "native-histograms",    "new-service-discovery-manager"};

// Prometheus has these, Tidemark has not.
constexpr std::string_view kNotSupported[] = {"auto-reload-config",
                                              "concurrent-rule-eval",
                                              "delayed-compaction",
                                              "expand-external-labels",
                                              "memory-snapshot-on-shutdown",
                                              "metadata-wal-records",
                                              "old-ui",
                                              "promql-per-step-stats",
                                              "type-and-unit-labels",
                                              "use-start-timestamps",
                                              "use-uncached-io"};

template <typename Names>
bool Contains(const Names& names, std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

void EnableFeature(std::string_view name, Features* features, std::vector<std::string>* warnings) {
  for (const SyntaxFeature& feature : kSyntaxFeatures) {
    if (feature.name != name) continue;
    features->parser.*feature.option = true;
    return;
  }
  if (name == "promql-delayed-name-removal") {
    features->delayed_name_removal = true;
  } else if (name == "created-timestamp-zero-ingestion") {
    features->created_zero_samples = true;
  } else if (name == "exemplar-storage") {
    features->exemplar_storage = true;
  } else if (name == "extra-scrape-metrics") {
    features->extra_scrape_metrics = true;
  } else if (name == "otlp-deltatocumulative") {
    features->otlp_adds_deltas_up = true;
  } else if (name == "otlp-native-delta-ingestion") {
    features->otlp_stores_deltas = true;
  } else if (Contains(kAlwaysOn, name)) {
    warnings->push_back(StrCat("--enable-feature=", name, " has no effect, it is always on"));
  } else if (Contains(kNotSupported, name)) {
    warnings->push_back(
        StrCat("--enable-feature=", name, " is not supported yet and has no effect"));
  } else {
    warnings->push_back(StrCat("Unknown option for --enable-feature: ", name));
  }
}

}  // namespace

void EnableFeatures(std::string_view names, Features* features,
                    std::vector<std::string>* warnings) {
  while (!names.empty()) {
    const std::string_view name = names.substr(0, names.find(','));
    names.remove_prefix(std::min(names.size(), name.size() + 1));
    if (!name.empty()) EnableFeature(name, features, warnings);
  }
}

}  // namespace tidemark::config
