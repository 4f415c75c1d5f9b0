#include "promql/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "base/model/staleness.h"
#include "base/strings.h"
#include "tests/testing/memory_store.h"

namespace tidemark::promql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class EngineTest : public ::testing::Test {
 protected:
  EngineTest() : pool_(3) {}

  void Add(const LabelSet& labels, std::vector<double> values) {
    for (size_t i = 0; i < values.size(); ++i) {
      store_.Add(labels, static_cast<TimestampMs>(i) * kMinute, values[i]);
    }
  }

  absl::StatusOr<QueryResult> Range(std::string_view text, EngineOptions options = {},
                                    EvalTimes times = {0, 2 * kMinute, kMinute}) {
    Engine engine(options, pool_, metrics_);
    const auto query = Query::Parse(text);
    if (!query.ok()) return query.status();
    return engine.Range(*query, *store_.NewQuerier(), times, cancellation_);
  }

  // The series of a range query as text: `{a="b"} 1@0 2@60`.
  std::vector<std::string> Lines(std::string_view text, EngineOptions options = {},
                                 EvalTimes times = {0, 2 * kMinute, kMinute}) {
    const auto result = Range(text, options, times);
    if (!result.ok()) return {std::string(ToStd(result.status().message()))};
    std::vector<std::string> lines;
    for (const Series& series : std::get<Matrix>(result->value)) {
      std::string line = series.labels.ToString();
      for (const Sample& s : series.samples) {
        StrAppend(&line, " ", s.value, "@", s.timestamp / kSecond);
      }
      lines.push_back(std::move(line));
    }
    return lines;
  }

  testing::MemoryStore store_;
  ThreadPool pool_;
  MetricRegistry metrics_;
  Cancellation cancellation_;
};

constexpr char kSameLabels[] = "vector cannot contain metrics with the same labelset";

TEST_F(EngineTest, ResultIsSortedByLabels) {
  Add({{"__name__", "m"}, {"z", "1"}}, {1});
  Add({{"__name__", "m"}, {"a", "2"}}, {2});
  EXPECT_THAT(Lines("m", {}, EvalTimes::At(0)), ElementsAre("m{a=\"2\"} 2@0", "m{z=\"1\"} 1@0"));
}

TEST_F(EngineTest, NamesLostAtOnceMayNotMakeSeriesEqual) {
  Add({{"__name__", "a"}, {"job", "x"}}, {1});
  Add({{"__name__", "b"}, {"job", "x"}}, {2});
  const EngineOptions late = {.delayed_name_removal = true};
  for (const char* query : {"-{job=\"x\"}", "abs({job=\"x\"})", "{job=\"x\"} + 1",
                            "max_over_time({job=\"x\"}[1m])", "{job=\"x\"} > bool 1"}) {
    EXPECT_THAT(Lines(query), ElementsAre(kSameLabels)) << query;
    EXPECT_THAT(Lines(query, late), ElementsAre(kSameLabels)) << query;
  }
  // Late removal looks at the end only: what happened in between may tell the metrics apart.
  EXPECT_THAT(Lines("sum(abs({job=\"x\"}))"), ElementsAre(kSameLabels));
  EXPECT_THAT(Lines("sum(abs({job=\"x\"}))", late, EvalTimes::At(0)), ElementsAre("{} 3@0"));
  EXPECT_THAT(Lines("last_over_time({job=\"x\"}[1m])", {}, EvalTimes::At(0)),
              ElementsAre("a{job=\"x\"} 1@0", "b{job=\"x\"} 2@0"));
}

