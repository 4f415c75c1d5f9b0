#include "http/remote/receive_v2.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/io/hash.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "http/remote/write_answer.h"
#include "http/remote/write_request_v2.h"
#include "http/remote/written_labels.h"

namespace tidemark::http {
namespace {

constexpr size_t kMaxListedErrors = 1000;

// What is told to the sender, a line each.
class ErrorList {
 public:
  template <typename... Parts>
  void Add(const Parts&... parts) {
    if (++size_ <= kMaxListedErrors) StrAppend(&text_, size_ > 1 ? "\n" : "", parts...);
  }
  bool empty() const { return size_ == 0; }
  std::string Text() const {
    if (size_ <= kMaxListedErrors) return text_;
    return StrCat(text_, "\nand ", size_ - kMaxListedErrors, " more");
  }

 private:
  std::string text_;
  size_t size_ = 0;
};

// "[4 5 17]", the beginning of it where it is long.
std::string RefsText(const std::vector<uint32_t>& refs) {
  constexpr size_t kMaxShown = 20;
  std::string text = "[";
  for (size_t i = 0; i < refs.size() && i < kMaxShown; ++i) {
    StrAppend(&text, i > 0 ? " " : "", refs[i]);
  }
  return text.append(refs.size() > kMaxShown ? " ...]" : "]");
}

struct WrittenCounts {
  size_t samples = 0, histograms = 0, exemplars = 0;
};

Response WithCounts(Response response, const WrittenCounts& counts) {
  response.headers.insert(
      response.headers.end(),
      {{"X-Prometheus-Remote-Write-Samples-Written", StrCat(counts.samples)},
       {"X-Prometheus-Remote-Write-Histograms-Written", StrCat(counts.histograms)},
       {"X-Prometheus-Remote-Write-Exemplars-Written", StrCat(counts.exemplars)}});
  return response;
}

// The samples of one request on their way into the store.
class Batch {
 public:
  Batch(const WriteRequestV2Reader& reader, tsdb::Appender& appender, WriteMetrics& metrics)
      : reader_(reader), appender_(appender), metrics_(metrics) {}

  // An error is one of the store.
  absl::Status Add(WrittenSeriesV2& series) {
    ASSIGN_OR_RETURN(const SeriesRef ref, FindOrCreate(series));
    if (ref == kNoSeries) return absl::OkStatus();
    appended_.push_back({num_appended_, series.samples.size(), series.message});
    for (const Sample& sample : series.samples) {
      appender_.Append(ref, sample.timestamp, sample.value);
    }
    num_appended_ += series.samples.size();
    counts_.samples += series.samples.size();
    for (WrittenHistogram& histogram : series.histograms) AddHistogram(ref, series, histogram);
    AddExemplars(ref, series);
    CheckMetadata(series);
    return absl::OkStatus();
  }

  Response Commit() {
    const absl::StatusOr<tsdb::CommitResult> result = appender_.Commit(tsdb::CommitMode::kPartial);
    if (!result.ok()) return WithCounts(WriteError(500, result.status()), {});
    for (const tsdb::RejectedSample& rejected : result->rejected) TakeBack(rejected);
    return WithCounts(errors_.empty() ? Response::Text(204, "") : WriteError(400, errors_.Text()),
                      counts_);
  }

 private:
  // A series whose samples were appended one after another, floats first.
  struct Appended {
    size_t first = 0;  // the place of its first sample in the batch
    size_t num_floats = 0;
    std::string_view message;
  };

  // kNoSeries where nothing can be stored of it, which is then in the list.
  absl::StatusOr<SeriesRef> FindOrCreate(const WrittenSeriesV2& series) {
    const std::optional<Hash128> key = reader_.Key(series.label_refs);
    SeriesRef ref = key ? appender_.Find(*key) : kNoSeries;
    if (ref != kNoSeries && series.num_samples() > 0) return ref;
    const std::optional<LabelSet> labels = ReadLabels(series);
    if (!labels) return kNoSeries;
    if (series.num_samples() > 0) return appender_.GetOrCreate(*labels, &*key);
    errors_.Add("TimeSeries must contain at least one sample or histogram for series ",
                Text(series));
    return kNoSeries;
  }

