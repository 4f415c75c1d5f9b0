#pragma once

#include <functional>

#include "base/labels/label_set.h"
#include "base/metrics.h"
#include "base/model/timestamp.h"
#include "base/run/clock.h"
#include "http/http_server.h"
#include "tsdb/querier.h"

namespace tidemark::http {

struct FederateContext {
  const tsdb::Queryable& store;
  const Clock& clock;
  DurationMs lookback_delta = 5 * kMinute;
  std::function<LabelSet()> external_labels;  // of the configuration in force, from any thread
};

// GET /federate: the newest sample, with its time, of every series that passes one of the `match[]`
// selectors and has one that is not older than the lookback delta, and no staleness marker. Sorted
// by name; external labels are added to those that have none of the name, and `instance=""`, so
// that who scrapes it adds none of its own. In text or protobuf, as the client asks for; native
// histograms with exponential buckets only in the latter.
//   400  a selector is none
//   500  the store cannot read
// What is given outlives the result.
Handler FederateHandler(FederateContext context, MetricRegistry& metrics);

}  // namespace tidemark::http
