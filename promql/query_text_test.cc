#include "promql/query_text.h"

#include <gtest/gtest.h>

#include "base/strings.h"

namespace tidemark::promql {
namespace {

constexpr std::string_view kLong =
    "sum by (job) "
    "(rate(prometheus_http_request_duration_seconds_bucket{handler=\"/metrics\",job=\"api\","
    "instance=~\".+\"}[5m]))";
// kLong at one level, without the indentation of its first line.
std::string Split(int level) {
  const std::string indent(2 * static_cast<size_t>(level), ' ');
  return StrCat(
      "sum by (job) (\n", indent, "  rate(\n", indent,
      "    prometheus_http_request_duration_seconds_bucket{handler=\"/metrics\",instance=~\".+\","
      "job=\"api\"}[5m]\n",
      indent, "  )\n", indent, ")");
}

std::string Format(const std::string& text) {
  const auto query = Query::Parse(text, {.experimental_functions = true});
  return query.ok() ? FormatQuery(*query) : query.status().ToString();
}

// As Prometheus 3.5 answers to format_query.
TEST(QueryTextTest, FormatsAsPrometheusDoes) {
  const std::string text(kLong);
  const std::pair<std::string, std::string> kCases[] = {
      {"sum(x)by(y)", "sum by (y) (x)"},
      {text, Split(0)},
      {StrCat("-(", text, ")"), StrCat("-(\n  ", Split(1), "\n)")},
      {StrCat("topk by (a) (5, ", text, ")"), StrCat("topk by (a) (\n  5,\n  ", Split(1), "\n)")},
      {StrCat("abs(", text, ")"), StrCat("abs(\n  ", Split(1), "\n)")},
      {StrCat("(", text, ")[1h:1m] offset 5m"), StrCat("(\n  ", Split(1), "\n)[1h:1m] offset 5m")},
      {StrCat("-", text, " > bool 5"), StrCat("  -", Split(1), "\n> bool\n  5")},
      {StrCat(text, "/on(job)group_left(a)(", text, "+1)"),
       StrCat("  ", Split(1), "\n/ on (job) group_left (a)\n  (\n      ", Split(3),
              "\n    +\n      1\n  )")},
  };
  for (const auto& [query, want] : kCases) EXPECT_EQ(Format(query), want) << query;
}

TEST(QueryTextTest, FormattedQueriesMeanTheSame) {
  std::string text(kLong);
  for (int i = 0; i < 20; ++i)
    text = StrCat("-max_over_time((", text, " + on(a) (", i, "*x))[1h:])");
  const std::string formatted = Format(text);
  EXPECT_EQ(Query::Parse(formatted)->text(), Query::Parse(text)->text());
}

TEST(QueryTextTest, DeepQueriesAreFormattedInOnePass) {
  std::string text = "a";
  for (int i = 0; i < 300; ++i) text = StrCat("(", text, "+", std::string(400, 'b'), ")");
  const std::string formatted = Format(text);
  EXPECT_EQ(Query::Parse(formatted)->text(), Query::Parse(text)->text());
}

// Field for field what Prometheus answers to parse_query; fields come in another order.
TEST(QueryTextTest, SyntaxTrees) {
  struct Case {
    std::string_view query, want;
  };
  constexpr Case kCases[] = {
      {"1e3", R"({"type":"numberLiteral","val":"1000"})"},
      {"-Inf", R"({"type":"numberLiteral","val":"-Inf"})"},
      {"-(1)", R"({"type":"unaryExpr","op":"-","expr":{"type":"parenExpr","expr":)"
               R"({"type":"numberLiteral","val":"1"}}})"},
      {"(\"a\")", R"({"type":"parenExpr","expr":{"type":"stringLiteral","val":"a"}})"},
      {"x{a!~\"b\"} @ 1.5",
       R"({"type":"vectorSelector","name":"x","matchers":[{"name":"a","type":"!~","value":"b"},)"
       R"({"name":"__name__","type":"=","value":"x"}],"offset":0,"offsetExpr":null,)"
       R"("timestamp":1500,"startOrEnd":null,"anchored":false,"smoothed":false})"},
      {"round({\"x\"}[5m:1m] @ end() offset -1m)", "1:7: parse error"},
      {"rate(x[5m] @ start())",
       R"({"type":"call","func":{"name":"rate","argTypes":["matrix"],"variadic":0,)"
       R"("returnType":"vector"},"args":[{"type":"matrixSelector","range":300000,"rangeExpr":null,)"
       R"("name":"x","matchers":[{"name":"__name__","type":"=","value":"x"}],"offset":0,)"
       R"("offsetExpr":null,"timestamp":null,"startOrEnd":"start","anchored":false,)"
       R"("smoothed":false}]})"},
      {"vector(1)[5m:1m] offset -1m",
       R"({"type":"subquery","expr":{"type":"call","func":{"name":"vector","argTypes":["scalar"],)"
       R"("variadic":0,"returnType":"vector"},"args":[{"type":"numberLiteral","val":"1"}]},)"
       R"("range":300000,"rangeExpr":null,"step":60000,"stepExpr":null,"offset":-60000,)"
       R"("offsetExpr":null,"timestamp":null,"startOrEnd":null})"},
      {"topk without (b) (2, vector(1)) > bool 3",
       R"({"type":"binaryExpr","op":">","lhs":{"type":"aggregation","op":"topk","expr":)"
       R"({"type":"call","func":{"name":"vector","argTypes":["scalar"],"variadic":0,)"
       R"("returnType":"vector"},"args":[{"type":"numberLiteral","val":"1"}]},)"
       R"("param":{"type":"numberLiteral","val":"2"},"grouping":["b"],"without":true},)"
       R"("rhs":{"type":"numberLiteral","val":"3"},"bool":true,"matching":null})"},
  };
  for (const Case& c : kCases) {
    const auto query = Query::Parse(c.query);
    std::string text;
    JsonWriter json(&text);
    if (query.ok()) {
      WriteSyntaxTree(*query, json);
      EXPECT_EQ(text, c.want) << c.query;
    } else {
      EXPECT_NE(query.status().message().find(ToAbsl(c.want)), absl::string_view::npos)
          << query.status();
    }
  }
}

TEST(QueryTextTest, SyntaxTreesOfWhatPrometheus35DoesNotHave) {
  const auto query =
      Query::Parse("x + on(a) fill_right(2) x[step() * 2]", {.binop_fill_modifiers = true});
  EXPECT_FALSE(query.ok());
  const auto matched = Query::Parse("x * on(a) group_left(b) fill_right(2) y offset (5m * -2)",
                                    {.binop_fill_modifiers = true});
  ASSERT_TRUE(matched.ok()) << matched.status();
  std::string text;
  JsonWriter json(&text);
  WriteSyntaxTree(*matched, json);
  EXPECT_NE(text.find(R"("matching":{"card":"many-to-one","labels":["a"],"on":true,)"
                      R"("include":["b"],"fillValues":{"lhs":null,"rhs":2}})"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find(R"("offset":0,"offsetExpr":{"type":"durationExpr","op":"*",)"
                      R"("lhs":{"type":"numberLiteral","val":"300","duration":true},)"),
            std::string::npos)
      << text;
}

TEST(QueryTextTest, SetsMatchers) {
  const LabelMatcher matcher = LabelMatcher::Equal("k", "v");
  const std::pair<std::string_view, std::string_view> kCases[] = {
      {"sum(x{a=\"b\"}) + rate(y[5m])/z{k=~\"a\"}",
       "sum(x{a=\"b\",k=\"v\"}) + rate(y{k=\"v\"}[5m]) / z{k=\"v\"}"},
      {"-max_over_time((x or topk(scalar(y), z))[1h:])",
       "-max_over_time((x{k=\"v\"} or topk(scalar(y{k=\"v\"}), z{k=\"v\"}))[1h:])"},
      {"1", "1"},
  };
  for (const auto& [query, want] : kCases) {
    const auto text = SetLabelMatcher(query, matcher);
    ASSERT_TRUE(text.ok()) << text.status();
    EXPECT_EQ(*text, want);
  }
  EXPECT_FALSE(SetLabelMatcher("sum(", matcher).ok());
}

TEST(QueryTextTest, DeletesMatchers) {
  EXPECT_EQ(*DeleteLabelMatchers("sum(x{a=\"b\",k=\"c\"}) + rate(y{k=\"d\",k!=\"e\"}[5m])", "k"),
            "sum(x{a=\"b\"}) + rate(y[5m])");
  EXPECT_EQ(*DeleteLabelMatchers("x{a=\"b\"}", "__name__"), "x{a=\"b\"}");
  const auto all = DeleteLabelMatchers("{a=\"b\"}", "a");
  EXPECT_EQ(all.status().message(),
            "without matchers of label \"a\" a selector could select everything: {}");
}

}  // namespace
}  // namespace tidemark::promql
