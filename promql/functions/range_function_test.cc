#include "promql/functions/range_function.h"

#include <gtest/gtest.h>

#include "base/run/cancellation.h"
#include "base/run/thread_pool.h"

namespace tidemark::promql {
namespace {

TEST(RangeFunctionTest, LongWorkEndsWithTheQuery) {
  constexpr TimestampMs kNumSamples = 1 << 20;
  SampleColumns samples;
  for (TimestampMs t = 1; t <= kNumSamples; ++t) samples.push_back(t, 1);
  const RangeWindows windows = {
      .times = {kNumSamples, kNumSamples + 1, 1}, .range = 2 * kNumSamples, .offset = 0, .at = {}};
  ThreadPool pool(1);
  for (const bool cancelled : {false, true}) {
    Cancellation cancellation;
    if (cancelled) cancellation.Cancel();
    const QueryContext query({}, cancellation, pool);
    std::vector<double> values(2);
    std::vector<uint64_t> present(1);
    FindRangeFunction("stddev_over_time")
        ->evaluate({samples, windows, {}, &query}, {values, present});
    EXPECT_EQ(present[0], cancelled ? 0u : 3u);
  }
}

}  // namespace
}  // namespace tidemark::promql
