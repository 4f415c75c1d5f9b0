#include "promql/exec/stored_range.h"

#include <algorithm>

#include "base/model/staleness.h"
#include "base/status_macros.h"

namespace tidemark::promql {

absl::Status StoredRange::Read(size_t i, SampleColumns& out) const {
  RETURN_IF_ERROR(series_->Read(i, out));
  DropStaleMarkers(out);
  return absl::OkStatus();
}

void DropStaleMarkers(SampleColumns& samples) {
  const auto first = std::find_if(samples.values.begin(), samples.values.end(), IsStaleMarker);
  size_t kept = static_cast<size_t>(first - samples.values.begin());
  for (size_t i = kept; i < samples.size(); ++i) {
    if (IsStaleMarker(samples.values[i])) continue;
    samples.timestamps[kept] = samples.timestamps[i];
    samples.values[kept] = samples.values[i];
    if (!samples.start_timestamps.empty()) {
      samples.start_timestamps[kept] = samples.start_timestamps[i];
    }
    ++kept;
  }
  samples.timestamps.resize(kept);
  samples.values.resize(kept);
  if (!samples.start_timestamps.empty()) samples.start_timestamps.resize(kept);
}

}  // namespace tidemark::promql
