#include "tests/testing/memory_store.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/model/histogram_reset.h"
#include "base/model/staleness.h"

namespace tidemark::testing {
namespace {

bool MatchesAll(const LabelSet& labels, std::span<const LabelMatcher> matchers) {
  return std::all_of(matchers.begin(), matchers.end(),
                     [&](const LabelMatcher& m) { return m.Matches(labels); });
}

using StoredValue = MemoryStore::StoredValue;

bool SameValue(const StoredValue& a, const StoredValue& b) {
  if (a.index() != b.index()) return false;
  return std::visit(
      [&](const auto& value) {
        return SameBits(value, std::get<std::decay_t<decltype(value)>>(b));
      },
      a);
}

void AddTo(SampleColumns& columns, TimestampMs timestamp, const StoredValue& value) {
  if (const double* v = std::get_if<double>(&value)) {
    columns.push_back(timestamp, *v);
  } else if (const auto* histogram = std::get_if<HistogramSample>(&value)) {
    columns.histograms.push_back(timestamp, *histogram);
  } else {
    columns.histograms.push_back(timestamp, std::get<FloatHistogramSample>(value));
  }
}

// The hint of `now`, a histogram, after `before`.
CounterResetHint FindHint(const StoredValue& before, const StoredValue& now) {
  SampleColumns samples;
  AddTo(samples, 0, before);
  AddTo(samples, 1, now);
  const HistogramView newest = samples.histograms[samples.histograms.size() - 1];
  if (newest.counter_reset_hint == CounterResetHint::kGauge) return CounterResetHint::kGauge;
  if (samples.histograms.size() < 2) return CounterResetHint::kUnknown;
  const HistogramView older = samples.histograms[0];
  const bool goes_on =
      older.is_float == newest.is_float && older.counter_reset_hint != CounterResetHint::kGauge &&
      !IsStaleMarker(older.sum) && !IsStaleMarker(newest.sum) && !IsCounterReset(newest, older);
  return goes_on ? CounterResetHint::kNotCounterReset : CounterResetHint::kUnknown;
}

void SetHint(CounterResetHint hint, StoredValue& value) {
  if (auto* histogram = std::get_if<HistogramSample>(&value)) histogram->counter_reset_hint = hint;
  if (auto* histogram = std::get_if<FloatHistogramSample>(&value)) {
    histogram->counter_reset_hint = hint;
  }
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
  explicit MemoryQuerier(std::map<LabelSet, std::map<TimestampMs, StoredValue>> series)
      : series_(std::move(series)) {}

  absl::StatusOr<std::unique_ptr<tsdb::SeriesSet>> Select(std::span<const LabelMatcher> matchers,
                                                          TimeRange range) const override {
    auto set = std::make_unique<MemorySeriesSet>();
    for (const auto& [labels, samples] : series_) {
      if (!MatchesAll(labels, matchers)) continue;
      SampleColumns columns;
      for (auto it = samples.lower_bound(range.min); it != samples.end() && it->first <= range.max;
           ++it) {
        AddTo(columns, it->first, it->second);
      }
      if (columns.has_samples()) set->Add(labels, std::move(columns));
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

  const std::map<LabelSet, std::map<TimestampMs, StoredValue>> series_;
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
    batch_.push_back({series, timestamp, value});
  }
  void Append(SeriesRef series, TimestampMs timestamp, HistogramSample histogram) override {
    batch_.push_back({series, timestamp, std::move(histogram)});
  }
  void Append(SeriesRef series, TimestampMs timestamp, FloatHistogramSample histogram) override {
    batch_.push_back({series, timestamp, std::move(histogram)});
  }

  tsdb::ExemplarVerdict AppendExemplar(SeriesRef series, Exemplar exemplar) override {
    absl::MutexLock lock(&store_.mu_);
    const LabelSet& labels = store_.labels_by_ref_[static_cast<size_t>(series) - 1];
    for (const auto& [known, newest] : store_.exemplars_) {
      if (known != labels || newest.timestamp < exemplar.timestamp) continue;
      return newest.timestamp == exemplar.timestamp ? tsdb::ExemplarVerdict::kIgnored
                                                    : tsdb::ExemplarVerdict::kOutOfOrder;
    }
    exemplars_.emplace_back(labels, std::move(exemplar));
    return tsdb::ExemplarVerdict::kTaken;
  }

  absl::StatusOr<tsdb::CommitResult> Commit(tsdb::CommitMode mode) override {
    const auto batch = std::exchange(batch_, {});
    const auto exemplars = std::exchange(exemplars_, {});
    absl::MutexLock lock(&store_.mu_);
    if (!store_.commit_status_.ok()) return store_.commit_status_;
    for (const Appended& sample : batch) {
      if (static_cast<size_t>(sample.series) <= store_.num_gone_)
        return absl::NotFoundError("series is gone");
    }
    tsdb::CommitResult result;
    auto series = store_.series_;  // the state after the batch, taken over as a whole
    for (size_t i = 0; i < batch.size(); ++i) {
      const Appended& sample = batch[i];
      auto& samples = series[store_.labels_by_ref_[static_cast<size_t>(sample.series) - 1]];
      const auto found = samples.find(sample.timestamp);
      if (found != samples.end()) {
        if (SameValue(found->second, sample.value)) continue;
        result.rejected.push_back({i, tsdb::RejectReason::kDuplicate});
      } else if (!samples.empty() && samples.rbegin()->first > sample.timestamp) {
        result.rejected.push_back({i, tsdb::RejectReason::kOutOfOrder});
      } else {
        StoredValue value = sample.value;
        if (store_.hints_ == MemoryStore::Hints::kFound && value.index() != 0) {
          const bool is_first = samples.empty();
          SetHint(FindHint(is_first ? StoredValue(0.0) : samples.rbegin()->second, value), value);
        }
        samples[sample.timestamp] = std::move(value);
        ++result.stored;
      }
    }
    if (mode == tsdb::CommitMode::kAllOrNothing && !result.rejected.empty()) {
      result.stored = 0;
      return result;
    }
    store_.series_ = std::move(series);
    store_.exemplars_.insert(store_.exemplars_.end(), exemplars.begin(), exemplars.end());
    return result;
  }

  void Rollback() override {
    batch_.clear();
    exemplars_.clear();
  }

 private:
  struct Appended {
    SeriesRef series;
    TimestampMs timestamp;
    StoredValue value;
  };
  MemoryStore& store_;
  std::vector<Appended> batch_;
  std::vector<std::pair<LabelSet, Exemplar>> exemplars_;
};

std::vector<std::pair<LabelSet, Exemplar>> MemoryStore::Exemplars() const {
  absl::MutexLock lock(&mu_);
  return exemplars_;
}

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

void MemoryStore::AddValue(const LabelSet& labels, TimestampMs timestamp, StoredValue value) {
  absl::MutexLock lock(&mu_);
  series_[labels][timestamp] = std::move(value);
}

std::vector<Sample> MemoryStore::Samples(const LabelSet& labels) const {
  absl::MutexLock lock(&mu_);
  std::vector<Sample> out;
  if (const auto it = series_.find(labels); it != series_.end()) {
    for (const auto& [timestamp, value] : it->second) {
      if (const double* v = std::get_if<double>(&value)) out.push_back({timestamp, *v});
    }
  }
  return out;
}

HistogramColumns MemoryStore::Histograms(const LabelSet& labels) const {
  absl::MutexLock lock(&mu_);
  SampleColumns out;
  if (const auto it = series_.find(labels); it != series_.end()) {
    for (const auto& [timestamp, value] : it->second) AddTo(out, timestamp, value);
  }
  return std::move(out.histograms);
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
