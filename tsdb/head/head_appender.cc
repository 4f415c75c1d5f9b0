#include "tsdb/head/head_appender.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "base/strings.h"
#include "tsdb/codec/histogram_row.h"

namespace tidemark::tsdb {
namespace {

// Space for one batch, which another appender uses again: that of a large scrape is some hundred
// kilobytes, and asking for it anew each time costs as much as applying the samples.
struct Buffers {
  std::vector<SeriesSample> samples;
  CommitScratch scratch;
};

}  // namespace

// Those that no appender has. Thread-safe.
class HeadAppenders::FreeBuffers {
 public:
  std::unique_ptr<Buffers> Take() ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    if (free_.empty()) return std::make_unique<Buffers>();
    std::unique_ptr<Buffers> taken = std::move(free_.back());
    free_.pop_back();
    return taken;
  }
  void GiveBack(std::unique_ptr<Buffers> buffers) ABSL_LOCKS_EXCLUDED(mu_) {
    buffers->samples.clear();
    if (buffers->samples.capacity() > kMaxSamples) return;
    absl::MutexLock lock(&mu_);
    if (free_.size() < kMaxKept) free_.push_back(std::move(buffers));
  }

 private:
  static constexpr size_t kMaxKept = 4, kMaxSamples = 1 << 14;

  absl::Mutex mu_;  // nothing else is locked under it
  std::vector<std::unique_ptr<Buffers>> free_ ABSL_GUARDED_BY(mu_);
};

class HeadAppenders::HeadAppender : public Appender {
 public:
  HeadAppender(Head& head, std::shared_ptr<FreeBuffers> free)
      : head_(head), free_(std::move(free)), buffers_(free_->Take()) {}
  ~HeadAppender() override { free_->GiveBack(std::move(buffers_)); }

  SeriesRef Find(const Hash128& raw_key) override { return head_.Find(raw_key); }
  absl::StatusOr<SeriesRef> GetOrCreate(const LabelSet& labels, const Hash128* raw_key) override {
    return head_.GetOrCreate(labels, raw_key);
  }
  void Append(SeriesRef series, TimestampMs timestamp, double value) override {
    buffers_->samples.push_back({series, timestamp, value});
  }
  void Append(SeriesRef series, TimestampMs timestamp, HistogramSample histogram) override {
    AppendOne(series, timestamp, histogram);
  }
  void Append(SeriesRef series, TimestampMs timestamp, FloatHistogramSample histogram) override {
    AppendOne(series, timestamp, histogram);
  }
  ExemplarVerdict AppendExemplar(SeriesRef series, Exemplar exemplar) override {
    const ExemplarVerdict verdict = head_.CheckExemplar(series, exemplar);
    if (verdict == ExemplarVerdict::kTaken) exemplars_.emplace_back(series, std::move(exemplar));
    return verdict;
  }
  absl::StatusOr<CommitResult> Commit(CommitMode mode) override {
    for (size_t i = 0; i < histograms_.size(); ++i) {
      const size_t end = i + 1 < histograms_.size() ? bytes_begin_[i + 1] : bytes_.size();
      histograms_[i].sample.bytes =
          std::string_view(bytes_).substr(bytes_begin_[i], end - bytes_begin_[i]);
    }
    std::vector<SeriesExemplar> exemplars;
    for (const auto& [series, e] : exemplars_) {
      exemplars.push_back({series, e.timestamp, e.value, e.labels.bytes()});
    }
    absl::StatusOr<CommitResult> result =
        refused_.ok()
            ? head_.Commit({buffers_->samples, histograms_, exemplars}, mode, buffers_->scratch)
            : refused_;
    Rollback();
    return result;
  }
  void Rollback() override {
    buffers_->samples.clear();
    histograms_.clear();
    bytes_begin_.clear();
    bytes_.clear();
    exemplars_.clear();
    refused_ = absl::OkStatus();
  }

 private:
  template <typename Histogram>
  void AppendOne(SeriesRef series, TimestampMs timestamp, const Histogram& histogram) {
    const size_t num_buckets = histogram.positive_counts.size() + histogram.negative_counts.size();
    if (num_buckets > kMaxHistogramBuckets) {
      refused_ = absl::InvalidArgumentError(
          StrCat("a histogram has ", num_buckets, " buckets, more than ", kMaxHistogramBuckets));
      return;
    }
    histograms_.push_back({{series, timestamp, {}}, buffers_->samples.size()});
    bytes_begin_.push_back(bytes_.size());
    AppendHistogram(histogram, &bytes_);
  }

  Head& head_;
  const std::shared_ptr<FreeBuffers> free_;
  std::unique_ptr<Buffers> buffers_;
  std::vector<BatchHistogram> histograms_;
  std::string bytes_;                // of all of them
  std::vector<size_t> bytes_begin_;  // of each, in bytes_
  std::vector<std::pair<SeriesRef, Exemplar>> exemplars_;
  absl::Status refused_;  // why the batch cannot be stored
};

HeadAppenders::HeadAppenders(Head& head) : head_(head), free_(std::make_shared<FreeBuffers>()) {}

std::unique_ptr<Appender> HeadAppenders::New() {
  return std::make_unique<HeadAppender>(head_, free_);
}

}  // namespace tidemark::tsdb
