#pragma once

#include "absl/status/status.h"

#include "base/net/http_client_options.h"

namespace tidemark {

// Puts the contents of the files that `options` names in the place of their names; afterwards it
// names none. Costs nothing where there are none.
//   Unavailable  a file cannot be read, in Prometheus's words: "unable to read basic auth password:
//                unable to read file /x: open /x: no such file or directory"
absl::Status ReadHttpClientFiles(HttpClientOptions* options);

}  // namespace tidemark
