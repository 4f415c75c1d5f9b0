#include "tests/testing/memory_store.h"

#include <algorithm>
#include <set>

namespace tidemark::testing {
namespace {

bool MatchesAll(const LabelSet& labels, std::span<const LabelMatcher> matchers) {
  return std::all_of(matchers.begin(), matchers.end(),
                     [&](const LabelMatcher& m) { return m.Matches(labels); });
}

class MemorySeriesSet : public tsdb::SeriesSet {
 public:
  void Add(const LabelSet& labels, SampleColumns samples) {
    labels_.push_back(labels);
    samples_.push_back(std::move(samples));
  }
  size_t size() const override { return labels_.size(); }
  std::string_view label_bytes(size_t i) const override { return labels_[i].bytes(); }
  absl::Status Read(size_t i, SampleColumns& out) const override {
    out = samples_[i];
    return absl::OkStatus();
  }

 private:
  std::vector<LabelSet> labels_;
  std::vector<SampleColumns> samples_;
};

class MemoryQuerier : public tsdb::Querier {
 public:
  explicit MemoryQuerier(std::map<LabelSet, std::map<TimestampMs, double>> series)
      : series_(std::move(series)) {}

  absl::StatusOr<std::unique_ptr<tsdb::SeriesSet>> Select(std::span<const LabelMatcher> matchers,
                                                          TimeRange range) const override {
    auto set = std::make_unique<MemorySeriesSet>();
    for (const auto& [labels, samples] : series_) {
      if (!MatchesAll(labels, matchers)) continue;
      SampleColumns columns;
      for (auto it = samples.lower_bound(range.min); it != samples.end() && it->first <= range.max;
           ++it) {
        columns.push_back(it->first, it->second);
      }
      if (!columns.empty()) set->Add(labels, std::move(columns));
    }
    return set;
  }

  absl::StatusOr<std::vector<std::string>> LabelNames(std::span<const LabelMatcher> matchers,
                                                      TimeRange range) const override {
    return Collect(matchers, range, [](const LabelSet& labels, std::set<std::string>* out) {
      for (const LabelView& label : labels) out->emplace(label.name);
    });
  }

  absl::StatusOr<std::vector<std::string>> LabelValues(std::string_view name,
                                                       std::span<const LabelMatcher> matchers,
                                                       TimeRange range) const override {
    return Collect(matchers, range, [name](const LabelSet& labels, std::set<std::string>* out) {
      if (labels.Has(name)) out->emplace(labels.Get(name));
    });
  }

 private:
  template <typename Fn>
  absl::StatusOr<std::vector<std::string>> Collect(std::span<const LabelMatcher> matchers,
                                                   TimeRange range, Fn collect) const {
    const auto set = Select(matchers, range);
    std::set<std::string> found;
    for (size_t i = 0; i < (*set)->size(); ++i) collect((*set)->labels(i), &found);
    return std::vector<std::string>(found.begin(), found.end());
  }

  const std::map<LabelSet, std::map<TimestampMs, double>> series_;
};

}  // namespace

class MemoryAppender : public tsdb::Appender {
 public:
  explicit MemoryAppender(MemoryStore& store) : store_(store) {}

  SeriesRef Find(const Hash128& raw_key) override {
    absl::MutexLock lock(&store_.mu_);
    for (const auto& [key, ref] : store_.raw_keys_) {
      if (key == raw_key) return ref;
    }
    return kNoSeries;
  }

  absl::StatusOr<SeriesRef> GetOrCreate(const LabelSet& labels, const Hash128* raw_key) override {
    if (labels.empty()) return absl::InvalidArgumentError("empty label set");
    absl::MutexLock lock(&store_.mu_);
    const auto [it, made] =
        store_.refs_.emplace(labels, SeriesRef{store_.labels_by_ref_.size() + 1});
    if (made) store_.labels_by_ref_.push_back(labels);
    if (raw_key != nullptr) store_.raw_keys_.emplace_back(*raw_key, it->second);
    return it->second;
  }

  void Append(SeriesRef series, TimestampMs timestamp, double value) override {
    batch_.push_back({series, {timestamp, value}});
  }

  absl::StatusOr<tsdb::CommitResult> Commit(tsdb::CommitMode mode) override {
    const auto batch = std::exchange(batch_, {});
    absl::MutexLock lock(&store_.mu_);
    if (!store_.commit_status_.ok()) return store_.commit_status_;
    for (const auto& [ref, sample] : batch) {
      if (static_cast<size_t>(ref) <= store_.num_gone_)
        return absl::NotFoundError("series is gone");
    }
    tsdb::CommitResult result;
    auto series = store_.series_;  // the state after the batch, taken over as a whole
    for (size_t i = 0; i < batch.size(); ++i) {
      const auto& [ref, sample] = batch[i];
      auto& samples = series[store_.labels_by_ref_[static_cast<size_t>(ref) - 1]];
      const auto found = samples.find(sample.timestamp);
      if (found != samples.end()) {
        if (SameBits(found->second, sample.value)) continue;
        result.rejected.push_back({i, tsdb::RejectReason::kDuplicate});
      } else if (!samples.empty() && samples.rbegin()->first > sample.timestamp) {
        result.rejected.push_back({i, tsdb::RejectReason::kOutOfOrder});
      } else {
        samples[sample.timestamp] = sample.value;
        ++result.stored;
      }
    }
    if (mode == tsdb::CommitMode::kAllOrNothing && !result.rejected.empty()) {
      result.stored = 0;
      return result;
    }
    store_.series_ = std::move(series);
    return result;
  }

  void Rollback() override { batch_.clear(); }

 private:
  MemoryStore& store_;
  std::vector<std::pair<SeriesRef, Sample>> batch_;
};

void MemoryStore::LetSeriesGo() {
  absl::MutexLock lock(&mu_);
  num_gone_ = labels_by_ref_.size();
  refs_.clear();
  raw_keys_.clear();
}

std::unique_ptr<tsdb::Appender> MemoryStore::NewAppender() {
  return std::make_unique<MemoryAppender>(*this);
}

std::unique_ptr<tsdb::Querier> MemoryStore::NewQuerier() const {
  absl::MutexLock lock(&mu_);
  return std::make_unique<MemoryQuerier>(series_);
}

void MemoryStore::Add(const LabelSet& labels, TimestampMs timestamp, double value) {
  absl::MutexLock lock(&mu_);
  series_[labels][timestamp] = value;
}

std::vector<Sample> MemoryStore::Samples(const LabelSet& labels) const {
  absl::MutexLock lock(&mu_);
  std::vector<Sample> out;
  if (const auto it = series_.find(labels); it != series_.end()) {
    for (const auto& [timestamp, value] : it->second) out.push_back({timestamp, value});
  }
  return out;
}

std::vector<LabelSet> MemoryStore::SeriesLabels() const {
  absl::MutexLock lock(&mu_);
  std::vector<LabelSet> out;
  for (const auto& [labels, samples] : series_) out.push_back(labels);
  return out;
}

void MemoryStore::FailCommits(absl::Status status) {
  absl::MutexLock lock(&mu_);
  commit_status_ = std::move(status);
}

}  // namespace tidemark::testing
