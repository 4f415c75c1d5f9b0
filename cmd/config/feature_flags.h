#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "promql/query.h"

namespace tidemark::config {

// What --enable-feature can turn on.
struct Features {
  promql::ParserOptions parser;
  bool delayed_name_removal = false;  // promql-delayed-name-removal
  bool exemplar_storage = false;      // exemplar-storage
  bool created_zero_samples = false;  // created-timestamp-zero-ingestion
  bool extra_scrape_metrics = false;  // extra-scrape-metrics
  bool otlp_adds_deltas_up = false;   // otlp-deltatocumulative
  bool otlp_stores_deltas = false;    // otlp-native-delta-ingestion; not both
};

// Turns on what `names`, the comma-separated value of --enable-feature, asks for. A name that has
// no effect, known to Prometheus or not, is never an error: a text about it goes to `warnings`.
void EnableFeatures(std::string_view names, Features* features, std::vector<std::string>* warnings);

}  // namespace tidemark::config
