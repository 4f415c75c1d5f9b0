#pragma once

#include <string_view>

#include "absl/status/status.h"

#include "base/model/sample.h"

namespace tidemark::http {

// Reads `prometheus.Sample` of remote write 1.0 and `io.prometheus.write.v2.Sample`, whose start
// timestamp is passed over. protozero is behind it.
//   InvalidArgument  `message` is damaged or of another type
absl::Status ReadSample(std::string_view message, Sample* sample);

}  // namespace tidemark::http
