#include "base/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "base/process_stats.h"
#include "base/run/clock.h"

namespace tidemark {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(MetricsTest, ExposesEveryKind) {
  MetricRegistry metrics;
  metrics.AddCounter("c_total", "Counts.", {{"code", "200"}}).Increment(2);
  metrics.AddCounter("c_total", "Counts.", {{"code", "500"}}).Increment();
  Gauge& gauge = metrics.AddGauge("g", "Goes up and down.");
  gauge.Set(5);
  gauge.Add(-1.5);
  Histogram& histogram = metrics.AddHistogram("h_seconds", "Durations.", {0.1, 1});
  histogram.Observe(0.1);
  histogram.Observe(7);
  metrics.AddGaugeCallback("now", "Read when asked.", [] { return 42.0; }, {{"x", "y"}});
  metrics.AddGaugeCallback("now", "Again.", [] { return 43.0; }, {{"x", "y"}});
  metrics.AddCounterCallback("ever_total", "Only rises.", [] { return 7.0; });

  const std::string text = metrics.Expose();
  for (const char* line : {
           "# HELP c_total Counts.\n# TYPE c_total counter\n",
           "c_total{code=\"200\"} 2\n",
           "c_total{code=\"500\"} 1\n",
           "# TYPE g gauge\ng 3.5\n",
           "# TYPE h_seconds histogram\n",
           "h_seconds_count 2\n",
           "h_seconds_bucket{le=\"0.1\"} 1\n",
           "h_seconds_bucket{le=\"+Inf\"} 2\n",
           "# TYPE now gauge\nnow{x=\"y\"} 42\n",
           "# TYPE ever_total counter\never_total 7\n",
           "process_open_fds ",
           "process_start_time_seconds ",
       }) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(MetricsTest, TheSameNameAndLabelsAreTheSameMetric) {
  MetricRegistry metrics;
  Counter& first = metrics.AddCounter("c_total", "First help.", {{"a", "1"}, {"b", "2"}});
  Counter& second = metrics.AddCounter("c_total", "Second help.", {{"b", "2"}, {"a", "1"}});
  EXPECT_EQ(&first, &second);
  first.Increment();
  EXPECT_EQ(second.Value(), 1);
  EXPECT_THAT(metrics.Expose(), HasSubstr("# HELP c_total First help.\n"));
  EXPECT_THAT(metrics.Expose(), Not(HasSubstr("Second help.")));
}

TEST(MetricsTest, ThreadsLoseNoIncrement) {
  MetricRegistry metrics;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      Counter& counter = metrics.AddCounter("c_total", "Counts.");
      for (int i = 0; i < 10000; ++i) counter.Increment();
      metrics.Expose();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(metrics.AddCounter("c_total", "").Value(), 40000);
}

TEST(ProcessStatsTest, ArePlausible) {
  const ProcessStats stats = ReadProcessStats();
  const double now = static_cast<double>(Clock::Real().Now()) / kSecond;
  EXPECT_GT(stats.resident_bytes, 1 << 20);
  EXPECT_GT(stats.virtual_bytes, stats.resident_bytes);
  EXPECT_GE(stats.open_fds, 3);
  EXPECT_GT(stats.max_fds, stats.open_fds);
  EXPECT_GE(stats.cpu_seconds, 0);
  EXPECT_GT(stats.start_time_seconds, now - 3600);
  EXPECT_LE(stats.start_time_seconds, now + 2);
}

}  // namespace
}  // namespace tidemark
