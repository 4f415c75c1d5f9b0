#include "promql/query.h"

#include <gtest/gtest.h>

#include <string>

#include "promql/parser/ast.h"
#include "promql/selector.h"

namespace tidemark::promql {
namespace {

constexpr ParserOptions kAllFeatures = {
    .experimental_functions = true, .extended_range_selectors = true, .binop_fill_modifiers = true};

TEST(QueryTest, RefusesWhatIsBehindAFlag) {
  struct Case {
    std::string_view query, want;
  };
  constexpr Case kCases[] = {
      {"mad_over_time(foo[5m])", "1:1: parse error: function \"mad_over_time\" is not enabled"},
      {"limitk(1, foo)",
       "1:1: parse error: limitk() is experimental and must be enabled with "
       "--enable-feature=promql-experimental-functions"},
      {"foo[5m] anchored", "1:1: parse error: anchored modifier is experimental and not enabled"},
      {"foo smoothed", "1:1: parse error: smoothed modifier is experimental and not enabled"},
      {"a + fill(1) b", "1:5: parse error: fill modifiers are experimental and not enabled"},
  };
  for (const Case& c : kCases) {
    const absl::StatusOr<Query> query = Query::Parse(c.query);
    ASSERT_FALSE(query.ok()) << c.query;
    EXPECT_EQ(std::string(query.status().message()), c.want) << c.query;
    EXPECT_TRUE(Query::Parse(c.query, kAllFeatures).ok()) << c.query;
  }
}

TEST(QueryTest, HasTheTypeOfItsExpression) {
  struct Case {
    std::string_view query;
    ValueType want;
  };
  constexpr Case kCases[] = {
      {"1 + 2", ValueType::kScalar},     {"\"a\"", ValueType::kString},
      {"foo", ValueType::kVector},       {"foo[5m]", ValueType::kMatrix},
      {"foo[5m:]", ValueType::kMatrix},  {"1 + foo", ValueType::kVector},
      {"-(foo)", ValueType::kVector},    {"time()", ValueType::kScalar},
      {"vector(1)", ValueType::kVector}, {"sum(foo)", ValueType::kVector},
      {"(1)", ValueType::kScalar},
  };
  for (const Case& c : kCases) {
    const absl::StatusOr<Query> query = Query::Parse(c.query);
    ASSERT_TRUE(query.ok()) << query.status();
    EXPECT_EQ(query->type(), c.want) << c.query;
  }
}

// --- the syntax tree

Query MustParse(std::string_view text) {
  absl::StatusOr<Query> query = Query::Parse(text, kAllFeatures);
  EXPECT_TRUE(query.ok()) << text << ": " << query.status();
  return *std::move(query);
}

TEST(QueryTest, ReadsSelectors) {
  const Query query = MustParse("foo{a=\"b\",c!~\"d.*\"}[5m] offset -1m30s @ 12.3456");
  const auto* range = query.expr().As<MatrixSelector>();
  ASSERT_NE(range, nullptr);
  EXPECT_EQ(range->range.fixed, 5 * kMinute);
  const auto* selector = range->vector->As<VectorSelector>();
  ASSERT_NE(selector, nullptr);
  EXPECT_EQ(selector->metric_name, "foo");
  ASSERT_EQ(selector->matchers.size(), 3U);
  EXPECT_EQ(selector->matchers[0], LabelMatcher::Equal("a", "b"));
  EXPECT_EQ(selector->matchers[1].op(), MatchOp::kNotRegex);
  EXPECT_EQ(selector->matchers[2], LabelMatcher::Equal("__name__", "foo"));
  EXPECT_EQ(selector->time.offset.fixed, -90 * kSecond);
  ASSERT_TRUE(selector->time.at.has_value());
  EXPECT_EQ(selector->time.at->timestamp, 12346);
}

TEST(QueryTest, ReadsMatching) {
  const Query query = MustParse("a / on(x, y) group_right(z) fill_left(2) b");
  const auto* binary = query.expr().As<BinaryExpr>();
  ASSERT_NE(binary, nullptr);
  EXPECT_EQ(binary->op, BinaryOp::kDiv);
  ASSERT_TRUE(binary->matching.has_value());
  EXPECT_TRUE(binary->matching->on);
  EXPECT_EQ(binary->matching->labels, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(binary->matching->cardinality, VectorMatching::Cardinality::kOneToMany);
  EXPECT_EQ(binary->matching->include, std::vector<std::string>{"z"});
  EXPECT_EQ(binary->matching->fill_left, 2);
  EXPECT_FALSE(binary->matching->fill_right.has_value());

  const Query set_operator = MustParse("a and b");
  EXPECT_EQ(set_operator.expr().As<BinaryExpr>()->matching->cardinality,
            VectorMatching::Cardinality::kManyToMany);
  const Query with_scalar = MustParse("a + 1");
  EXPECT_FALSE(with_scalar.expr().As<BinaryExpr>()->matching.has_value());
}

// The tree with a bracket around each operator, to see how operators bind.
std::string Grouping(const Expr& expr) {
  if (const auto* binary = expr.As<BinaryExpr>()) {
    return "(" + Grouping(*binary->left) + " " + std::string(BinaryOpText(binary->op)) + " " +
           Grouping(*binary->right) + ")";
  }
  if (const auto* unary = expr.As<UnaryExpr>()) return "(-" + Grouping(*unary->expr) + ")";
  return expr.As<VectorSelector>()->metric_name;
}

TEST(QueryTest, BindsOperatorsByPrecedence) {
  struct Case {
    std::string_view query, want;
  };
  constexpr Case kCases[] = {
      {"a + b * c", "(a + (b * c))"},
      {"a * b + c", "((a * b) + c)"},
      {"a - b - c", "((a - b) - c)"},
      {"a ^ b ^ c", "(a ^ (b ^ c))"},
      {"-a ^ b", "(-(a ^ b))"},
      {"-a * b", "((-a) * b)"},
      {"a ^ -b * c", "((a ^ (-b)) * c)"},
      {"a ^ -b ^ c", "(a ^ (-(b ^ c)))"},
      {"- -a", "(-(-a))"},
      {"a or b and c", "(a or (b and c))"},
      {"a and b or c unless d", "((a and b) or (c unless d))"},
      {"a == b + c", "(a == (b + c))"},
      {"a and b == c", "(a and (b == c))"},
      {"a >/ b + c", "(a >/ (b + c))"},
      {"a atan2 b % c", "((a atan2 b) % c)"},
  };
  for (const Case& c : kCases) {
    const Query query = MustParse(c.query);
    EXPECT_EQ(Grouping(query.expr()), c.want) << c.query;
  }
}

TEST(QueryTest, KnowsWhereThingsStand) {
  const Query query = MustParse(" sum(rate(foo[5m] offset 1m)) + 1");
  EXPECT_EQ(query.expr().source.begin, 1U);
  EXPECT_EQ(query.expr().source.end, query.source().size());
  const auto* sum = query.expr().As<BinaryExpr>()->left->As<AggregateExpr>();
  const Expr& rate = *sum->expr;
  EXPECT_EQ(rate.source.begin, 5U);
  const SourceRange range = rate.As<Call>()->args[0]->source;
  EXPECT_EQ(query.source().substr(range.begin, range.end - range.begin), "foo[5m] offset 1m");
}

TEST(QueryTest, LooksLightWhereItReadsLittle) {
  struct Case {
    std::string_view query;
    bool want;
  };
  constexpr Case kCases[] = {
      {"1", true},
      {"sum by (a) (rate(b[1h])) / on (a) -(c)", true},
      {"rate(b[61m])", false},
      {"topk(scalar(max_over_time(b[2d])), c)", false},
      {"abs(-(1 + sum(quantile_over_time(0.9, b[1d]))))", false},
      {"max_over_time(b[5m:1m])", false},
      {"rate(b[step() + 1m])", false},
  };
  for (const Case& c : kCases) EXPECT_EQ(MustParse(c.query).LooksLight(), c.want) << c.query;
}

// --- sizes

std::string Repeat(std::string_view text, size_t times) {
  std::string repeated;
  for (size_t i = 0; i < times; ++i) repeated.append(text);
  return repeated;
}

TEST(QueryTest, AnswersQueriesOfAnyDepth) {
  struct Case {
    std::string_view name;
    std::string query;
    std::string_view want;  // part of the error; empty: parses
  };
  const Case kCases[] = {
      {"a chain", "a" + Repeat("+a", 900), ""},
      {"a long chain", "a" + Repeat("+a", 40'000), "expression deeper than 1000 levels"},
      {"a query of one mebibyte", "a" + Repeat("+a", 1 << 19),
       "1:100001: parse error: query longer than 100000 words"},
      {"a long string", "a{b=~\"" + Repeat("c|", 1 << 18) + "\"}", ""},
      {"a long chain of powers", "a" + Repeat("^a", 1 << 14), "deeper than"},
      {"two chains side by side",
       "(a" + Repeat(" or a", 900) + ") or (a" + Repeat(" or a", 900) + ")", ""},
      {"parentheses", Repeat("(", 400) + "a" + Repeat(")", 400), ""},
      {"many parentheses", Repeat("(", 10'000) + "a" + Repeat(")", 10'000),
       "1:501: parse error: brackets nested deeper than 500 levels"},
      {"parentheses that stay open", Repeat("(", 1 << 16), "nested deeper than"},
      {"calls", Repeat("abs(", 400) + "a" + Repeat(")", 400), ""},
      {"signs", Repeat("-", 1 << 14) + "a", "deeper than"},
      {"signs of a number", Repeat("-", 1 << 14) + "1", ""},
      {"subqueries", "a" + Repeat("[5m:]", 1 << 12), "deeper than"},
      {"durations", "a[1" + Repeat("+1", 1 << 14) + "]", "deeper than"},
      {"durations in parentheses", "a[" + Repeat("(", 10'000) + "1" + Repeat(")", 10'000) + "]",
       "nested deeper than"},
      {"labels", "sum by (a" + Repeat(",a", 1 << 14) + ") (b)", ""},
  };
  for (const Case& c : kCases) {
    const absl::StatusOr<Query> query = Query::Parse(c.query, kAllFeatures);
    EXPECT_EQ(query.ok(), c.want.empty()) << c.name << ": " << query.status();
    if (query.ok()) continue;
    EXPECT_NE(std::string(query.status().message()).find(c.want), std::string::npos)
        << c.name << ": " << query.status();
  }
}

// --- series selectors

TEST(ParseSeriesSelectorTest, GivesMatchers) {
  const auto matchers = ParseSeriesSelector("up{job=~\"a.*\"}");
  ASSERT_TRUE(matchers.ok()) << matchers.status();
  ASSERT_EQ(matchers->size(), 2U);
  EXPECT_EQ((*matchers)[0].ToString(), "job=~\"a.*\"");
  EXPECT_EQ((*matchers)[1], LabelMatcher::Equal("__name__", "up"));

  const auto everything = ParseSeriesSelector("{}");
  ASSERT_TRUE(everything.ok()) << everything.status();
  EXPECT_TRUE(everything->empty());
}

TEST(ParseSeriesSelectorTest, RefusesAnythingElse) {
  struct Case {
    std::string_view selector, want;
  };
  constexpr Case kCases[] = {
      {"up offset 5m", "1:4: parse error: unexpected <offset>"},
      {"up[5m]", "1:3: parse error: unexpected \"[\""},
      {"1", "1:1: parse error: unexpected number \"1\""},
      {"sum(up)", "1:4: parse error: unexpected \"(\""},
      {"", "unknown position: parse error: no expression found in input"},
  };
  for (const Case& c : kCases) {
    const auto matchers = ParseSeriesSelector(c.selector);
    ASSERT_FALSE(matchers.ok()) << c.selector;
    EXPECT_EQ(std::string(matchers.status().message()), c.want) << c.selector;
  }
}

}  // namespace
}  // namespace tidemark::promql
