#include "promql/query.h"

#include <gtest/gtest.h>

#include <string>

#include "promql/parser/ast.h"
#include "promql/selector.h"

namespace tidemark::promql {
namespace {

constexpr ParserOptions kAllFeatures = {
    .experimental_functions = true, .extended_range_selectors = true, .binop_fill_modifiers = true};

// The texts are what Prometheus prints, but for four cases where its print means something else:
// group_left after an empty ignoring(), labels that need quotes, {} in info(), and Inf ^ x.
TEST(QueryTest, PrintsCanonically) {
  struct Case {
    std::string_view query, want;
  };
  constexpr Case kCases[] = {
      {"1", "1"},
      {"-1", "-1"},
      {"+1", "1"},
      {"- -1", "1"},
      {"--foo", "--foo"},
      {"010", "8"},
      {"0x1F", "31"},
      {"1_000.5", "1000.5"},
      {".5", "0.5"},
      {"1e3", "1000"},
      {"1e-7", "0.0000001"},
      {"1e30", "1000000000000000000000000000000"},
      {"Inf", "+Inf"},
      {"-Inf", "-Inf"},
      {"NaN", "NaN"},
      {"5m", "5m"},
      {"-5m", "-5m"},
      {"1h30m", "1h30m"},
      {"90m", "1h30m"},
      {"0s", "0s"},
      {"1d12h", "1d12h"},
      {"14d", "2w"},
      {"\"a\\nb\"", "\"a\\nb\""},
      {"'a\"b'", "\"a\\\"b\""},
      {"`a\\b\"`", "\"a\\\\b\\\"\""},
      {"foo", "foo"},
      {"FOO", "FOO"},
      {"foo:bar", "foo:bar"},
      {":foo", ":foo"},
      {"sum", "sum"},
      {"offset", "offset"},
      {"by", "by"},
      {"without", "without"},
      {"and", "and"},
      {"start", "start"},
      {"end", "end"},
      {"foo{}", "foo"},
      {"foo{b=\"2\",a=\"1\"}", "foo{a=\"1\",b=\"2\"}"},
      {"foo{a=\"1\",}", "foo{a=\"1\"}"},
      {"foo{a!=\"1\",b=~\"x|y\",c!~\"z\"}", "foo{a!=\"1\",b=~\"x|y\",c!~\"z\"}"},
      {"{a=\"b\"}", "{a=\"b\"}"},
      {"{\"foo\"}", "{__name__=\"foo\"}"},
      {"{\"foo.bar\",a=\"b\"}", "{__name__=\"foo.bar\",a=\"b\"}"},
      {"{\"a.b\"=\"c\",\"x\"}", "{\"a.b\"=\"c\",__name__=\"x\"}"},
      {"{\"foo\", \"bar\"}", "{__name__=\"bar\",__name__=\"foo\"}"},
      {"{__name__=\"foo\"}", "{__name__=\"foo\"}"},
      {"{__name__=\"foo\",a=\"b\"}", "{__name__=\"foo\",a=\"b\"}"},
      {"foo{on=\"1\",by=\"2\",sum=\"3\",bool=\"4\"}",
       "foo{bool=\"4\",by=\"2\",on=\"1\",sum=\"3\"}"},
      {"foo{a='1',b=`2`}", "foo{a=\"1\",b=\"2\"}"},
      {"foo[5m]", "foo[5m]"},
      {"foo[300]", "foo[5m]"},
      {"foo[0.5]", "foo[500ms]"},
      {"foo[90m]", "foo[1h30m]"},
      {"foo{a=\"b\"}[5m] offset 1h", "foo{a=\"b\"}[5m] offset 1h"},
      {"foo offset 5m", "foo offset 5m"},
      {"foo offset -5m", "foo offset -5m"},
      {"foo offset 300", "foo offset 5m"},
      {"foo offset -300", "foo offset -5m"},
      {"foo offset 0.0001", "foo"},
      {"foo @ 1609746000", "foo @ 1609746000.000"},
      {"foo @ 1609746000.1234", "foo @ 1609746000.123"},
      {"foo @ -5", "foo @ -5.000"},
      {"foo @ start()", "foo @ start()"},
      {"foo @ end() offset 5m", "foo @ end() offset 5m"},
      {"foo offset 5m @ end()", "foo @ end() offset 5m"},
      {"foo[5m] @ 10 offset 1m", "foo[5m] @ 10.000 offset 1m"},
      {"foo[5m:]", "foo[5m:]"},
      {"foo[5m:1m]", "foo[5m:1m]"},
      {"foo[5m:30]", "foo[5m:30s]"},
      {"foo[5m:1m] offset 1h @ 5", "foo[5m:1m] @ 5.000 offset 1h"},
      {"rate(foo[5m])[10m:1m]", "rate(foo[5m])[10m:1m]"},
      {"(a + b)[5m:]", "(a + b)[5m:]"},
      {"foo[5m * 2]", "foo[5m * 2]"},
      {"foo[(5m + 1m) * 2]", "foo[(5m + 1m) * 2]"},
      {"foo[5m:1m + 30s]", "foo[5m:1m + 30s]"},
      {"foo[2 ^ 3 ^ 2]", "foo[2 ^ 3 ^ 2]"},
      {"foo[-(5m - 10m)]", "foo[-(5m - 10m)]"},
      {"foo[5m % 3]", "foo[5m % 3]"},
      {"foo[--5m]", "foo[5m]"},
      {"foo offset (5m + 1m)", "foo offset (5m + 1m)"},
      {"foo offset -(5m + 1m)", "foo offset -(5m + 1m)"},
      {"foo offset ((5m))", "foo offset 5m"},
      {"foo offset - -5m", "foo offset 5m"},
      {"foo offset +5m", "foo offset 5m"},
      {"foo offset 5m + 1", "foo offset 5m + 1"},
      {"foo[((5m))]", "foo[5m]"},
      {"foo[(5m)*((2))]", "foo[5m * 2]"},
      {"1 + 2 * 3", "1 + 2 * 3"},
      {"1 + 2 - 3", "1 + 2 - 3"},
      {"2 ^ 3 ^ 2", "2 ^ 3 ^ 2"},
      {"-2 ^ 2", "-2 ^ 2"},
      {"(-2) ^ 2", "(-2) ^ 2"},
      {"-foo ^ 2", "-foo ^ 2"},
      {"2 ^ -1", "2 ^ -1"},
      {"2 ^ -foo * 3", "2 ^ -foo * 3"},
      {"2 ^ -foo ^ 3", "2 ^ -foo ^ 3"},
      {"-foo * bar", "-foo * bar"},
      {"1 - -1", "1 - -1"},
      {"a or b and c unless d == bool e + f * g ^ h",
       "a or b and c unless d == bool e + f * g ^ h"},
      {"a == b != c", "a == b != c"},
      {"a atan2 b * c", "a atan2 b * c"},
      {"a % b / c", "a % b / c"},
      {"a > bool b", "a > bool b"},
      {"1 > bool 2", "1 > bool 2"},
      {"a >= b", "a >= b"},
      {"a <= 1", "a <= 1"},
      {"a and b", "a and b"},
      {"a AND b", "a and b"},
      {"a and on() b", "a and on () b"},
      {"a and on(x) b", "a and on (x) b"},
      {"a or ignoring(x,y) b", "a or ignoring (x, y) b"},
      {"a unless on(x) b", "a unless on (x) b"},
      {"a * on(x) group_left b", "a * on (x) group_left () b"},
      {"a * on(x) group_left() b", "a * on (x) group_left () b"},
      {"a * on(x) group_left(y, z) b", "a * on (x) group_left (y, z) b"},
      {"a * ignoring(x) group_right(y) b", "a * ignoring (x) group_right (y) b"},
      {"a * on(x) group_left(y,) b", "a * on (x) group_left (y) b"},
      {"a * ignoring() group_left b", "a * ignoring () group_left () b"},
      {"a + ignoring() b", "a + b"},
      {"a == bool on(x) b", "a == bool on (x) b"},
      {"a + on(\"x y\") b", "a + on (\"x y\") b"},
      {"sum(foo)", "sum(foo)"},
      {"SUM(foo)", "sum(foo)"},
      {"sum by (a) (foo)", "sum by (a) (foo)"},
      {"sum(foo) by (a)", "sum by (a) (foo)"},
      {"sum by () (foo)", "sum(foo)"},
      {"sum without () (foo)", "sum without () (foo)"},
      {"sum without (a, b) (foo)", "sum without (a, b) (foo)"},
      {"sum(foo) without (b,)", "sum without (b) (foo)"},
      {"sum BY (a) (foo)", "sum by (a) (foo)"},
      {"sum by (\"a b\", c) (foo)", "sum by (\"a b\", c) (foo)"},
      {"sum by (on, bool, start) (foo)", "sum by (on, bool, start) (foo)"},
      {"topk(5, foo)", "topk(5, foo)"},
      {"topk by (a) (5, foo)", "topk by (a) (5, foo)"},
      {"topk(5, foo) by (a)", "topk by (a) (5, foo)"},
      {"quantile(0.9, foo)", "quantile(0.9, foo)"},
      {"count_values(\"x\", foo)", "count_values(\"x\", foo)"},
      {"limitk(2, foo)", "limitk(2, foo)"},
      {"limit_ratio(-0.5, foo)", "limit_ratio(-0.5, foo)"},
      {"stddev(foo) + stdvar(foo) + group(foo) + bottomk(1, foo)",
       "stddev(foo) + stdvar(foo) + group(foo) + bottomk(1, foo)"},
      {"rate(foo[5m])", "rate(foo[5m])"},
      {"time()", "time()"},
      {"pi()", "pi()"},
      {"abs(-foo)", "abs(-foo)"},
      {"round(foo)", "round(foo)"},
      {"round(foo, 5)", "round(foo, 5)"},
      {"hour()", "hour()"},
      {"hour(foo)", "hour(foo)"},
      {"label_replace(foo, \"a\", \"$1\", \"b\", \"(.*)\")",
       "label_replace(foo, \"a\", \"$1\", \"b\", \"(.*)\")"},
      {"label_join(foo, \"a\", \"-\")", "label_join(foo, \"a\", \"-\")"},
      {"label_join(foo, \"a\", \"-\", \"b\", \"c\")",
       "label_join(foo, \"a\", \"-\", \"b\", \"c\")"},
      {"histogram_quantile(0.9, sum by (le) (rate(foo_bucket[5m])))",
       "histogram_quantile(0.9, sum by (le) (rate(foo_bucket[5m])))"},
      {"vector(1)", "vector(1)"},
      {"scalar(foo)", "scalar(foo)"},
      {"sort_by_label(foo, \"a\", \"b\")", "sort_by_label(foo, \"a\", \"b\")"},
      {"info(foo)", "info(foo)"},
      {"info(foo, {a=\"b\"})", "info(foo, {a=\"b\"})"},
      {"info(foo, {})", "info(foo, {})"},
      {"info(foo, {a=~\".+\"})", "info(foo, {a=~\".+\"})"},
      {"absent(foo{a=\"b\"})", "absent(foo{a=\"b\"})"},
      {"predict_linear(foo[1h], 3600)", "predict_linear(foo[1h], 3600)"},
      {"max_over_time(rate(foo[5m])[1h:])", "max_over_time(rate(foo[5m])[1h:])"},
      {"((foo))", "((foo))"},
      {"(foo)", "(foo)"},
      {"foo # comment", "foo"},
      {"  foo   +   bar", "foo + bar"},
      {"foo{a=\"\\u00e9\"}", "foo{a=\"é\"}"},
      {"foo{a=\"é\"}", "foo{a=\"é\"}"},
      {"foo{a=\"\\x00\\t\"}", "foo{a=\"\\x00\\t\"}"},
      {"sum(sum(foo) by (a)) by (b)", "sum by (b) (sum by (a) (foo))"},
      {"inf", "+Inf"},
      {"+inf", "+Inf"},
      {"nan + 1", "NaN + 1"},
      {"Inf ^ 2", "Inf ^ 2"},
      {"+Inf * 2", "+Inf * 2"},
      {"- Inf", "-Inf"},
      {"foo offset 1.5", "foo offset 1s500ms"},
      {"foo[1.0005]", "foo[1s]"},
      {"123456789012345678", "123456789012345680"},
      {"0.1", "0.1"},
      {"1/3", "1 / 3"},
      {"foo{a=\"}\"}", "foo{a=\"}\"}"},
      {"foo{a=\"#\"} # }", "foo{a=\"#\"}"},
      {"\"#\"", "\"#\""},
      {"sum (foo) by (a) + 1", "sum by (a) (foo) + 1"},
      {"a + sum by (b) (c) * d", "a + sum by (b) (c) * d"},
      {"min(foo)", "min(foo)"},
      {"min", "min"},
      {"max", "max"},
      {"limitk", "limitk"},
      {"step", "step"},
      {"range", "range"},
      {"foo[step()]", "foo[step()]"},
      {"foo[min_of(5m,STEP())]", "foo[min_of(5m, step())]"},
      {"foo[max_of(range() , 1m) - 3]", "foo[max_of(range(), 1m) - 3]"},
      {"foo offset -step()", "foo offset -step()"},
      {"foo offset min_of(1m, range())", "foo offset min_of(1m, range())"},
      {"foo[5m:step()]", "foo[5m:step()]"},
      {"foo[5m] anchored", "foo[5m] anchored"},
      {"foo[5m] smoothed offset 1m", "foo[5m] smoothed offset 1m"},
      {"foo smoothed", "foo smoothed"},
      {"rate(foo[5m] offset 1m anchored)", "rate(foo[5m] anchored offset 1m)"},
      {"a + fill(0) b", "a + fill (0) b"},
      {"a + fill_left(-1.5) b", "a + fill_left (-1.5) b"},
      {"a + on(x) fill_right(1) fill_left(2) b", "a + on (x) fill_left (2) fill_right (1) b"},
      {"a - on(x) group_left(y) fill_right(+3) b", "a - on (x) group_left (y) fill_right (3) b"},
      {"fill + fill_left{a=\"b\"}", "fill + fill_left{a=\"b\"}"},
      {"smoothed - anchored", "smoothed - anchored"},
      {"a </ 5", "a </ 5"},
      {"a>/b + 1", "a >/ b + 1"},
      {"histogram_quantiles(v, \"q\", 0.5, 0.9)", "histogram_quantiles(v, \"q\", 0.5, 0.9)"},
      {"mad_over_time(foo[5m])", "mad_over_time(foo[5m])"},
      {"start() + end() + step() + range() + min_of(1, 2) + max_of(3, 4)",
       "start() + end() + step() + range() + min_of(1, 2) + max_of(3, 4)"},
      {"1e23", "100000000000000000000000"},
      {"-1e-7", "-0.0000001"},
      {"08", "8"},
      {"0x_1f", "31"},
      {"99999999999999999999", "100000000000000000000"},
      {"a * on(x) group_left (b)\n-c # line\n+ d", "a * on (x) group_left (b) -c + d"},
  };
  for (const Case& c : kCases) {
    const absl::StatusOr<Query> query = Query::Parse(c.query, kAllFeatures);
    ASSERT_TRUE(query.ok()) << c.query << ": " << query.status();
    EXPECT_EQ(query->text(), c.want) << c.query;
    EXPECT_EQ(query->source(), c.query);
    const absl::StatusOr<Query> again = Query::Parse(query->text(), kAllFeatures);
    ASSERT_TRUE(again.ok()) << c.query << " printed: " << again.status();
    EXPECT_EQ(again->text(), c.want) << c.query << " printed and parsed again";
  }
}

TEST(QueryTest, SaysWhatIsWrongAndWhere) {
  struct Case {
    std::string_view query, want;
  };
  constexpr Case kCases[] = {
      {"1 +", "1:4: parse error: unexpected end of input"},
      {"sum(1 + )", "1:9: parse error: unexpected \")\" in aggregation"},
      {"sum(", "1:5: parse error: unclosed left parenthesis"},
      {"foo(", "1:5: parse error: unclosed left parenthesis"},
      {"sum by (a) ", "1:12: parse error: unexpected end of input in aggregation"},
      {"sum by a (b)",
       "1:8: parse error: unexpected identifier \"a\" in grouping opts, expected \"(\""},
      {"sum by (1) (b)",
       "1:9: parse error: unexpected number \"1\" in grouping opts, expected label"},
      {"sum by (a b) (c)",
       "1:11: parse error: unexpected identifier \"b\" in grouping opts, expected \",\" or \")\""},
      {"sum foo", "1:5: parse error: unexpected identifier \"foo\""},
      {"sum by", "1:7: parse error: unexpected end of input in grouping opts, expected \"(\""},
      {"sum by (without) (c)",
       "1:9: parse error: unexpected <without> in grouping opts, expected label"},
      {"sum by (inf) (c)",
       "1:9: parse error: unexpected number \"inf\" in grouping opts, expected label"},
      {"foo{a=1}", "1:7: parse error: unexpected character inside braces: '1'"},
      {"foo{a}",
       "1:6: parse error: unexpected \"}\" in label matching, expected label matching operator"},
      {"foo{1}", "1:5: parse error: unexpected character inside braces: '1'"},
      {"foo{a=\"b\" c=\"d\"}",
       "1:11: parse error: unexpected identifier \"c\" in label matching, expected \",\" or \"}\""},
      {"foo{,}",
       "1:5: parse error: unexpected \",\" in label matching, expected identifier or \"}\""},
      {"foo{a=\"b\",,}",
       "1:11: parse error: unexpected \",\" in label matching, expected identifier or \"}\""},
      {"foo{", "1:5: parse error: unexpected end of input inside braces"},
      {"foo{a=", "1:7: parse error: unexpected end of input inside braces"},
      {"foo{a=\"b\"", "1:10: parse error: unexpected end of input inside braces"},
      {"foo{{}", "1:5: parse error: unexpected left brace '{'"},
      {"foo{a!\"b\"}", "1:6: parse error: unexpected character after '!' inside braces: '\"'"},
      {"foo[5m", "1:7: parse error: unclosed left bracket"},
      {"foo[5m]]", "1:8: parse error: unexpected right bracket ']'"},
      {"foo[[5m]", "1:5: parse error: unexpected character in duration expression: '['"},
      {"foo[]",
       "1:5: parse error: unexpected \"]\" in subquery selector, expected number or duration"},
      {"foo[a]", "1:5: parse error: unexpected character in duration expression: 'a'"},
      {"foo[5m:1m:1m]", "1:10: parse error: unexpected colon ':'"},
      {"foo[:1m]", "1:6: parse error: unexpected colon before duration in duration expression"},
      {"foo[5m 5m]",
       "1:8: parse error: unexpected duration \"5m\" in subquery or range, expected \":\" or "
       "\"]\""},
      {"foo[5m:5m 5m]",
       "1:11: parse error: unexpected duration \"5m\" in subquery selector, expected \"]\""},
      {"foo offset",
       "1:11: parse error: unexpected end of input in offset, expected number or duration"},
      {"foo offset bar",
       "1:12: parse error: unexpected identifier \"bar\" in offset, expected number or duration"},
      {"foo @", "1:6: parse error: unexpected end of input in @, expected timestamp"},
      {"foo @ bar", "1:7: parse error: unexpected identifier \"bar\" in @, expected timestamp"},
      {"foo @ start", "1:12: parse error: unexpected end of input in @, expected timestamp"},
      {"foo @ start(", "1:13: parse error: unclosed left parenthesis"},
      {"foo @ start(1)", "1:13: parse error: unexpected number \"1\" in @, expected timestamp"},
      {")", "1:2: parse error: unexpected right parenthesis ')'"},
      {"foo)", "1:5: parse error: unexpected right parenthesis ')'"},
      {"(foo", "1:5: parse error: unclosed left parenthesis"},
      {"((foo)", "1:7: parse error: unclosed left parenthesis"},
      {"foo]", "1:4: parse error: unexpected right bracket ']'"},
      {"foo}", "1:4: parse error: unexpected character: '}'"},
      {"\"abc", "1:1: parse error: unterminated quoted string"},
      {"\"a\\qb\"", "1:1: parse error: unknown escape sequence U+0071 'q'"},
      {"'a\\x1'", "1:1: parse error: illegal character U+0027 ''' in escape sequence"},
      {"\"\\ud800\"", "1:1: parse error: escape sequence is an invalid Unicode code point"},
      {"5m30", "1:1: parse error: bad number or duration syntax: \"5m30\""},
      {"5x", "1:1: parse error: bad number or duration syntax: \"5\""},
      {"0x",
       "1:1: parse error: error parsing number: strconv.ParseFloat: parsing \"0x\": invalid "
       "syntax"},
      {"1e", "1:1: parse error: bad number or duration syntax: \"1e\""},
      {"5m5m", "1:1: parse error: not a valid duration string: \"5m5m\""},
      {"5m1h", "1:1: parse error: not a valid duration string: \"5m1h\""},
      {"0b11", "1:1: parse error: bad number or duration syntax: \"0\""},
      {"1__0", "1:1: parse error: bad number or duration syntax: \"1__\""},
      {"1_", "1:1: parse error: bad number or duration syntax: \"1_\""},
      {"!a", "1:1: parse error: unexpected character after '!': 'a'"},
      {"=~a", "1:1: parse error: unexpected character after '=': '~'"},
      {"a =~ b", "1:3: parse error: unexpected character after '=': '~'"},
      {"a = b", "1:3: parse error: unexpected \"=\""},
      {"a ! b", "1:3: parse error: unexpected character after '!': ' '"},
      {"$", "1:1: parse error: unexpected character: '$'"},
      {"foo é", "1:5: parse error: unexpected character: 'é'"},
      {"foo bar", "1:5: parse error: unexpected identifier \"bar\""},
      {"foo 1", "1:5: parse error: unexpected number \"1\""},
      {"foo \"x\"", "1:5: parse error: unexpected string \"\\\"x\\\"\""},
      {"foo 5m", "1:5: parse error: unexpected duration \"5m\""},
      {"1 + * 1", "1:5: parse error: unexpected <op:*>"},
      {"* 1", "1:1: parse error: unexpected <op:*>"},
      {"foo(bar,)", "1:8: parse error: trailing commas not allowed in function call args"},
      {"rate(foo[5m],)", "1:13: parse error: trailing commas not allowed in function call args"},
      {"rate(foo[5m)",
       "1:12: parse error: unexpected \")\" in subquery or range, expected \":\" or \"]\""},
      {"rate(foo{a=\"b\"[5m])", "1:15: parse error: unexpected character inside braces: '['"},
      {"rate(foo)",
       "1:6: parse error: expected type range vector in call to function \"rate\", got instant "
       "vector"},
      {"rate(1)",
       "1:6: parse error: expected type range vector in call to function \"rate\", got scalar"},
      {"rate()", "1:1: parse error: expected 1 argument(s) in call to \"rate\", got 0"},
      {"rate(foo[5m], 1)", "1:1: parse error: expected 1 argument(s) in call to \"rate\", got 2"},
      {"{}", "1:1: parse error: vector selector must contain at least one non-empty matcher"},
      {"{a=~\".*\"}",
       "1:1: parse error: vector selector must contain at least one non-empty matcher"},
      {"{a=\"\"}", "1:1: parse error: vector selector must contain at least one non-empty matcher"},
      {"foo{__name__=\"bar\"}",
       "1:1: parse error: metric name must not be set twice: \"foo\" or \"bar\""},
      {"foo{\"bar\"}", "1:1: parse error: metric name must not be set twice: \"foo\" or \"bar\""},
      {"foo{__name__=~\"bar\"}",
       "1:1: parse error: metric name must not be set twice: \"foo\" or \"bar\""},
      {"1 and 1", "1:1: parse error: set operator \"and\" not allowed in binary scalar expression"},
      {"foo and 1",
       "1:1: parse error: set operator \"and\" not allowed in binary scalar expression"},
      {"1 == 1", "1:3: parse error: comparisons between scalars must use BOOL modifier"},
      {"foo + bool bar",
       "1:5: parse error: bool modifier can only be used on comparison operators"},
      {"foo and bool bar",
       "1:5: parse error: bool modifier can only be used on comparison operators"},
      {"foo + on(a) group_left(a) b",
       "1:5: parse error: label \"a\" must not occur in ON and GROUP clause at once"},
      {"foo and on(a) group_left(b) bar",
       "1:1: parse error: no grouping allowed for \"and\" operation"},
      {"1 + on(a) 2", "1:1: parse error: vector matching only allowed between instant vectors"},
      {"foo + on(a) 2", "1:1: parse error: vector matching only allowed between instant vectors"},
      {"\"a\" + 1",
       "1:1: parse error: binary expression must contain only scalar and instant vector types"},
      {"foo + \"a\"",
       "1:7: parse error: binary expression must contain only scalar and instant vector types"},
      {"foo[5m] + 1",
       "1:1: parse error: binary expression must contain only scalar and instant vector types"},
      {"-\"a\"",
       "1:1: parse error: unary expression only allowed on expressions of type scalar or instant "
       "vector, got \"string\""},
      {"-foo[5m]",
       "1:1: parse error: unary expression only allowed on expressions of type scalar or instant "
       "vector, got \"range vector\""},
      {"sum(foo[5m])",
       "1:5: parse error: expected type instant vector in aggregation expression, got range "
       "vector"},
      {"sum(\"a\")",
       "1:5: parse error: expected type instant vector in aggregation expression, got string"},
      {"sum(1)",
       "1:5: parse error: expected type instant vector in aggregation expression, got scalar"},
      {"topk(foo)",
       "1:1: parse error: wrong number of arguments for aggregate expression provided, expected 2, "
       "got 1"},
      {"topk(\"a\", foo)",
       "1:6: parse error: expected type scalar in aggregation parameter, got string"},
      {"topk(1, 2, foo)",
       "1:1: parse error: wrong number of arguments for aggregate expression provided, expected 2, "
       "got 3"},
      {"sum(1, foo)",
       "1:1: parse error: wrong number of arguments for aggregate expression provided, expected 1, "
       "got 2"},
      {"quantile(\"a\", foo)",
       "1:10: parse error: expected type scalar in aggregation parameter, got string"},
      {"count_values(1, foo)",
       "1:14: parse error: expected type string in aggregation parameter, got scalar"},
      {"sum()", "1:1: parse error: no arguments for aggregate expression provided"},
      {"topk()", "1:1: parse error: no arguments for aggregate expression provided"},
      {"foo[", "1:5: parse error: unexpected end of input in duration expression"},
      {"foo[5m:", "1:8: parse error: unclosed left bracket"},
      {"foo[5m+", "1:8: parse error: unclosed left bracket"},
      {"foo[5m+]",
       "1:8: parse error: unexpected \"]\" in subquery selector, expected number or duration"},
      {"foo[(5m]",
       "1:8: parse error: unexpected \"]\" in subquery selector, expected number or duration"},
      {"foo * on(a) group_left )", "1:25: parse error: unexpected right parenthesis ')'"},
      {"foo * on(a) group_left ]", "1:24: parse error: unexpected right bracket ']'"},
      {"foo * on(a) group_left , b",
       "1:24: parse error: unexpected \",\" in grouping opts, expected \"(\""},
      {"(foo * on(a) group_left , b)",
       "1:25: parse error: unexpected \",\" in grouping opts, expected \"(\""},
      {"sum(foo offset x)",
       "1:16: parse error: unexpected identifier \"x\" in offset, expected number or duration"},
      {"sum(rate(foo bar))", "1:14: parse error: unexpected identifier \"bar\" in aggregation"},
      {"rate(sum bar)", "1:10: parse error: unexpected identifier \"bar\""},
      {"sum(a)(b)", "1:7: parse error: unexpected \"(\""},
      {"1e400",
       "1:1: parse error: error parsing number: strconv.ParseFloat: parsing \"1e400\": value out "
       "of range"},
      {"0xFFFFFFFFFFFFFFFFFF",
       "1:1: parse error: error parsing number: strconv.ParseFloat: parsing "
       "\"0xFFFFFFFFFFFFFFFFFF\": invalid syntax"},
      {".", "1:1: parse error: unexpected character: '.'"},
      {"1..2", "1:1: parse error: bad number or duration syntax: \"1..\""},
      {"1.5m", "1:1: parse error: unknown unit \".\" in duration \"1.5m\""},
      {"5.5.5", "1:1: parse error: bad number or duration syntax: \"5.5.\""},
      {"500ms5m", "1:1: parse error: not a valid duration string: \"500ms5m\""},
      {"99999999999y", "1:1: parse error: duration out of range"},
      {"foo[0]", "1:5: parse error: duration must be greater than 0"},
      {"foo[0s]", "1:5: parse error: duration must be greater than 0"},
      {"foo[-5m]", "1:5: parse error: duration must be greater than 0"},
      {"foo[5m:0s]", "1:8: parse error: duration must be greater than 0"},
      {"foo[5m:-1s]", "1:8: parse error: duration must be greater than 0"},
      {"foo[inf]", "1:5: parse error: unexpected character in duration expression: 'i'"},
      {"foo[1e30]", "1:5: parse error: duration out of range"},
      {"foo[NaN]", "1:5: parse error: unexpected character in duration expression: 'N'"},
      {"foo offset 5m offset 5m", "1:1: parse error: offset may not be set multiple times"},
      {"foo @ 1 @ 2", "1:1: parse error: @ <timestamp> may not be set multiple times"},
      {"1 offset 5m",
       "1:1: parse error: offset modifier must be preceded by an instant vector selector or range "
       "vector selector or a subquery"},
      {"(foo) offset 5m",
       "1:1: parse error: offset modifier must be preceded by an instant vector selector or range "
       "vector selector or a subquery"},
      {"sum(foo) offset 5m",
       "1:1: parse error: offset modifier must be preceded by an instant vector selector or range "
       "vector selector or a subquery"},
      {"sum(foo) @ 1",
       "1:1: parse error: @ modifier must be preceded by an instant vector selector or range "
       "vector selector or a subquery"},
      {"foo @ inf", "1:1: parse error: timestamp out of bounds for @ modifier: +Inf"},
      {"foo @ nan", "1:1: parse error: timestamp out of bounds for @ modifier: NaN"},
      {"foo @ 1e30",
       "1:1: parse error: timestamp out of bounds for @ modifier: "
       "1000000000000000019884624838656.000000"},
      {"(foo)[5m]", "1:6: parse error: ranges only allowed for vector selectors"},
      {"foo offset 5m [5m]", "1:15: parse error: no offset modifiers allowed before range"},
      {"foo @ 1 [5m]", "1:9: parse error: no @ modifiers allowed before range"},
      {"1[5m]", "1:2: parse error: ranges only allowed for vector selectors"},
      {"1[5m:1m]",
       "1:1: parse error: subquery is only allowed on instant vector, got scalar instead"},
      {"\"a\"[5m:]",
       "1:1: parse error: subquery is only allowed on instant vector, got string instead"},
      {"foo[5m][5m:]",
       "1:1: parse error: subquery is only allowed on instant vector, got matrix instead"},
      {"foo[5m:][5m:]",
       "1:1: parse error: subquery is only allowed on instant vector, got matrix instead"},
      {"foo[min(5m,1m)]", "1:5: parse error: unexpected character in duration expression: 'm'"},
      {"foo[5m/0]", "1:7: parse error: division by zero"},
      {"{__name__=~\".*\"}",
       "1:1: parse error: vector selector must contain at least one non-empty matcher"},
      {"{\"foo\" \"bar\"}",
       "1:8: parse error: unexpected string \"\\\"bar\\\"\" in label matching, expected \",\" or "
       "\"}\""},
      {"sum by (\"\") (foo)", "1:9: parse error: invalid label name for grouping: \"\""},
      {"sum by (\"a\\xff\") (foo)",
       "1:9: parse error: invalid label name for grouping: \"a\\xff\""},
      {"", "unknown position: parse error: no expression found in input"},
      {" ", "1:1: parse error: no expression found in input"},
      {"# only a comment", "1:1: parse error: no expression found in input"},
      {"foo[5m:1m] anchored",
       "1:1: parse error: anchored modifier is not supported for subqueries"},
      {"foo[5m] anchored smoothed",
       "1:1: parse error: anchored and smoothed modifiers cannot be used together"},
      {"sum(foo) smoothed", "1:1: parse error: smoothed modifier not implemented"},
      {"a and fill(1) b",
       "1:1: parse error: filling in missing series not allowed for set operators"},
      {"a + fill(1) 2",
       "1:1: parse error: filling in missing series only allowed between instant vectors"},
      {"a </ bool b", "1:3: parse error: bool modifier can only be used on comparison operators"},
      {"a +\nb c", "2:3: parse error: unexpected identifier \"c\""},
      {"foo % group_left", "1:7: parse error: unexpected <group_left>"},
      {"abs(foo[5m] + 1, 2)", "1:1: parse error: expected 1 argument(s) in call to \"abs\", got 2"},
      {"label_join(foo, \"a\")",
       "1:1: parse error: expected at least 3 argument(s) in call to \"label_join\", got 2"},
      {"round(foo, 1, 2)",
       "1:1: parse error: expected at most 2 argument(s) in call to \"round\", got 3"},
      {"info(foo, bar)",
       "1:11: parse error: expected label selectors only, got vector selector instead"},
      {"info(foo, 1)",
       "1:11: parse error: expected type instant vector in call to function \"info\", got scalar"},
      {"foo[5m % 0]", "1:8: parse error: modulo by zero"},
      {"inf{}", "1:4: parse error: unexpected \"{\""},
      {"bool", "1:1: parse error: unexpected <bool>"},
      {"foo{a=\"b\"}}", "1:11: parse error: unexpected character: '}'"},
      {"1 $", "1:3: parse error: unexpected character: '$'"},
      {"rate(foo[5m])[5m]", "1:14: parse error: ranges only allowed for vector selectors"},
  };
  for (const Case& c : kCases) {
    const absl::StatusOr<Query> query = Query::Parse(c.query, kAllFeatures);
    ASSERT_FALSE(query.ok()) << c.query << " parses as " << query->text();
    EXPECT_EQ(query.status().code(), absl::StatusCode::kInvalidArgument) << c.query;
    EXPECT_EQ(std::string(query.status().message()), c.want) << c.query;
  }
}

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
