#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "base/model/sample.h"
#include "base/model/staleness.h"
#include "base/run/fake_clock.h"
#include "base/strings.h"
#include "tests/testing/histogram_shapes.h"
#include "tests/testing/temp_directory.h"
#include "tsdb/db.h"

// The store against the simplest one that keeps the same promises: random batches, restarts and
// selections; and many threads at once.

namespace tidemark::tsdb {
namespace {

using tidemark::testing::TempDirectory;

constexpr TimestampMs kStart = 1'700'000'000'000;

// A float, or a histogram, which the columns hold.
struct Value {
  double number = 0;
  HistogramColumns histogram = {};

  bool is_histogram() const { return !histogram.empty(); }
  bool is_stale() const { return IsStaleMarker(is_histogram() ? histogram[0].sum : number); }
};

bool SameButHint(const HistogramView& a, const HistogramView& b) {
  HistogramColumns columns;
  for (const HistogramView* view : {&a, &b}) {
    columns.push_back(columns.empty() ? 0 : 1, *view);
    columns.SetHint(columns.size() - 1, CounterResetHint::kUnknown);
  }
  return SameBits(columns[0], columns[1]);
}

// A staleness marker is the same one among floats and among histograms.
bool SameValue(const Value& a, const Value& b) {
  if (a.is_stale() || b.is_stale()) return a.is_stale() && b.is_stale();
  if (a.is_histogram() != b.is_histogram()) return false;
  return a.is_histogram() ? SameButHint(a.histogram[0], b.histogram[0])
                          : SameBits(a.number, b.number);
}

// What stands at each time.
std::map<TimestampMs, Value> ValuesOf(const SampleColumns& samples) {
  std::map<TimestampMs, Value> values;
  for (size_t i = 0; i < samples.size(); ++i) {
    values[samples.timestamps[i]].number = samples.values[i];
  }
  for (size_t i = 0; i < samples.histograms.size(); ++i) {
    values[samples.histograms.timestamps()[i]].histogram.push_back(0, samples.histograms[i]);
  }
  return values;
}

// Whether what is said about counter resets is true of neighbours, and gauges are still gauges.
bool HintsHold(const HistogramColumns& histograms) {
  for (size_t i = 0; i < histograms.size(); ++i) {
    const HistogramView h = histograms[i];
    if (h.counter_reset_hint == CounterResetHint::kCounterReset) return false;
    if (h.counter_reset_hint != CounterResetHint::kNotCounterReset || i == 0) continue;
    const HistogramView before = histograms[i - 1];
    if (before.count > h.count || before.zero_count > h.zero_count) return false;
  }
  return true;
}

void AppendTo(Appender& appender, SeriesRef series, TimestampMs t, const Value& value) {
  if (!value.is_histogram()) {
    appender.Append(series, t, value.number);
  } else if (value.histogram[0].is_float) {
    appender.Append(series, t, ToFloatHistogram(value.histogram[0]));
  } else {
    appender.Append(series, t, ToIntegerHistogram(value.histogram[0]));
  }
}

struct PlainSample {
  size_t series;
  TimestampMs timestamp;
  Value value;
};

// A map of samples with the rules of Options and appender.h written down as they read.
class Model {
 public:
  using Samples = std::map<TimestampMs, Value>;
  struct Series {
    Samples samples;
    TimestampMs last = kMinTimestamp;  // the newest there ever was
    std::set<TimestampMs> deleted;
  };

  explicit Model(const Options& options) : options_(options) {}

  // `unsure` are samples at times that the store has in its blocks, perhaps: it may take them
  // for new, which readers do not see.
  CommitResult Commit(const std::vector<PlainSample>& batch, CommitMode mode, TimestampMs now,
                      std::set<size_t>* unsure) {
    CommitResult result;
    auto after = series_;
    const TimestampMs oldest = SaturatingSubtract(newest_, options_.retention);
    TimestampMs newest = newest_;
    for (size_t i = 0; i < batch.size(); ++i) {
      Series& series = after[batch[i].series];
      const TimestampMs t = batch[i].timestamp;
      // A cut takes nothing that is newer than this.
      const TimestampMs uncut = SaturatingSubtract(newest_, options_.min_block_range / 2);
      if (t < uncut && series.samples.contains(t)) {
        unsure->insert(i);
        continue;
      }
      const auto reason = Judge(series, batch[i], oldest, now + options_.max_future);
      if (reason) {
        result.rejected.push_back({i, *reason});
      } else if (series.samples.emplace(t, batch[i].value).second) {
        ++result.stored;
        series.last = std::max(series.last, t);
        newest = std::max(newest, t);
      }
    }
    if (mode == CommitMode::kAllOrNothing && !result.rejected.empty()) {
      result.stored = 0;
    } else {
      series_ = std::move(after);
      newest_ = newest;
    }
    return result;
  }
  void Delete(size_t series, TimeRange range) {
    Series& s = series_[series];
    std::erase_if(s.samples, [&](const auto& sample) {
      if (!range.Contains(sample.first)) return false;
      s.deleted.insert(sample.first);
      return true;
    });
  }

