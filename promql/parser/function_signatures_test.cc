#include "promql/parser/function_signatures.h"

#include <gtest/gtest.h>

namespace tidemark::promql {
namespace {

TEST(FindFunctionTest, KnowsArgumentsAndResults) {
  struct Case {
    std::string_view name;
    size_t num_args;
    int variadic;
    ValueType result;
    bool experimental;
  };
  constexpr Case kCases[] = {
      {"rate", 1, 0, ValueType::kVector, false},
      {"time", 0, 0, ValueType::kScalar, false},
      {"hour", 1, 1, ValueType::kVector, false},
      {"label_join", 4, -1, ValueType::kVector, false},
      {"label_replace", 5, 0, ValueType::kVector, false},
      {"scalar", 1, 0, ValueType::kScalar, false},
      {"histogram_quantiles", 4, 9, ValueType::kVector, true},
      {"mad_over_time", 1, 0, ValueType::kVector, true},
      {"double_exponential_smoothing", 3, 0, ValueType::kVector, true},
      {"max_of", 2, 0, ValueType::kScalar, true},
  };
  for (const Case& c : kCases) {
    const FunctionSignature* function = FindFunction(c.name);
    ASSERT_NE(function, nullptr) << c.name;
    EXPECT_EQ(function->name, c.name);
    EXPECT_EQ(function->args.size(), c.num_args) << c.name;
    EXPECT_EQ(function->variadic, c.variadic) << c.name;
    EXPECT_EQ(function->result, c.result) << c.name;
    EXPECT_EQ(function->experimental, c.experimental) << c.name;
  }
}

TEST(FindFunctionTest, IsNullForOthers) {
  for (const std::string_view name : {"", "Rate", "sum", "holt_winters", "rate "}) {
    EXPECT_EQ(FindFunction(name), nullptr) << name;
  }
}

}  // namespace
}  // namespace tidemark::promql
