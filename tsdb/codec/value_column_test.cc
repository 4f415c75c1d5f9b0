#include "tsdb/codec/value_column.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "base/model/staleness.h"
#include "tests/testing/sample_shapes.h"
#include "tsdb/codec/change_codec.h"
#include "tsdb/codec/constant_codec.h"
#include "tsdb/codec/decimal_codec.h"
#include "tsdb/codec/dictionary_codec.h"
#include "tsdb/codec/scaled_integer.h"
#include "tsdb/codec/xor_codec.h"

namespace tidemark::tsdb {
namespace {

std::vector<double> ValuesOf(const testing::ValueShape& shape, size_t count, uint64_t seed) {
  return testing::MakeSamples(testing::TimestampShapes()[0], shape, count, seed).values;
}

bool SameValues(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](double x, double y) { return SameBits(x, y); });
}

struct NamedCodec {
  std::string_view name;
  bool (*encode)(std::span<const double> values, std::string* out);  // false where it does not fit
  absl::Status (*decode)(std::string_view& bytes, std::span<double> values);
};

constexpr NamedCodec kCodecs[] = {
    {"constant",
     [](std::span<const double> values, std::string* out) {
       if (!ConstantCodec::Fits(values)) return false;
       ConstantCodec::Encode(values, out);
       return true;
     },
     ConstantCodec::Decode},
    {"decimal", DecimalCodec::Encode, DecimalCodec::Decode},
    {"inexact decimal", DecimalCodec::EncodeInexact, DecimalCodec::Decode},
    {"xor",
     [](std::span<const double> values, std::string* out) {
       XorCodec::Encode(values, out);
       return true;
     },
     XorCodec::Decode},
    {"change",
     [](std::span<const double> values, std::string* out) {
       ChangeCodec::Encode(values, out);
       return true;
     },
     ChangeCodec::Decode},
    {"dictionary", DictionaryCodec::Encode, DictionaryCodec::Decode},
};

// Not only the shapes that a codec is chosen for: whatever it takes it gives back.
TEST(ValueCodecsTest, EachCodecGivesBackWhatItTakes) {
  for (const NamedCodec& codec : kCodecs) {
    size_t num_taken = 0;
    for (const testing::ValueShape& shape : testing::ValueShapes()) {
      for (const size_t count : {1, 2, 31, 32, 33, 64, 120, 500}) {
        const std::vector<double> values = ValuesOf(shape, count, count);
        std::string bytes;
        if (!codec.encode(values, &bytes)) {
          EXPECT_TRUE(bytes.empty()) << codec.name << " of " << shape.name;
          continue;
        }
        ++num_taken;
        bytes += "rest";
        std::string_view rest = bytes;
        std::vector<double> decoded(count);
        const absl::Status status = codec.decode(rest, decoded);
        ASSERT_TRUE(status.ok()) << codec.name << " of " << shape.name << ": " << status;
        ASSERT_TRUE(SameValues(decoded, values)) << codec.name << " of " << shape.name;
        ASSERT_EQ(rest, "rest") << codec.name << " of " << shape.name;
      }
    }
    EXPECT_GT(num_taken, 0u) << codec.name;
  }
}

TEST(ValueColumnTest, EachShapeMeetsTheCodecMadeForIt) {
  struct Case {
    std::string_view shape;
    ValueCodec codec;
  };
  constexpr Case kCases[] = {
      {"constant", ValueCodec::kConstant},
      {"constant_fraction", ValueCodec::kConstant},
      {"constant_with_blips", ValueCodec::kChanges},
      {"slope", ValueCodec::kDecimal},
      {"counter", ValueCodec::kDecimal},
      {"decimal_gauge", ValueCodec::kDecimal},
      {"stale_at_times", ValueCodec::kDecimal},
      {"few_fractions", ValueCodec::kDictionary},
      {"float_counter", ValueCodec::kXor},
      {"random_bits", ValueCodec::kXor},
  };
  for (const Case& c : kCases) {
    for (const testing::ValueShape& shape : testing::ValueShapes()) {
      if (shape.name != c.shape) continue;
      std::string bytes;
      AppendValueColumn(ValuesOf(shape, 120, 1), Nesting::kOutermost, &bytes);
      EXPECT_EQ(static_cast<ValueCodec>(bytes[0]), c.codec) << c.shape;
    }
  }
}

