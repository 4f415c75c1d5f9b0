#include "base/model/histogram_validation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <string>

namespace tidemark {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// A histogram and its layout, to be made invalid.
template <typename Count>
struct Draft {
  HistogramLayout layout;
  BasicHistogramSample<Count> h;
};

Draft<double> Exponential() {
  Draft<double> draft;
  draft.layout.schema = 1;
  draft.layout.zero_threshold = 0.001;
  draft.layout.positive_spans = {{-3, 2}, {1, 1}};
  draft.layout.negative_spans = {{0, 1}};
  draft.h.count = 11;
  draft.h.zero_count = 1;
  draft.h.sum = 3;
  draft.h.positive_counts = {1, 2, 3};
  draft.h.negative_counts = {4};
  return draft;
}

Draft<double> Custom() {
  Draft<double> draft;
  draft.layout.schema = kCustomBucketsSchema;
  draft.layout.custom_values = {1, 2, 5};
  draft.layout.positive_spans = {{0, 2}, {1, 1}};
  draft.h.count = 6;
  draft.h.positive_counts = {1, 2, 3};
  return draft;
}

template <typename Count>
std::string Message(Draft<Count> draft) {
  draft.h.layout = std::make_shared<const HistogramLayout>(draft.layout);
  const absl::Status status = ValidateHistogram(draft.h);
  EXPECT_TRUE(status.ok() || absl::IsInvalidArgument(status));
  return std::string(status.message());
}

template <typename Count>
struct Case {
  std::function<void(Draft<Count>&)> change;
  const char* message;
};

TEST(HistogramValidationTest, Exponential) {
  EXPECT_EQ(Message(Exponential()), "");
  using D = Draft<double>&;
  for (const Case<double>& c : std::initializer_list<Case<double>>{
           {[](D d) { d.layout.schema = 9; },
            "histogram has an invalid schema, which must be between -4 and 8 for exponential "
            "buckets, or -53 for custom buckets, got schema 9"},
           {[](D d) { d.h.positive_counts.pop_back(); },
            "positive side: spans need 3 buckets, have 2 buckets: histogram spans specify "
            "different number of buckets than provided"},
           {[](D d) { d.h.negative_counts.push_back(0); },
            "negative side: spans need 1 buckets, have 2 buckets: histogram spans specify "
            "different number of buckets than provided"},
           {[](D d) { d.layout.positive_spans[1].offset = -1; },
            "positive side: span number 2 with offset -1: histogram has a span whose offset is "
            "negative"},
           {[](D d) {
              d.layout.positive_spans = {{0, 2}, {std::numeric_limits<int32_t>::max(), 1}};
            },
            "positive side: span number 2 ends with bucket 2147483650, beyond 32 bits"},
           {[](D d) { d.h.positive_counts[1] = -2; },
            "positive side: bucket number 2 has observation count of -2: histogram has a bucket "
            "whose observation count is negative"},
           {[](D d) { d.h.negative_counts[0] = -0.5; },
            "negative side: bucket number 1 has observation count of -0.5: histogram has a bucket "
            "whose observation count is negative"},
           {[](D d) { d.h.zero_count = -1; },
            "zero bucket has observation count of -1: histogram has a bucket whose observation "
            "count is negative"},
           {[](D d) { d.h.count = -7; },
            "observation count is -7: histogram's observation count is negative"},
           {[](D d) { d.layout.custom_values = {1}; },
            "histogram with exponential schema must not have custom bounds"},
           {[](D d) { d.layout.zero_threshold = NAN; },
            "histogram has a zero threshold of NaN, which must be finite and not negative"},
           {[](D d) { d.layout.zero_threshold = -1; },
            "histogram has a zero threshold of -1, which must be finite and not negative"},
           {[](D d) { d.h.count = 3; }, ""},  // rounding
           {[](D d) { d.layout.positive_spans[0].length = 0, d.h.positive_counts = {1}; }, ""}}) {
    Draft<double> draft = Exponential();
    c.change(draft);
    EXPECT_EQ(Message(draft), c.message);
  }
  EXPECT_FALSE(ValidateHistogram(FloatHistogramSample()).ok());
}

TEST(HistogramValidationTest, CustomBuckets) {
  EXPECT_EQ(Message(Custom()), "");
  using D = Draft<double>&;
  for (const Case<double>& c : std::initializer_list<Case<double>>{
           {[](D d) { d.layout.custom_values[1] = 1; },
            "custom buckets: previous bound is 1.000000 and current is 1.000000: histogram custom "
            "bounds must be in strictly increasing order"},
           {[](D d) { d.layout.custom_values[0] = NAN; },
            "custom buckets: histogram custom bounds must not be NaN"},
           {[](D d) { d.layout.custom_values[2] = kInfinity; },
            "custom buckets: last +Inf bound must not be explicitly defined: histogram custom "
            "bounds must be finite"},
           {[](D d) { d.layout.custom_values.pop_back(); },
            "custom buckets: only 2 custom bounds defined which is insufficient to cover total "
            "span length of 4: histogram custom bounds are too few"},
           {[](D d) { d.layout.positive_spans[0].offset = -1; },
            "custom buckets: span number 1 with offset -1: histogram has a span whose offset is "
            "negative"},
           {[](D d) { d.h.zero_count = 1; }, "custom buckets: must have zero count of 0"},
           {[](D d) { d.layout.zero_threshold = 1; },
            "custom buckets: must have zero threshold of 0"},
           {[](D d) {
              d.layout.negative_spans = {{0, 0}};
            },
            "custom buckets: must not have negative spans"},
           {[](D d) { d.h.negative_counts = {1}; },
            "custom buckets: must not have negative buckets"},
           {[](D d) { d.h.positive_counts[0] = -1; },
            "positive side: bucket number 1 has observation count of -1: histogram has a bucket "
            "whose observation count is negative"}}) {
    Draft<double> draft = Custom();
    c.change(draft);
    EXPECT_EQ(Message(draft), c.message);
  }
}

TEST(HistogramValidationTest, CountsOfIntegerHistograms) {
  struct IntegerCase {
    uint64_t count, zero_count;
    double sum;
    const char* message;
  };
  for (const IntegerCase& c :
       {IntegerCase{7, 1, 3, ""},
        {6, 1, 3,
         "7 observations found in buckets, but the Count field is 6: histogram's observation count "
         "should equal the number of observations found in the buckets (in absence of NaN)"},
        {8, 1, 3,
         "7 observations found in buckets, but the Count field is 8: histogram's observation count "
         "should equal the number of observations found in the buckets (in absence of NaN)"},
        {8, 1, NAN, ""},
        {6, 1, NAN,
         "7 observations found in buckets, but the Count field is 6: histogram's observation count "
         "should be at least the number of observations found in the buckets"},
        {5, ~uint64_t{0}, 3,
         "histogram has more observations in its buckets than 64 bits can count"}}) {
    Draft<uint64_t> draft;
    draft.layout.positive_spans = {{0, 2}};
    draft.h.positive_counts = {2, 4};
    draft.h.count = c.count;
    draft.h.zero_count = c.zero_count;
    draft.h.sum = c.sum;
    EXPECT_EQ(Message(draft), c.message);
  }
}

}  // namespace
}  // namespace tidemark
