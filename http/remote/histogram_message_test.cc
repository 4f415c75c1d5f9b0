#include "http/remote/histogram_message.h"

#include <limits>

#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "base/model/histogram_columns.h"
#include "base/model/sample.h"
#include "base/model/staleness.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "tests/testing/protobuf_fields.h"

namespace tidemark::http {
namespace {

using testing::BytesField;
using testing::DoubleField;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::PackedDoubles;
using testing::PackedSigned;
using testing::SignedField;
using testing::VarintField;

std::string SpanField(uint32_t field, int32_t offset, uint32_t length) {
  return BytesField(field, SignedField(1, offset) + VarintField(2, length));
}

std::string IntegerMessage() {
  return VarintField(1, 30) + DoubleField(3, 18.4) + SignedField(4, 1) + DoubleField(5, 0.001) +
         VarintField(6, 2) + SpanField(8, 0, 1) + PackedSigned(9, {3}) + SpanField(11, -2, 2) +
         SpanField(11, 4, 2) + PackedSigned(12, {5, 2, -4, 9}) + VarintField(14, 2) +
         VarintField(15, static_cast<uint64_t>(-7));
}

HistogramLayout IntegerLayout() {
  HistogramLayout layout;
  layout.schema = 1;
  layout.zero_threshold = 0.001;
  layout.positive_spans = {{-2, 2}, {4, 2}};
  layout.negative_spans = {{0, 1}};
  return layout;
}

absl::StatusOr<WrittenHistogram> Read(HistogramReader& reader, std::string_view message) {
  WrittenHistogram histogram;
  RETURN_IF_ERROR(reader.Read(message, &histogram));
  return histogram;
}

template <typename Sample>
Sample Get(const absl::StatusOr<WrittenHistogram>& written) {
  EXPECT_TRUE(written.ok()) << written.status();
  if (!written.ok() || !std::holds_alternative<Sample>(written->value)) {
    ADD_FAILURE() << "another kind";
    Sample sample;
    sample.layout = std::make_shared<HistogramLayout>();
    return sample;
  }
  return std::get<Sample>(written->value);
}

TEST(HistogramMessageTest, Integer) {
  HistogramReader reader;
  const auto written = Read(reader, IntegerMessage());
  const auto got = Get<HistogramSample>(written);
  EXPECT_EQ(written->timestamp, -7);
  EXPECT_TRUE(written->counts_error.ok());
  EXPECT_TRUE(SameBits(*got.layout, IntegerLayout()));
  EXPECT_EQ(got.counter_reset_hint, CounterResetHint::kNotCounterReset);
  EXPECT_EQ(got.count, 30);
  EXPECT_EQ(got.zero_count, 2);
  EXPECT_EQ(got.sum, 18.4);
  EXPECT_THAT(got.positive_counts, ElementsAre(5, 7, 3, 12));
  EXPECT_THAT(got.negative_counts, ElementsAre(3));
}

TEST(HistogramMessageTest, Float) {
  HistogramReader reader;
  const auto written = Read(
      reader, DoubleField(2, 2.5) + DoubleField(3, -1) + SignedField(4, -4) + DoubleField(7, 0.5) +
                  SpanField(8, 1, 1) + PackedDoubles(10, {0.75}) + SpanField(11, 0, 2) +
                  PackedDoubles(13, {0.25, 1}) + VarintField(14, 3) + VarintField(15, 1000));
  const auto got = Get<FloatHistogramSample>(written);
  EXPECT_EQ(written->timestamp, 1000);
  EXPECT_EQ(got.layout->schema, -4);
  EXPECT_EQ(got.counter_reset_hint, CounterResetHint::kGauge);
  EXPECT_EQ(got.count, 2.5);
  EXPECT_EQ(got.zero_count, 0.5);
  EXPECT_EQ(got.sum, -1);
  EXPECT_THAT(got.positive_counts, ElementsAre(0.25, 1));
  EXPECT_THAT(got.negative_counts, ElementsAre(0.75));
}

TEST(HistogramMessageTest, CustomBuckets) {
  HistogramReader reader;
  const auto got = Get<HistogramSample>(
      Read(reader, VarintField(1, 3) + SignedField(4, -53) + SpanField(11, 0, 3) +
                       PackedSigned(12, {1, 0, 0}) + PackedDoubles(16, {0.5, 10})));
  EXPECT_EQ(got.layout->schema, kCustomBucketsSchema);
  EXPECT_THAT(got.layout->custom_values, ElementsAre(0.5, 10));
  EXPECT_THAT(got.positive_counts, ElementsAre(1, 1, 1));
}

TEST(HistogramMessageTest, FieldsOneByOneAndFieldsNobodyKnows) {
  std::string message = BytesField(18, "new") + VarintField(17, 99);
  for (const int64_t delta : {4, -1}) message += SignedField(12, delta);
  for (const double value : {0.5, 2.5}) message += DoubleField(16, value);
  HistogramReader reader;
  const auto got = Get<HistogramSample>(Read(reader, message + VarintField(14, 77)));
  EXPECT_THAT(got.positive_counts, ElementsAre(4, 3));
  EXPECT_THAT(got.layout->custom_values, ElementsAre(0.5, 2.5));
  EXPECT_EQ(got.counter_reset_hint, CounterResetHint::kUnknown);
  EXPECT_EQ(Get<HistogramSample>(Read(reader, "")).count, 0);
}

TEST(HistogramMessageTest, StaleMarkersKeepTheirBits) {
  HistogramReader reader;
  const auto got = Get<HistogramSample>(Read(reader, DoubleField(3, StaleMarker())));
  EXPECT_TRUE(SameBits(got.sum, StaleMarker()));
}

TEST(HistogramMessageTest, NeighboursShareTheirLayout) {
  HistogramReader reader;
  const auto a = Get<HistogramSample>(Read(reader, IntegerMessage()));
  const auto b = Get<HistogramSample>(Read(reader, IntegerMessage()));
  const auto c = Get<HistogramSample>(Read(reader, IntegerMessage() + SpanField(11, 1, 1)));
  EXPECT_EQ(a.layout, b.layout);
  EXPECT_NE(a.layout, c.layout);
  EXPECT_EQ(a.layout->positive_spans.size(), 2);
}

TEST(HistogramMessageTest, NegativeCounts) {
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
  struct Case {
    std::string_view name;
    std::string message, want;
  };
  const Case kCases[] = {
      {"positive side", PackedSigned(12, {1, -3}),
       "positive side: bucket number 2 has observation count of -2: histogram has a bucket whose "
       "observation count is negative"},
      {"negative side first", PackedSigned(9, {-1}) + PackedSigned(12, {-1}),
       "negative side: bucket number 1 has observation count of -1: histogram has a bucket whose "
       "observation count is negative"},
      {"sums that wrap around", PackedSigned(12, {kLeast, -1, kLeast}),
       StrCat("positive side: bucket number 1 has observation count of ", kLeast,
              ": histogram has a bucket whose observation count is negative")},
  };
  for (const Case& c : kCases) {
    HistogramReader reader;
    const auto written = Read(reader, c.message);
    ASSERT_TRUE(written.ok()) << c.name;
    EXPECT_EQ(written->counts_error.message(), c.want) << c.name;
  }
}

TEST(HistogramMessageTest, RefusesDamage) {
  const std::string whole = IntegerMessage();
  struct Case {
    std::string_view name;
    std::string message, want;
  };
  const Case kCases[] = {
      {"cut off", whole.substr(0, whole.size() - 1), "bad histogram: "},
      {"count is text", BytesField(1, "x"), "unknown pbf field type"},
      {"span is a number", VarintField(11, 1), "unknown pbf field type"},
      {"delta is cut off", BytesField(12, "\x80"), "end of buffer"},
      {"doubles are not a multiple of eight bytes", BytesField(13, "1234567"), "invalid length"},
  };
  for (const Case& c : kCases) {
    HistogramReader reader;
    const auto written = Read(reader, c.message);
    EXPECT_TRUE(absl::IsInvalidArgument(written.status())) << c.name;
    EXPECT_THAT(std::string(written.status().message()), HasSubstr(c.want)) << c.name;
  }
}

}  // namespace
}  // namespace tidemark::http
