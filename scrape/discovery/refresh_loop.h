#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "base/model/timestamp.h"
#include "scrape/discovery/discovery_run.h"

namespace tidemark::scrape {

// The Run of a provider that polls: publishes what `refresh` finds, at once and every `interval`,
// until stopped. A refresh that fails is logged and counted, and what was found before it stays.
void RefreshLoop(DiscoveryRun& run, std::string_view mechanism, DurationMs interval,
                 const std::function<absl::StatusOr<std::vector<SourceUpdate>>()>& refresh);

}  // namespace tidemark::scrape
