#include "scrape/expfmt/sample_value.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "base/model/sample.h"
#include "base/strings.h"

namespace tidemark::scrape {
namespace {

TEST(SampleValueTest, NormalizesBoundsAsOpenMetricsDoes) {
  struct Case {
    std::string_view text, want;
  };
  constexpr Case kCases[] = {
      {"1", "1.0"},
      {"1.0", "1.0"},
      {"1e0", "1.0"},
      {"0", "0.0"},
      {"-0", "0.0"},
      {"-1", "-1.0"},
      {"0.05", "0.05"},
      {"0.50", "0.5"},
      {"100000", "100000.0"},
      {"1000000", "1e+06"},
      {"1e6", "1e+06"},
      {"1234567", "1.234567e+06"},
      {"0.0001", "0.0001"},
      {"0.00001", "1e-05"},
      {"999999.5", "999999.5"},
      {"+Inf", "+Inf"},
      {"inf", "+Inf"},
      {"-Inf", "-Inf"},
      {"nan", "NaN"},
      {"", ""},
      {"x", "x"},
      {"1e999", "1e999"},
  };
  for (const Case& c : kCases) EXPECT_EQ(NormalizeBound(c.text), c.want) << c.text;
}

TEST(SampleValueTest, PlainDecimalsStopAtTheEndOfTheToken) {
  for (const std::string_view text : {"12 7", "12\n", "12\t", "12"}) {
    const char* at = text.data();
    double value = 0;
    ASSERT_TRUE(ReadPlainDecimal(at, text.data() + text.size(), &value)) << text;
    EXPECT_EQ(value, 12) << text;
    EXPECT_EQ(at, text.data() + 2) << text;
  }
  for (const std::string_view text : {"-", ".", "e5", "1e", "1e+", "1x", "12{", "+1", "Inf"}) {
    const char* at = text.data();
    double value = 0;
    EXPECT_FALSE(ReadPlainDecimal(at, text.data() + text.size(), &value)) << text;
    EXPECT_EQ(at, text.data()) << text;
  }
}

TEST(SampleValueTest, PlainDecimalsEndAtAnyOtherByte) {
  for (int count = 1; count <= 16; ++count) {
    const std::string digits =
        std::string("1234567890123456").substr(0, static_cast<size_t>(count));
    for (int byte = 0; byte < 256; ++byte) {
      const char c = static_cast<char>(byte);
      if ((c >= '0' && c <= '9') || c == '.' || c == 'e' || c == 'E') continue;
      const std::string page = digits + c + "99999999";
      const char* at = page.data();
      double value = 0;
      const bool ends = c == ' ' || c == '\t' || c == '\n';
      ASSERT_EQ(ReadPlainDecimal(at, page.data() + page.size(), &value), ends)
          << count << " " << byte;
      if (ends) {
        ASSERT_EQ(value, std::strtod(digits.c_str(), nullptr));
      }
      ASSERT_EQ(at - page.data(), ends ? count : 0);
    }
  }
}

// What the quick reader takes it reads to the same bits as the C library does.
TEST(SampleValueTest, PlainDecimalsAreCorrectlyRounded) {
  const uint32_t seed = std::random_device()();
  SCOPED_TRACE(StrCat("seed ", seed));
  std::mt19937_64 rng(seed);
  const auto digits = [&](int max) {
    std::string text;
    for (int n = std::uniform_int_distribution(0, max)(rng); n > 0; --n) {
      text += static_cast<char>('0' + rng() % 10);
    }
    return text;
  };
  int read = 0;
  for (int i = 0; i < 100000; ++i) {
    std::string text = StrCat(rng() % 4 == 0 ? "-" : "", digits(18));
    if (rng() % 2 == 0) StrAppend(&text, ".", digits(12));
    if (rng() % 3 == 0) StrAppend(&text, rng() % 2 == 0 ? "e+" : "e-", digits(2));
    if (text.empty()) continue;
    // With and without more of the page behind it.
    const std::string page = rng() % 2 == 0 ? text : StrCat(text, "\n", digits(8), "\xff 9");
    const char* at = page.data();
    double value = 0;
    if (!ReadPlainDecimal(at, page.data() + page.size(), &value)) continue;
    ++read;
    ASSERT_EQ(at, page.data() + text.size()) << text;
    ASSERT_TRUE(SameBits(value, std::strtod(text.c_str(), nullptr))) << text;
  }
  EXPECT_GT(read, 10000);
}

}  // namespace
}  // namespace tidemark::scrape
