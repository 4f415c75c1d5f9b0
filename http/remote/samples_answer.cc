#include "http/remote/samples_answer.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <utility>

#include "base/io/protobuf_tag.h"
#include "base/io/varint.h"
#include "base/model/sample.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "http/remote/series_message.h"
#include "http/remote/series_pieces.h"
#include "http/remote/snappy_pieces.h"

namespace tidemark::http {
namespace {

// Fields of the messages.
constexpr uint32_t kResponseResult = 1, kResultSeries = 1;
// Of a snappy block, less some room for heads.
constexpr uint64_t kMaxBlockBytes = std::numeric_limits<uint32_t>::max() - 1024;

// The tag and the length of a message of `bytes`.
std::string MessageHead(uint32_t field, uint64_t bytes) {
  std::string head;
  AppendVarint(BytesTag(field), &head);
  AppendVarint(bytes, &head);
  return head;
}

// One `prometheus.QueryResult`.
class ResultWriter {
 public:
  ResultWriter(const LabelSet& external_labels, const SamplesLimits& limits,
               const SnappyPieces& before)
      : external_labels_(external_labels), limits_(limits), before_(before) {}

  absl::Status AddSeries(const tsdb::SeriesSet& set, size_t i, const ReadQuery& query) {
    SnappyPieces series;
    message_.clear();
    AppendLabelFields(set.label_bytes(i), external_labels_, &message_);
    series.Append(message_);
    bool wanted = query.labels_only;
    SeriesPieces pieces(set, i, query.range);
    while (!query.labels_only) {
      ASSIGN_OR_RETURN(const bool more, pieces.Next(samples_));
      if (!more) break;
      wanted = true;
      RETURN_IF_ERROR(CountSamples());
      message_.clear();
      AppendSampleFields(samples_, &message_);
      AppendHistogramFields(samples_.histograms, &message_);
      series.Append(message_);
      RETURN_IF_ERROR(CheckBytes(series));
    }
    if (!wanted) return absl::OkStatus();
    AppendSeries(std::move(series));
    return CheckBytes({});
  }

  SnappyPieces Take() && { return std::move(result_); }

 private:
  absl::Status CountSamples() {
    num_samples_ += samples_.num_samples();
    if (limits_.samples == 0 || num_samples_ <= limits_.samples) return absl::OkStatus();
    return absl::ResourceExhaustedError(StrCat("exceeded sample limit (", limits_.samples, ")"));
  }

  absl::Status CheckBytes(const SnappyPieces& series) const {
    uint64_t whole = 0, held = 0;
    for (const SnappyPieces* part : {&before_, &result_, &series}) {
      whole += part->uncompressed_bytes();
      held += part->held_bytes();
    }
    if (whole <= kMaxBlockBytes && held <= limits_.bytes) return absl::OkStatus();
    return absl::ResourceExhaustedError(
        StrCat("the answer exceeds ", limits_.bytes,
               " bytes: ask for STREAMED_XOR_CHUNKS, fewer series or less time"));
  }

  void AppendSeries(SnappyPieces series) {
    result_.Append(MessageHead(kResultSeries, series.uncompressed_bytes()));
    result_.Append(std::move(series));
  }

  const LabelSet& external_labels_;
  const SamplesLimits& limits_;
  const SnappyPieces& before_;  // the results before this one
  SnappyPieces result_;
  size_t num_samples_ = 0;
  std::string message_;
  SampleColumns samples_;
};

}  // namespace

absl::StatusOr<std::string> SamplesAnswer(const ReadRequest& request, const tsdb::Querier& querier,
                                          const LabelSet& external_labels,
                                          const SamplesLimits& limits,
                                          const Cancellation& cancellation) {
  SnappyPieces response;
  for (const ReadQuery& query : request.queries) {
    ResultWriter writer(external_labels, limits, response);
    ASSIGN_OR_RETURN(const std::unique_ptr<tsdb::SeriesSet> set, SelectSeries(query, querier));
    for (size_t i = 0; set != nullptr && i < set->size(); ++i) {
      RETURN_IF_ERROR(cancellation.Check());
      RETURN_IF_ERROR(writer.AddSeries(*set, i, query));
    }
    SnappyPieces result = std::move(writer).Take();
    response.Append(MessageHead(kResponseResult, result.uncompressed_bytes()));
    response.Append(std::move(result));
  }
  return std::move(response).Finish();
}

}  // namespace tidemark::http
