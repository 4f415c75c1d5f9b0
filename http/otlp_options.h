#pragma once

#include <string>
#include <vector>

namespace tidemark::http {

// How names of OpenTelemetry become those of series.
enum class OtlpNames {
  kUnderscoreEscapingWithSuffixes,     // unit and "_total" behind, what is not legal replaced
  kUnderscoreEscapingWithoutSuffixes,  // replaced only
  kNoUtf8EscapingWithSuffixes,         // unit and "_total" only
  kNoTranslation,
};

// The `otlp` section of the configuration.
struct OtlpOptions {
  OtlpNames names = OtlpNames::kUnderscoreEscapingWithSuffixes;
  std::vector<std::string> promoted_attributes =
      {};  // of resources, that become labels of every series
  bool promote_all_attributes = false;
  std::vector<std::string> ignored_attributes = {};  // of those
  bool promote_scope = false;                // its name, version and attributes become labels
  bool keep_identifying_attributes = false;  // also as labels of target_info
  bool histograms_to_nhcb = false;           // native ones with custom buckets, not classic ones
  bool prefix_underscore = true;             // "_a" becomes "key_a" where names are escaped
  bool keep_multiple_underscores = true;     // where label names are escaped
};

// What becomes of points that are differences to the one before.
enum class OtlpDeltas {
  kRefuse,
  kAccumulate,  // --enable-feature=otlp-deltatocumulative
  kStore,       // --enable-feature=otlp-native-delta-ingestion
};

}  // namespace tidemark::http
