#pragma once

#include <functional>

#include "base/labels/label_set.h"
#include "base/metrics.h"
#include "base/model/timestamp.h"
#include "base/run/clock.h"
#include "http/http_server.h"
#include "http/otlp_options.h"
#include "tsdb/appender.h"

namespace tidemark::http {

// What it refers to outlives the handler.
struct OtlpContext {
  bool enabled = false;
  std::function<OtlpOptions()> options;  // those in force
  std::function<LabelSet()> external_labels;
  OtlpDeltas deltas = OtlpDeltas::kRefuse;
  DurationMs lookback_delta = 5 * kMinute;
  const Clock& clock;
};

// The OTLP receiver of metrics: POST /api/v1/otlp/v1/metrics, protobuf or JSON, gzip or not. A
// request is one batch; see OtlpTranslator for what becomes of it.
//   200  stored, perhaps but for points that cannot be, which the answer then tells
//   400  damaged, or a sample that is out of order, too old or too far in the future or contradicts
//        one that is there: nothing is stored
//   404  not enabled
//   413  more than 32 MiB when uncompressed, of JSON 16
//   415  another encoding
//   500  the store cannot write; senders try again
Handler OtlpHandler(const OtlpContext& context, tsdb::Appendable& store, MetricRegistry& metrics);

}  // namespace tidemark::http