  const std::map<size_t, Series>& series() const { return series_; }
  bool WasDeleted(size_t series, TimestampMs t) const {
    const auto found = series_.find(series);
    return found != series_.end() && found->second.deleted.contains(t);
  }
  TimestampMs Newest() const { return newest_; }

 private:
  std::optional<RejectReason> Judge(const Series& series, const PlainSample& s, TimestampMs oldest,
                                    TimestampMs newest) const {
    const TimestampMs last = series.last;
    if (s.timestamp > last) {
      if (s.timestamp < oldest || s.timestamp > newest) return RejectReason::kOutOfBounds;
      return std::nullopt;
    }
    if (s.timestamp != last) {
      if (options_.out_of_order_window == 0) return RejectReason::kOutOfOrder;
      if (s.timestamp < std::max(oldest, last - options_.out_of_order_window)) {
        return RejectReason::kTooOld;
      }
    }
    const auto known = series.samples.find(s.timestamp);
    if (known == series.samples.end() || SameValue(known->second, s.value)) return std::nullopt;
    return RejectReason::kDuplicate;
  }

  const Options options_;
  std::map<size_t, Series> series_;
  TimestampMs newest_ = kMinTimestamp;
};

std::vector<std::pair<size_t, RejectReason>> Plain(const std::vector<RejectedSample>& rejected) {
  std::vector<std::pair<size_t, RejectReason>> plain;
  for (const RejectedSample& r : rejected) plain.emplace_back(r.index, r.reason);
  return plain;
}

class ModelRun {
 public:
  ModelRun(uint64_t seed, DurationMs window)
      : random_(seed),
        histograms_{tidemark::testing::MakeHistograms(seed, 6, false),
                    tidemark::testing::MakeHistograms(seed, 6, true)} {
    options_.path = directory_.path();
    options_.out_of_order_window = window;
    options_.retention = kDay;
    options_.min_block_range = 10 * kMinute;
    options_.max_block_range = 90 * kMinute;
    options_.checkpoint_bytes = 4096;
    // A series that has left the head has forgotten its newest sample, and takes older ones again:
    // the model does not know that.
    options_.idle_interval = 365 * kDay;
    options_.fsync = static_cast<FsyncPolicy>(seed % 3);
    model_ = std::make_unique<Model>(options_);
    Open();
  }

