#pragma once

#include <string>

#include "base/model/timestamp.h"
#include "cmd/tidectl/check.h"

namespace tidemark::tidectl {

// Lets the job of a configuration discover its targets and prints, as promtool does, what becomes
// of each: JSON with the labels before and after relabeling. Ends when every discovery has
// answered, or with what there is when `timeout` has passed. False where there is no such
// configuration or job.
bool CheckServiceDiscovery(const std::string& config_path, const std::string& job,
                           DurationMs timeout, const Output& output);

}  // namespace tidemark::tidectl
