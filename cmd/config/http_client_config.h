#pragma once

#include "absl/status/status.h"

#include "base/net/http_client.h"
#include "base/yaml_document.h"

namespace tidemark::config {

// Takes the fields of Prometheus's HTTP client block out of `fields`, which may have others: the
// block stands amid those of a scrape configuration and of an Alertmanager. Files of secrets are
// read here, so a changed one counts from the next reload on.
//   InvalidArgument  "FILE:LINE: reason"
absl::Status ReadHttpClientFields(YamlFields& fields, HttpClientOptions* options);

}  // namespace tidemark::config
