#pragma once

#include <cstddef>
#include <memory>

#include "absl/status/status.h"

#include "base/labels/label_set.h"
#include "base/run/cancellation.h"
#include "http/http_server.h"
#include "http/remote/read_request.h"
#include "tsdb/querier.h"

namespace tidemark::http {

// What the queries of a remote read select, as frames that each hold a
// `prometheus.ChunkedReadResponse`: some chunks of one series. Frames follow one another series by
// series and query by query, and not more than one of them and some days of one series are held.
//   varint  length of the message
//   4       CRC-32C of the message, big-endian
//           the message
// One thread.
// Source: github.com/prometheus/prometheus, storage/remote/chunked.go and codec.go.
class ChunksAnswer {
 public:
  // Series have those of `external_labels` that are not theirs. A frame ends with the chunk that
  // brings it to `frame_bytes`.
  ChunksAnswer(ReadRequest request, LabelSet external_labels, size_t frame_bytes,
               std::unique_ptr<tsdb::Querier> querier)
      : request_(std::move(request)),
        external_labels_(std::move(external_labels)),
        frame_bytes_(frame_bytes),
        querier_(std::move(querier)) {}

  // Does the first query's selection, so that its error can still be an answer. Before Stream.
  absl::Status Begin();
  //   Cancelled  as `cancellation` says, or the client has gone
  //   others     as of Querier::Select and SeriesSet::Read
  absl::Status Stream(const BodySink& sink, const Cancellation& cancellation);

 private:
  absl::Status StreamQuery(size_t query, const tsdb::SeriesSet& set, const BodySink& sink,
                           const Cancellation& cancellation);

  const ReadRequest request_;
  const LabelSet external_labels_;
  const size_t frame_bytes_;
  const std::unique_ptr<tsdb::Querier> querier_;
  std::unique_ptr<tsdb::SeriesSet> first_;  // of the first query
};

}  // namespace tidemark::http
