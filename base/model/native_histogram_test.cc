#include "base/model/native_histogram.h"

#include <gtest/gtest.h>

#include <string_view>

namespace tidemark {
namespace {

FloatHistogramSample MakeSample() {
  HistogramLayout layout;
  layout.positive_spans = {{0, 2}};
  FloatHistogramSample sample;
  sample.layout = std::make_shared<const HistogramLayout>(layout);
  sample.count = 1.25;
  sample.zero_count = 0.25;
  sample.positive_counts = {0.5, 0.5};
  return sample;
}

TEST(NativeHistogramTest, BitsDecideWhatIsEqual) {
  struct Case {
    std::string_view name;
    void (*change)(FloatHistogramSample& sample);
    bool same;
  };
  const Case kCases[] = {
      {"nothing", [](FloatHistogramSample&) {}, true},
      {"a layout of its own",
       [](FloatHistogramSample& s) { s.layout = std::make_shared<HistogramLayout>(*s.layout); },
       true},
      {"another layout",
       [](FloatHistogramSample& s) { s.layout = std::make_shared<HistogramLayout>(); }, false},
      {"a fraction of the count", [](FloatHistogramSample& s) { s.count = 1.5; }, false},
      {"a fraction of the zero count", [](FloatHistogramSample& s) { s.zero_count = 0.5; }, false},
      {"a fraction of a bucket", [](FloatHistogramSample& s) { s.positive_counts[1] = 0.75; },
       false},
      {"the sign of the sum's zero", [](FloatHistogramSample& s) { s.sum = -0.0; }, false},
      {"the hint", [](FloatHistogramSample& s) { s.counter_reset_hint = CounterResetHint::kGauge; },
       false},
  };
  for (const Case& c : kCases) {
    FloatHistogramSample changed = MakeSample();
    c.change(changed);
    EXPECT_EQ(SameBits(changed, MakeSample()), c.same) << c.name;
  }
}

}  // namespace
}  // namespace tidemark