// Sums of doubles depend on their order, and must not on who adds them up.
TEST_F(EngineTest, ResultIsTheSameBitForBitWhateverTheNumberOfThreads) {
  const uint32_t seed = std::random_device()();
  std::cout << "seed " << seed << "\n";
  std::mt19937 random(seed);
  for (int series = 0; series < 700; ++series) {
    const LabelSet labels = {{"__name__", series % 2 == 0 ? "a_total" : "b_total"},
                             {"job", StrCat(random() % 5)},
                             {"series", StrCat(series)}};
    double value = 0;
    for (TimestampMs t = random() % kMinute; t < 40 * kMinute; t += kMinute) {
      value = random() % 30 == 0 ? 0 : value + static_cast<double>(random()) / 1e5;
      if (random() % 10 != 0) store_.Add(labels, t, value);
    }
  }
  const EvalTimes every = {0, 40 * kMinute, 10 * kSecond};
  for (const char* text :
       {"sum(rate({job=~\".+\"}[5m]))", "avg by (job) (a_total)", "stddev(rate(a_total[5m]))",
        "topk(5, rate(b_total[5m]))", "sum by (job) (quantile_over_time(0.9, a_total[10m]))",
        "a_total / on (job) group_left () sum by (job) (a_total)",
        "max_over_time(sum by (job) (rate(a_total[5m]))[10m:1m])",
        "sum by (job) (avg_over_time({job!=\"\"}[40m]))"}) {
    const auto query = Query::Parse(text);
    ASSERT_TRUE(query.ok()) << query.status();
    Matrix want;
    for (const size_t num_threads : {0, 1, 3}) {  // beside the caller
      ThreadPool pool(num_threads);
      MetricRegistry metrics;
      Engine engine({}, pool, metrics);
      const auto got = engine.Range(*query, *store_.NewQuerier(), every, cancellation_);
      ASSERT_TRUE(got.ok()) << text << ": " << got.status();
      const Matrix& matrix = std::get<Matrix>(got->value);
      if (num_threads == 0) want = matrix;
      ASSERT_EQ(matrix.size(), want.size()) << text;
      for (size_t i = 0; i < matrix.size(); ++i) {
        ASSERT_EQ(matrix[i].labels, want[i].labels) << text;
        ASSERT_EQ(matrix[i].samples.size(), want[i].samples.size()) << text;
        for (size_t k = 0; k < want[i].samples.size(); ++k) {
          ASSERT_TRUE(SameBits(matrix[i].samples[k].value, want[i].samples[k].value)) << text;
        }
      }
    }
  }
}

TEST_F(EngineTest, SeriesThatTakeTurnsBecomeOne) {
  Add({{"__name__", "a"}}, {1, StaleMarker()});
  store_.Add({{"__name__", "b"}}, kMinute, 2);
  for (const bool late : {false, true}) {
    EXPECT_THAT(Lines("-{__name__=~\"a|b\"}", {.delayed_name_removal = late}),
                ElementsAre("{} -1@0 -2@60 -2@120"));
    EXPECT_THAT(Lines("max_over_time((-{__name__=~\"a|b\"})[2m:1m])",
                      {.delayed_name_removal = late}, EvalTimes::At(kMinute)),
                late ? ElementsAre(kSameLabels) : ElementsAre("{} -1@60"));
  }
}

TEST_F(EngineTest, MatchingErrorsAreThoseOfTheStepsThatFail) {
  Add({{"__name__", "one"}, {"k", "a"}}, {1, StaleMarker()});
  store_.Add({{"__name__", "one"}, {"k", "b"}}, kMinute, 2);
  Add({{"__name__", "many"}}, {10, 10, 10});
  EXPECT_THAT(Lines("many + ignoring(k) one"), ElementsAre("{} 11@0 12@60 12@120"));
  store_.Add({{"__name__", "one"}, {"k", "a"}}, 2 * kMinute, 3);
  EXPECT_THAT(Lines("many + ignoring(k) one"),
              ElementsAre("found duplicate series for the match group {} on the right hand-side of "
                          "the operation: [{__name__=\"one\", k=\"a\"}, {__name__=\"one\", "
                          "k=\"b\"}];many-to-many matching not allowed: matching labels must be "
                          "unique on one side"));
  // Where the other side is empty nothing is matched, and nothing is wrong.
  EXPECT_THAT(Lines("(many < 0) + ignoring(k) one"), ElementsAre());
  EXPECT_THAT(Lines("one + ignoring(k) many"), ElementsAre(HasSubstr("must be explicit")));
}

TEST_F(EngineTest, AbsentKeepsALabelWhoseLastMatcherIsItsOnlyEqual) {
  const EvalTimes once = EvalTimes::At(0);
  EXPECT_THAT(Lines("absent(x{a=~\"f.*\", a=\"foo\"})", {}, once), ElementsAre("{a=\"foo\"} 1@0"));
  EXPECT_THAT(Lines("absent(x{a=\"foo\", a=~\"f.*\"})", {}, once), ElementsAre("{} 1@0"));
  EXPECT_THAT(Lines("absent(x{a=\"foo\", a=\"bar\"})", {}, once), ElementsAre("{} 1@0"));
}

