#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "base/run/fake_clock.h"
#include "base/strings.h"
#include "tsdb/head/head.h"

namespace tidemark::tsdb {
namespace {

constexpr DurationMs kRange = 2 * kHour;
constexpr TimestampMs kStart = 1'700'006'400'000 / kRange * kRange;
constexpr uint32_t kSeries = 1024;

SeriesRef Ref(uint32_t i) { return RefOf(i, 0); }

// A journal of `num_batches`: most samples a step behind those before, some late, known, of nobody,
// or in another block's time; series that come by and by; now and then a deletion.
class RandomJournal {
 public:
  RandomJournal(uint64_t seed, size_t num_batches) : random_(seed), batches_(num_batches) {
    labels_.reserve(kSeries);
    for (uint32_t i = 0; i < kSeries; ++i) {
      labels_.push_back(LabelSet{{"__name__", "m"}, {"i", StrCat(i)}});
    }
    for (size_t k = 0; k < num_batches; ++k) Fill(k, batches_[k]);
    for (size_t k = 0; k < num_batches; ++k) numbered_.push_back({k + 1, &batches_[k]});
  }
  std::span<const NumberedBatch> batches() const { return numbered_; }

 private:
  bool OneIn(uint32_t n) { return random_() % n == 0; }
  void Fill(size_t k, JournalBatch& batch) {
    const uint32_t named = num_named_;
    if (k == 0 || OneIn(8)) num_named_ = std::min(kSeries, num_named_ + kSeries / 4);
    for (uint32_t i = named; i < num_named_; ++i) {
      batch.new_series.push_back({Ref(i), labels_[i].bytes()});
    }
    const TimestampMs now = kStart + static_cast<DurationMs>(k) * kMinute;
    for (uint32_t i = 0; i < num_named_; ++i) {
      if (OneIn(10)) continue;
      TimestampMs t = now + static_cast<DurationMs>(i % 7);
      if (OneIn(50)) t -= static_cast<DurationMs>(random_() % 90) * kMinute;
      batch.samples.push_back({Ref(i), t, static_cast<double>(random_() % 100)});
      if (OneIn(100)) batch.samples.push_back(batch.samples.back());
      if (OneIn(500)) batch.samples.push_back({Ref(i + kSeries), t, 1});  // nobody's
    }
    if (OneIn(16)) {
      batch.deletions.push_back({Ref(static_cast<uint32_t>(random_() % num_named_)), kStart, now});
    }
  }

  std::mt19937_64 random_;
  uint32_t num_named_ = 0;
  std::vector<LabelSet> labels_;
  std::vector<JournalBatch> batches_;
  std::vector<NumberedBatch> numbered_;
};

struct Replayed {
  std::string Describe() const {
    const HeadStats stats = head.Stats();
    std::string text = StrCat(stats.num_series, " series ", stats.num_chunks, " chunks ",
                              stats.num_samples, " samples ", stats.range.min, " to ",
                              stats.range.max, ", newest ", head.Newest(), "\n");
    for (const SeriesPin& pin : head.Select({}, TimeRange())) {
      SampleColumns samples;
      EXPECT_TRUE(head.Read(pin, TimeRange(), samples).ok());
      StrAppend(&text, pin.series, ":");
      for (size_t k = 0; k < samples.size(); ++k) {
        StrAppend(&text, " ", samples.timestamps[k], "=", samples.values[k]);
      }
      text += "\n";
    }
    return text;
  }

  FakeClock clock{kStart + kDay};
  MetricRegistry metrics;
  const Head::Options options{.out_of_order_window = 10 * kHour, .block_range = kRange};
  Head head{options, clock, metrics};
};

TEST(HeadReplayTest, ManyBatchesAtOnceGiveWhatTheyGiveOneByOne) {
  for (uint64_t seed = 1; seed <= 2; ++seed) {
    SCOPED_TRACE(StrCat("seed ", seed));
    const RandomJournal journal(seed, /*num_batches=*/80);
    Replayed one_by_one, together, in_groups;
    for (const NumberedBatch& batch : journal.batches()) one_by_one.head.Replay({&batch, 1});
    together.head.Replay(journal.batches());
    for (size_t k = 0; k < 80; k += 20) {
      in_groups.head.Replay(journal.batches().subspan(k, 20));
    }
    const std::string expected = one_by_one.Describe();
    EXPECT_GT(one_by_one.head.Stats().num_samples, 30'000u);
    EXPECT_TRUE(expected == together.Describe());
    EXPECT_TRUE(expected == in_groups.Describe());
  }
}

}  // namespace
}  // namespace tidemark::tsdb
