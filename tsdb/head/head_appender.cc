#include "tsdb/head/head_appender.h"

#include <string>
#include <utility>

#include "base/strings.h"
#include "tsdb/codec/histogram_row.h"

namespace tidemark::tsdb {
namespace {

constexpr size_t kMaxBuffersKept = 4, kMaxSamplesKept = 1 << 14;

}  // namespace

class HeadAppenders::HeadAppender : public Appender {
 public:
  explicit HeadAppender(HeadAppenders& owner)
      : owner_(owner), head_(owner.head_), buffers_(owner.TakeBuffers()) {}
  ~HeadAppender() override { owner_.GiveBack(std::move(buffers_)); }

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
  absl::StatusOr<CommitResult> Commit(CommitMode mode) override {
    for (size_t i = 0; i < histograms_.size(); ++i) {
      const size_t end = i + 1 < histograms_.size() ? bytes_begin_[i + 1] : bytes_.size();
      histograms_[i].sample.bytes =
          std::string_view(bytes_).substr(bytes_begin_[i], end - bytes_begin_[i]);
    }
    absl::StatusOr<CommitResult> result =
        refused_.ok() ? head_.Commit(buffers_->samples, histograms_, mode, buffers_->scratch)
                      : refused_;
    Rollback();
    return result;
  }
  void Rollback() override {
    buffers_->samples.clear();
    histograms_.clear();
    bytes_begin_.clear();
    bytes_.clear();
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

  HeadAppenders& owner_;
  Head& head_;
  std::unique_ptr<Buffers> buffers_;
  std::vector<BatchHistogram> histograms_;
  std::string bytes_;                // of all of them
  std::vector<size_t> bytes_begin_;  // of each, in bytes_
  absl::Status refused_;             // why the batch cannot be stored
};

std::unique_ptr<Appender> HeadAppenders::New() { return std::make_unique<HeadAppender>(*this); }

std::unique_ptr<HeadAppenders::Buffers> HeadAppenders::TakeBuffers() {
  absl::MutexLock lock(&mu_);
  if (free_.empty()) return std::make_unique<Buffers>();
  std::unique_ptr<Buffers> taken = std::move(free_.back());
  free_.pop_back();
  return taken;
}

void HeadAppenders::GiveBack(std::unique_ptr<Buffers> buffers) {
  buffers->samples.clear();
  if (buffers->samples.capacity() > kMaxSamplesKept) return;
  absl::MutexLock lock(&mu_);
  if (free_.size() < kMaxBuffersKept) free_.push_back(std::move(buffers));
}

}  // namespace tidemark::tsdb