TEST(ValueColumnTest, ChangesInsideChangesAreRefused) {
  std::string inner;
  AppendValueColumn(std::vector<double>{1, 2}, Nesting::kInner, &inner);
  std::string bytes = std::string(1, static_cast<char>(ValueCodec::kChanges)) + "\x02\x02" + inner;
  std::vector<double> values(4);
  std::string_view rest = bytes;
  EXPECT_EQ(ConsumeValueColumn(rest, Nesting::kInner, values).code(), absl::StatusCode::kDataLoss);
}

TEST(ValueColumnTest, DamageIsDataLoss) {
  for (const std::string& bytes :
       {std::string(), std::string("\x05", 1), std::string("\x00", 1), std::string("\x00\x03", 2),
        std::string("\x01\x13", 2), std::string("\x02\x40", 2), std::string("\x03\x00", 2),
        std::string("\x03\x0b", 2), std::string("\x04\x00", 2), std::string("\x04\x11", 2),
        std::string("\x04\x03\x00\x02\x04\xff\xff\xff", 8)}) {
    std::string_view rest = bytes;
    std::vector<double> values(10);
    EXPECT_EQ(ConsumeValueColumn(rest, Nesting::kOutermost, values).code(),
              absl::StatusCode::kDataLoss);
  }
}

TEST(ScaledIntegerTest, IsThereForShortDecimalsOnly) {
  struct Case {
    std::string_view name;
    double value;
    int exponent;
    bool exists;
    int64_t scaled;
  };
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const Case kCases[] = {
      {"zero", 0, 0, true, 0},
      {"negative zero is another value", -0.0, 0, false, 0},
      {"whole", -17, 0, true, -17},
      {"the largest", 9007199254740991, 0, true, 9007199254740991},
      {"beyond the largest", 9007199254740992, 0, false, 0},
      {"cents", 0.29, 2, true, 29},
      {"too few digits", 0.29, 1, false, 0},
      {"more digits than needed", 0.29, 5, true, 29000},
      {"a sum that is no short decimal", 0.1 + 0.2, 15, false, 0},
      {"small", 1.5e-9, 10, true, 15},
      {"subnormal", 5e-324, 18, false, 0},
      {"infinite", kInfinity, 0, false, 0},
      {"stale", StaleMarker(), 0, false, 0},
  };
  for (const Case& c : kCases) {
    int64_t scaled = 0;
    ASSERT_EQ(ToScaledInteger(c.value, c.exponent, &scaled), c.exists) << c.name;
    if (!c.exists) continue;
    EXPECT_EQ(scaled, c.scaled) << c.name;
    EXPECT_TRUE(SameBits(FromScaledInteger(scaled, c.exponent), c.value)) << c.name;
  }
}

// Sums of latencies and doubly divided microseconds miss their decimals by a few units of the last
// place, which must not cost them the whole mantissa.
TEST(ValueColumnTest, SumsOfDecimalsStayShort) {
  testing::Random random(9);
  std::vector<double> sums = {1234.5};
  std::vector<double> quotients;
  for (int i = 0; i < 120; ++i) {
    sums.push_back(sums.back() + static_cast<double>(random() % 10'000'000) / 1e9);
    quotients.push_back(static_cast<double>(1'900'000'000 + i * 1'000'000 + int(random() % 1000)) /
                        1000.0 / 1000.0);
  }
  quotients[60] = std::numeric_limits<double>::infinity();
  for (const std::vector<double>& values : {sums, quotients}) {
    std::string column;
    AppendValueColumn(values, Nesting::kOutermost, &column);
    EXPECT_LE(column.size(), values.size() * 9 / 2);
    std::vector<double> decoded(values.size());
    std::string_view rest = column;
    ASSERT_TRUE(ConsumeValueColumn(rest, Nesting::kOutermost, decoded).ok());
    EXPECT_TRUE(SameValues(decoded, values));
  }
}

}  // namespace
}  // namespace tidemark::tsdb
