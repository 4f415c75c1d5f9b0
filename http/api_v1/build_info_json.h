#pragma once

#include "base/json_writer.h"

namespace tidemark::http {

// The object that `status/buildinfo` and /version show. Clients decide by `version` which parts of
// the API they may use, so it begins with the version of Prometheus whose API this is.
void WriteBuildInfo(JsonWriter& json);

}  // namespace tidemark::http
