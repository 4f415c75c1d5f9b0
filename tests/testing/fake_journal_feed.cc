#include "tests/testing/fake_journal_feed.h"

#include <algorithm>
#include <memory>

namespace tidemark::testing {

SeriesRef FakeJournalFeed::RefOf(const LabelSet& labels) {
  const auto [it, is_new] = refs_.try_emplace(labels, SeriesRef{refs_.size() + 1});
  if (is_new) labels_.emplace(it->second, labels);
  return it->second;
}

uint64_t FakeJournalFeed::Add(const std::vector<Value>& values) {
  absl::MutexLock lock(&mu_);
  auto batch = std::make_shared<Batch>();
  for (const Value& v : values) {
    batch->samples.push_back({RefOf(v.labels), v.timestamp, v.value});
    newest_ = std::max(newest_, v.timestamp);
  }
  batches_.emplace(++last_, std::move(batch));
  return last_;
}

uint64_t FakeJournalFeed::AddHistogram(const LabelSet& labels, TimestampMs timestamp,
                                       const FloatHistogramSample& histogram) {
  absl::MutexLock lock(&mu_);
  auto batch = std::make_shared<Batch>();
  batch->histogram_values.push_back(histogram);
  batch->histograms.push_back({RefOf(labels), timestamp, ViewOf(batch->histogram_values.front())});
  batches_.emplace(++last_, std::move(batch));
  return last_;
}

void FakeJournalFeed::DropBefore(uint64_t number) {
  absl::MutexLock lock(&mu_);
  batches_.erase(batches_.begin(), batches_.lower_bound(number));
}

void FakeJournalFeed::ForgetSeries(const LabelSet& labels) {
  absl::MutexLock lock(&mu_);
  labels_.erase(RefOf(labels));
}

std::optional<uint64_t> FakeJournalFeed::HeldBy(std::string_view reader) const {
  absl::MutexLock lock(&mu_);
  const auto it = held_.find(reader);
  return it != held_.end() ? std::optional(it->second) : std::nullopt;
}

uint64_t FakeJournalFeed::LastNumber() const {
  absl::MutexLock lock(&mu_);
  return last_;
}

TimestampMs FakeJournalFeed::Newest() const {
  absl::MutexLock lock(&mu_);
  return newest_;
}

absl::StatusOr<uint64_t> FakeJournalFeed::Read(uint64_t first, const Visit& visit) {
  while (true) {
    uint64_t number = 0;
    std::shared_ptr<const Batch> batch;
    {
      absl::MutexLock lock(&mu_);
      const auto it = batches_.lower_bound(first);
      if (it == batches_.end()) return std::max(first, last_ + 1);
      number = it->first;
      batch = it->second;
    }
    first = number + 1;
    if (!visit({number, batch->samples, batch->histograms})) return first;
  }
}

std::optional<LabelSet> FakeJournalFeed::Labels(SeriesRef series) const {
  absl::MutexLock lock(&mu_);
  const auto it = labels_.find(series);
  return it != labels_.end() ? std::optional(it->second) : std::nullopt;
}

void FakeJournalFeed::Hold(std::string_view reader, uint64_t number) {
  absl::MutexLock lock(&mu_);
  held_.insert_or_assign(std::string(reader), number);
}

void FakeJournalFeed::Release(std::string_view reader) {
  absl::MutexLock lock(&mu_);
  held_.erase(reader);
}

}  // namespace tidemark::testing
