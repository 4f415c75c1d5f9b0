#pragma once

#include "absl/status/status.h"

#include "base/net/http_client.h"
#include "base/yaml_document.h"

namespace tidemark::config {

// Takes the fields of Prometheus's HTTP client block out of `fields`, which may have others: the
// block stands amid those of a scrape configuration and of an Alertmanager. The files it names are
// not looked at: the client reads them.
//   InvalidArgument  "FILE:LINE: reason"
absl::Status ReadHttpClientFields(YamlFields& fields, HttpClientOptions* options);

}  // namespace tidemark::config