  void Run(int num_steps) {
    for (int step = 0; step < num_steps && !::testing::Test::HasFatalFailure(); ++step) {
      SCOPED_TRACE(StrCat("step ", step));
      clock_.Advance(static_cast<DurationMs>(random_() % 20'000));
      const uint64_t what = random_() % 100;
      if (what < 2) {
        Open();
      } else if (what < 12) {
        Compare(*db_);
      } else if (what < 14) {
        Delete();
      } else if (what < 18) {
        Maintain();
      } else if (what < 19) {
        Snapshot();
      } else {
        CommitRandomBatch();
      }
    }
    Open();
    Compare(*db_);
  }

 private:
  static constexpr size_t kNumSeries = 12;

  void Open() {
    for (auto& appender : appenders_) appender.reset();
    db_.reset();
    auto db = Db::Open(options_, clock_, metrics_);
    ASSERT_TRUE(db.ok()) << db.status();
    db_ = *std::move(db);
    for (auto& appender : appenders_) appender = db_->NewAppender();
  }

  // Cuts, checkpoints and merges.
  void Maintain() {
    const absl::Status maintained = db_->Maintain();
    ASSERT_TRUE(maintained.ok()) << maintained;
    if (random_() % 4 == 0) {
      ASSERT_TRUE(db_->CleanTombstones().ok());
    }
  }

  void Delete() {
    const size_t i = random_() % kNumSeries;
    const TimestampMs from = clock_.Now() - static_cast<TimestampMs>(random_() % (2 * kHour));
    const TimeRange range{from, from + static_cast<DurationMs>(random_() % (20 * kMinute))};
    const auto matcher = LabelMatcher::Equal("i", StrCat(i));
    const auto deleted = db_->Delete({&matcher, 1}, range);
    ASSERT_TRUE(deleted.ok()) << deleted.status();
    model_->Delete(i, range);
  }

  // A snapshot is a store of its own.
  void Snapshot() {
    const auto name = db_->Snapshot(false);
    ASSERT_TRUE(name.ok()) << name.status();
    Options options = options_;
    options.path = options_.path + "/snapshots/" + *name;
    MetricRegistry metrics;
    auto db = Db::Open(options, clock_, metrics);
    ASSERT_TRUE(db.ok()) << db.status();
    Compare(**db);
    db->reset();
    std::filesystem::remove_all(options.path);
  }

  static LabelSet Labels(size_t i) {
    return {{"__name__", StrCat("m", i % 4)}, {"i", StrCat(i)}, {"odd", i % 2 == 1 ? "yes" : ""}};
  }

  // Some series are of floats, others of histograms, some of both.
  Value RandomValue(size_t series) {
    Value value;
    if (random_() % 10 < 3 * (series % 4)) {
      const HistogramColumns& some = histograms_[random_() % 8 == 0 ? 1 : 0];
      value.histogram.push_back(0, some[random_() % some.size()]);
    } else {
      value.number = RandomNumber();
    }
    return value;
  }

  double RandomNumber() {
    switch (random_() % 8) {
      case 0:
        return StaleMarker();
      case 1:
        return std::bit_cast<double>(random_());
      case 2:
        return -0.0;
      default:
        return static_cast<double>(random_() % 5);
    }
  }

  // Times around now and the edges of the rules, with many repetitions.
  TimestampMs RandomTime() {
    const TimestampMs now = clock_.Now() / 1000 * 1000;
    switch (random_() % 12) {
      case 0:
        return clock_.Now() + options_.max_future + static_cast<TimestampMs>(random_() % 3) - 1;
      case 1:
        return now - options_.out_of_order_window + static_cast<TimestampMs>(random_() % 3) - 1;
      case 2:
        return now - static_cast<TimestampMs>(random_() % (2 * kHour));
      case 3:
        return now - options_.retention - static_cast<TimestampMs>(random_() % kHour);
      default:
        return now - static_cast<TimestampMs>(random_() % 4) * 1000;
    }
  }

  void CommitRandomBatch() {
    Appender& appender = *appenders_[random_() % appenders_.size()];
    std::vector<PlainSample> batch;
    for (uint64_t k = random_() % 30; k > 0; --k) {
      const size_t series = random_() % kNumSeries;
      const PlainSample sample{series, RandomTime(), RandomValue(series)};
      // Whether one that was deleted may come back with another value depends on where it was.
      if (model_->WasDeleted(sample.series, sample.timestamp)) continue;
      batch.push_back(sample);
      AppendTo(appender, *appender.GetOrCreate(Labels(sample.series)), sample.timestamp,
               sample.value);
    }
    if (random_() % 20 == 0) {
      appender.Rollback();
      return;
    }
    CommitMode mode = random_() % 4 == 0 ? CommitMode::kAllOrNothing : CommitMode::kPartial;
    std::set<size_t> unsure;
    Model trial = *model_;
    trial.Commit(batch, mode, clock_.Now(), &unsure);
    if (!unsure.empty()) mode = CommitMode::kPartial;
    const CommitResult want = model_->Commit(batch, mode, clock_.Now(), &unsure);
    const auto got = appender.Commit(mode);
    ASSERT_TRUE(got.ok()) << got.status();
    ASSERT_GE(got->stored, want.stored);
    ASSERT_LE(got->stored, want.stored + unsure.size());
    auto rejected = Plain(got->rejected);
    std::erase_if(rejected, [&](const auto& r) { return unsure.contains(r.first); });
    ASSERT_EQ(rejected, Plain(want.rejected));
  }

  void Compare(const Db& db) {
    const TimestampMs from = clock_.Now() - static_cast<TimestampMs>(random_() % (3 * kHour));
    const TimeRange range =
        random_() % 2 == 0 ? TimeRange()
                           : TimeRange{from, from + static_cast<DurationMs>(random_() % kHour)};
    std::vector<LabelMatcher> matchers;
    if (random_() % 2 == 0) matchers.push_back(LabelMatcher::Equal("odd", "yes"));
    if (random_() % 3 == 0)
      matchers.push_back(*LabelMatcher::Create("__name__", MatchOp::kRegex, "m[01]"));
    const auto set = db.NewQuerier()->Select(matchers, range);
    ASSERT_TRUE(set.ok()) << set.status();
    std::map<LabelSet, SampleColumns> found;
    for (size_t i = 0; i < (*set)->size(); ++i) {
      if (i > 0) {
        ASSERT_LT((*set)->labels(i - 1), (*set)->labels(i));
      }
      SampleColumns& samples = found[(*set)->labels(i)];
      ASSERT_TRUE((*set)->Read(i, samples).ok());
    }
    const TimestampMs horizon = SaturatingSubtract(model_->Newest(), options_.retention);
    for (const auto& [i, series] : model_->series()) {
      const Model::Samples& samples = series.samples;
      const LabelSet labels = Labels(i);
      if (!std::all_of(matchers.begin(), matchers.end(),
                       [&](const LabelMatcher& m) { return m.Matches(labels); })) {
        ASSERT_FALSE(found.contains(labels)) << labels.ToString();
        continue;
      }
      ASSERT_TRUE(HintsHold(found[labels].histograms)) << labels.ToString();
      const std::map<TimestampMs, Value> got = ValuesOf(found[labels]);
      ASSERT_EQ(got.size(), found[labels].num_samples()) << labels.ToString();
      size_t num_found = 0;
      for (const auto& [t, v] : samples) {
        if (!range.Contains(t)) continue;
        // Retention may have taken what is older: when it runs is the store's own affair.
        if (t < horizon && !got.contains(t)) continue;
        ASSERT_TRUE(got.contains(t)) << labels.ToString() << " at " << t;
        ASSERT_TRUE(SameValue(got.at(t), v)) << labels.ToString() << " at " << t;
        ++num_found;
      }
      ASSERT_EQ(num_found, got.size()) << labels.ToString();
    }
  }

  std::mt19937_64 random_;
  const std::array<HistogramColumns, 2> histograms_;  // integer and float ones
  TempDirectory directory_;
  FakeClock clock_{kStart};
  MetricRegistry metrics_;
  Options options_;
  std::unique_ptr<Model> model_;
  std::unique_ptr<Db> db_;
  std::array<std::unique_ptr<Appender>, 3> appenders_;
};

TEST(DbModelTest, AgreesWithAMap) {
  for (const DurationMs window : {DurationMs{0}, 10 * kSecond, kHour}) {
    const uint64_t seed = std::random_device()();
    SCOPED_TRACE(StrCat("window ", window, ", seed ", seed));
    ModelRun(seed, window).Run(600);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

// Each appender writes the number of its batch to all of its series. Whoever reads must find all
// series of an appender alike.
TEST(DbConcurrencyTest, ReadersSeeWholeBatches) {
  constexpr int kNumAppenders = 3, kNumBatches = 200, kNumSeries = 40;
  const TempDirectory directory;
  FakeClock clock(kStart);
  MetricRegistry metrics;
  const Options options{
      .path = directory.path(), .fsync = FsyncPolicy::kInterval, .fsync_interval = 1};
  auto db = *Db::Open(options, clock, metrics);
  std::atomic<int> num_running{kNumAppenders};

  const auto append = [&](int a) {
    const auto appender = db->NewAppender();
    for (int b = 0; b < kNumBatches; ++b) {
      for (int s = 0; s < kNumSeries + b / 20; ++s) {
        const std::string raw = StrCat(a, ".", s);
        const Hash128 key = SeededHash128(raw);
        SeriesRef ref = appender->Find(key);
        if (ref == kNoSeries) {
          ref = *appender->GetOrCreate({{"appender", StrCat(a)}, {"series", StrCat(s)}}, &key);
        }
        appender->Append(ref, kStart + b, b);
      }
      const auto result = appender->Commit(CommitMode::kAllOrNothing);
      ASSERT_TRUE(result.ok()) << result.status();
      ASSERT_TRUE(result->rejected.empty());
    }
    --num_running;
  };
  const auto read = [&] {
    SampleColumns samples;
    while (num_running > 0) {
      const auto set = db->NewQuerier()->Select({}, TimeRange());
      ASSERT_TRUE(set.ok());
      std::map<std::string, double> newest;
      for (size_t i = 0; i < (*set)->size(); ++i) {
        ASSERT_TRUE((*set)->Read(i, samples).ok());
        ASSERT_FALSE(samples.empty());
        const auto [it, first] = newest.try_emplace(std::string((*set)->labels(i).Get("appender")),
                                                    samples.values.back());
        ASSERT_EQ(it->second, samples.values.back()) << (*set)->labels(i).ToString();
      }
      ASSERT_TRUE(db->NewQuerier()->LabelValues("series", {}, TimeRange()).ok());
    }
  };
  std::vector<std::thread> threads;
  for (int a = 0; a < kNumAppenders; ++a) threads.emplace_back(append, a);
  threads.emplace_back(read);
  threads.emplace_back(read);
  for (std::thread& t : threads) t.join();

  const HeadStats before = db->Stats();
  db.reset();
  db = *Db::Open(options, clock, metrics);
  EXPECT_EQ(db->Stats().num_samples, before.num_samples);
  EXPECT_EQ(db->Stats().num_series, before.num_series);
}

}  // namespace
}  // namespace tidemark::tsdb
