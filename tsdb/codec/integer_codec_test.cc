#include "tsdb/codec/integer_codec.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tsdb/codec/slope_codec.h"

namespace tidemark::tsdb {
namespace {

std::string Encode(const std::vector<int64_t>& values) {
  std::string bytes;
  IntegerCodec::Encode(values, &bytes);
  return bytes;
}

void ExpectRoundTrip(const std::vector<int64_t>& values, std::string_view name) {
  const std::string bytes = Encode(values) + "rest";
  std::string_view rest = bytes;
  std::vector<int64_t> decoded(values.size());
  const absl::Status status = IntegerCodec::Decode(rest, decoded);
  ASSERT_TRUE(status.ok()) << name << ": " << status;
  EXPECT_EQ(decoded, values) << name;
  EXPECT_EQ(rest, "rest") << name;
}

TEST(IntegerCodecTest, EdgesComeBack) {
  struct Case {
    std::string_view name;
    std::vector<int64_t> values;
  };
  const Case kCases[] = {
      {"none", {}},
      {"one", {5}},
      {"two", {5, -5}},
      {"the whole range", {INT64_MIN, INT64_MAX, INT64_MIN, 0, INT64_MAX}},
      {"a slope that wraps", {INT64_MAX - 1, INT64_MAX, INT64_MIN}},
      {"a long way up", {INT64_MIN, 0, INT64_MAX, 1}},
  };
  for (const Case& c : kCases) ExpectRoundTrip(c.values, c.name);
}

// What a prediction fits is small, and each of them is met by some column.
TEST(IntegerCodecTest, EachPredictionShortensWhatItFits) {
  struct Case {
    std::string_view name;
    int prediction;    // the first byte
    size_t max_bytes;  // for 128 values
    int64_t (*value)(std::mt19937_64& random, int64_t i, int64_t last);
  };
  const Case kCases[] = {
      {"levels", 0, 5 * 16 + 10,
       [](std::mt19937_64& r, int64_t, int64_t) { return 1'000'000 + int64_t(r() % 32); }},
      {"counter", 1, 5 * 16 + 12,
       [](std::mt19937_64& r, int64_t, int64_t last) { return last + 900 + int64_t(r() % 32); }},
      {"acceleration", 2, 2 * 16 + 16,
       [](std::mt19937_64& r, int64_t i, int64_t last) {
         return last + i * 50 + int64_t(r() % 2);
       }},
      {"jitter", 3, 3 * 16 + 12,
       [](std::mt19937_64& r, int64_t i, int64_t) { return i * 15'000 + int64_t(r() % 8); }},
      {"slope", 4, 6, [](std::mt19937_64&, int64_t i, int64_t) { return 70 - i * 3; }},
  };
  for (const Case& c : kCases) {
    std::mt19937_64 random(3);
    std::vector<int64_t> values;
    for (int64_t i = 0; i < 128; ++i) {
      values.push_back(c.value(random, i, values.empty() ? 0 : values.back()));
    }
    ExpectRoundTrip(values, c.name);
    EXPECT_EQ(Encode(values)[0], c.prediction) << c.name;
    EXPECT_LE(Encode(values).size(), c.max_bytes) << c.name;
  }
}

TEST(IntegerCodecTest, ACounterResetIsAnOutlier) {
  std::mt19937_64 random(5);
  std::vector<int64_t> values = {1'000'000'000};
  for (int i = 0; i < 127; ++i) values.push_back(values.back() + int64_t(random() % 64));
  const size_t without = Encode(values).size();
  const int64_t lost = values[70];
  for (size_t i = 70; i < values.size(); ++i) values[i] -= lost;
  EXPECT_LE(Encode(values).size(), without + 12);
  ExpectRoundTrip(values, "reset");
}

TEST(IntegerCodecTest, ACommonFactorIsTakenOut) {
  struct Case {
    std::string_view name;
    int64_t factor, offset;
  };
  constexpr Case kCases[] = {{"none", 1, 0},
                             {"pages", 4096, 0},
                             {"a hundred and seven", 100, 7},
                             {"below zero", 1000, -999'999'999}};
  for (const Case& c : kCases) {
    std::mt19937_64 random(5);
    std::vector<int64_t> values;
    for (int i = 0; i < 128; ++i) values.push_back(int64_t(random() % 256) * c.factor + c.offset);
    EXPECT_LE(Encode(values).size(), 128u + 14) << c.name;
    ExpectRoundTrip(values, c.name);
  }
}

TEST(IntegerCodecTest, DamageIsDataLoss) {
  for (const std::string& bytes :
       {std::string(), std::string("\x05\x00\x00", 3), std::string("\x01\x00", 2),
        std::string("\x02\xff\xff", 3), std::string("\x04", 1), std::string("\x80", 1),
        std::string("\x80\x04\x00\x80\x04\x00\x00", 7),
        std::string("\x80\x04\x00\x04\x02\x02", 6)}) {
    std::string_view rest = bytes;
    std::vector<int64_t> values(10);
    EXPECT_EQ(IntegerCodec::Decode(rest, values).code(), absl::StatusCode::kDataLoss);
  }
  // Two values are known before the first residual, but there is room for one.
  std::string_view rest("\x02\x00\x00\x00\x00", 5);
  std::vector<int64_t> one(1);
  EXPECT_FALSE(IntegerCodec::Decode(rest, one).ok());
}

TEST(SlopeCodecTest, FitsWhatRisesEvenly) {
  struct Case {
    std::vector<int64_t> values;
    bool fits;
  };
  const Case kCases[] = {{{}, true},         {{7}, true},        {{7, 3}, true},
                         {{7, 3, -1}, true}, {{1, 2, 4}, false}, {{5, 5, 5, 6}, false}};
  for (const Case& c : kCases) EXPECT_EQ(SlopeCodec::Fits(c.values), c.fits);
}

}  // namespace
}  // namespace tidemark::tsdb
