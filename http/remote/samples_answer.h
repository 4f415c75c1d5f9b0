#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

#include "base/labels/label_set.h"
#include "base/run/cancellation.h"
#include "http/remote/read_request.h"
#include "tsdb/querier.h"

namespace tidemark::http {

struct SamplesLimits {
  size_t samples = 0;  // of each query; 0: any number
  size_t bytes = 0;    // of the answer
};

// What the queries select as a `prometheus.ReadResponse` in a snappy block. Series have those
// of `external_labels` that are not theirs. All of the answer is held, but compressed.
//   ResourceExhausted  past a limit
//   Cancelled          as `cancellation` says
//   others             as of Querier::Select and SeriesSet::Read
absl::StatusOr<std::string> SamplesAnswer(const ReadRequest& request, const tsdb::Querier& querier,
                                          const LabelSet& external_labels,
                                          const SamplesLimits& limits,
                                          const Cancellation& cancellation);

}  // namespace tidemark::http