TEST_F(EngineTest, LimitsAndCancellation) {
  for (int i = 0; i < 10; ++i) Add({{"__name__", "m"}, {"i", StrCat(i)}}, {1, 2, 3});
  const auto limited = [&](std::string_view query, size_t max_samples) {
    return Range(query, {.max_samples = max_samples}).status();
  };
  EXPECT_TRUE(limited("m", 100).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(limited("m", 20)));
  EXPECT_THAT(limited("m", 20).message().data(),
              HasSubstr("query processing would load too many samples into memory in query "
                        "execution"));
  // Sums hold their groups, not their series.
  EXPECT_TRUE(limited("sum(m)", 40).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(limited("sum_over_time(m[200y:1s])", 1'000'000)));

  // Few samples a series, and room for ten thousand steps.
  const auto kept_to = [&](size_t one, size_t all) {
    return Range("count(last_over_time(m[10000s:1s]))",
                 {.max_memory_bytes = one, .max_total_memory_bytes = all})
        .status();
  };
  EXPECT_TRUE(kept_to(4'000'000, 4'000'000).ok());
  EXPECT_EQ(kept_to(1'000'000, 4'000'000),
            absl::ResourceExhaustedError(
                "query would hold more than 1000000 bytes in memory in query execution"));
  EXPECT_EQ(kept_to(4'000'000, 1'000'000),
            absl::ResourceExhaustedError("all queries together would hold more than 1000000 bytes "
                                         "in memory in query execution"));

  // Labels that would fill any memory are not even made.
  std::string growing = "m";
  for (int i = 0; i < 30; ++i) {
    growing = StrCat("label_replace(label_join(", growing,
                     ", 'i', '', 'i', 'i', 'i', 'i'), 'i', '$1$1$1', 'i', '(.*)')");
  }
  EXPECT_TRUE(absl::IsResourceExhausted(Range(growing, {.max_memory_bytes = 10 << 20}).status()));

  cancellation_.Cancel();
  EXPECT_TRUE(absl::IsCancelled(Range("sum(rate(m[5m]))").status()));
}

TEST_F(EngineTest, SaysWhatCannotBeEvaluated) {
  EXPECT_TRUE(absl::IsInvalidArgument(Range("m[5m]").status()));
  EXPECT_THAT(Lines("1 </ 2"), ElementsAre("operator \"</\" not allowed for Scalar operations"));
}

TEST_F(EngineTest, AnnotationsGiveThePlaceAsWritten) {
  Add({{"__name__", "queue"}}, {1, 2, 3});
  const auto result = Range("1 +\n  rate( queue[5m])");
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->annotations.infos(), ElementsAre(HasSubstr(": \"queue\" (2:9)")));
}

// Sums depend on the order of addition; threads must not change it.
TEST_F(EngineTest, ResultDoesNotDependOnThreads) {
  for (int i = 0; i < 500; ++i) {
    Add({{"__name__", "m_total"}, {"i", StrCat(i)}, {"g", StrCat(i % 7)}},
        {i * 0.1, i * 1e10 + 0.3, i * 1e10 + i * 1e-3});
  }
  const auto run = [&](size_t threads) {
    ThreadPool pool(threads);
    Engine engine({}, pool, metrics_);
    const auto query =
        Query::Parse("sum by (g) (rate(m_total[5m]) / 3) + on() group_left avg(m_total)");
    std::vector<double> values;
    const auto result = engine.Range(*query, *store_.NewQuerier(), {0, 5 * kMinute, kSecond}, {});
    if (!result.ok()) return values;
    for (const Series& series : std::get<Matrix>(result->value)) {
      for (const Sample& sample : series.samples) values.push_back(sample.value);
    }
    return values;
  };
  const std::vector<double> alone = run(0);
  EXPECT_FALSE(alone.empty());
  for (const size_t threads : {1, 2, 7}) EXPECT_EQ(run(threads), alone) << threads;
}

}  // namespace
}  // namespace tidemark::promql