  std::optional<LabelSet> ReadLabels(const WrittenSeriesV2& series) {
    absl::StatusOr<std::vector<LabelView>> fields = reader_.Labels(series.label_refs);
    if (!fields.ok()) {
      errors_.Add("parsing labels for series ", RefsText(series.label_refs), ": ",
                  ToStd(fields.status().message()));
      CountInvalid(series);
      return std::nullopt;
    }
    absl::StatusOr<LabelSet> labels = CheckedLabels(*std::move(fields));
    if (labels.ok()) return *std::move(labels);
    errors_.Add(ToStd(labels.status().message()));
    CountInvalid(series);
    return std::nullopt;
  }
  void CountInvalid(const WrittenSeriesV2& series) {
    metrics_.invalid_labels.Increment(static_cast<double>(series.num_samples()));
  }

  void AddHistogram(SeriesRef ref, const WrittenSeriesV2& series, WrittenHistogram& histogram) {
    if (const absl::Status status = CheckHistogram(histogram); !status.ok()) {
      errors_.Add(ToStd(status.message()), " for series ", Text(series));
      return;
    }
    AppendHistogram(ref, std::move(histogram), appender_);
    ++num_appended_;
    ++counts_.histograms;
  }

  void AddExemplars(SeriesRef ref, WrittenSeriesV2& series) {
    for (const absl::Status& error : series.exemplar_errors) {
      errors_.Add("parsing exemplar for series ", Text(series), ": ", ToStd(error.message()));
    }
    for (Exemplar& exemplar : series.exemplars) {
      switch (appender_.AppendExemplar(ref, std::move(exemplar))) {
        case tsdb::ExemplarVerdict::kTaken:
        case tsdb::ExemplarVerdict::kIgnored:
          ++counts_.exemplars;
          break;
        case tsdb::ExemplarVerdict::kOutOfOrder:
          errors_.Add("out of order exemplar for series ", Text(series));
          break;
        case tsdb::ExemplarVerdict::kLabelsTooLong:
          break;  // as in Prometheus, not written and no error
      }
    }
  }

  // It is not stored yet.
  void CheckMetadata(const WrittenSeriesV2& series) {
    if (!series.metadata_error.ok()) {
      errors_.Add("parsing metadata for series ", Text(series), ": ",
                  ToStd(series.metadata_error.message()));
    }
    if (series.has_metadata) metrics_.metadata.Increment();
  }

  void TakeBack(const tsdb::RejectedSample& rejected) {
    const auto after =
        std::upper_bound(appended_.begin(), appended_.end(), rejected.index,
                         [](size_t index, const Appended& series) { return index < series.first; });
    const Appended& series = *(after - 1);
    --(rejected.index - series.first < series.num_floats ? counts_.samples : counts_.histograms);
    errors_.Add(tsdb::RejectReasonText(rejected.reason), " for series ",
                LabelText(reader_.LabelsOf(series.message)));
  }

  std::string Text(const WrittenSeriesV2& series) const {
    return LabelText(reader_.LabelsOf(series.message));
  }

  const WriteRequestV2Reader& reader_;
  tsdb::Appender& appender_;
  WriteMetrics& metrics_;
  std::vector<Appended> appended_;
  size_t num_appended_ = 0;
  WrittenCounts counts_;
  ErrorList errors_;
};

}  // namespace

Response ReceiveV2(std::string_view message, tsdb::Appendable& store, WriteMetrics& metrics) {
  absl::StatusOr<WriteRequestV2Reader> reader = WriteRequestV2Reader::Open(message);
  if (!reader.ok()) return WithCounts(WriteError(400, reader.status()), {});
  const std::unique_ptr<tsdb::Appender> appender = store.NewAppender();
  Batch batch(*reader, *appender, metrics);
  WrittenSeriesV2 series;
  for (;;) {
    const absl::StatusOr<bool> more = reader->Next(series);
    if (!more.ok()) return WithCounts(WriteError(400, more.status()), {});
    if (!*more) break;
    if (const absl::Status status = batch.Add(series); !status.ok()) {
      return WithCounts(WriteError(500, status), {});
    }
  }
  return batch.Commit();
}

}  // namespace tidemark::http
