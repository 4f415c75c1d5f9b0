#include "alerting/template/alert_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/strings.h"

namespace tidemark::alerting {
namespace {

absl::StatusOr<promql::InstantVector> AnswerQuery(std::string_view expression) {
  if (expression == "none") return promql::InstantVector{};
  if (expression == "bad") return absl::InvalidArgumentError("parse error");
  return promql::InstantVector{{LabelSet{{"__name__", "m"}, {"job", "web"}}, 0, 0.00002},
                               {LabelSet{{"__name__", "m"}, {"job", "api"}}, 0, 1234567.25}};
}

// What the template gives for an alert of `m{i="1", job="api"} 1234567.25`.
std::string Expand(std::string_view text) {
  const auto parsed = AlertTemplate::Parse(text, "A");
  if (!parsed.ok()) return StrCat("<not parsed: ", ToStd(parsed.status().message()), ">");
  const promql::VectorSample sample = {LabelSet{{"__name__", "m"}, {"i", "1"}, {"job", "api"}}, 0,
                                       1234567.25};
  const AlertTemplateData data(sample, LabelSet{{"region", "eu"}}, "http://host:9090/prom");
  return parsed->Expand(data, {AnswerQuery, "http://host:9090/prom", 1435065584128});
}

struct Case {
  std::string_view text, want;
};

void ExpectAll(std::span<const Case> cases) {
  for (const Case& c : cases) EXPECT_EQ(Expand(c.text), c.want) << c.text;
}

// The expected texts below are what Prometheus 3.5 gives.

TEST(AlertTemplateTest, Data) {
  constexpr Case kCases[] = {
      {"plain text", "plain text"},
      {"{{ $value }}|{{ .Value }}", "1.23456725e+06|1.23456725e+06"},
      {"{{ $labels }}", "map[__name__:m i:1 job:api]"},
      {"{{ $labels.job }}|{{ .Labels.job }}|{{ $.Labels.job }}", "api|api|api"},
      {"{{ $labels.absent }}|", "|"},
      {"{{ $externalLabels.region }} {{ $externalURL }}", "eu http://host:9090/prom"},
      {"{{ . }}",
       "{map[__name__:m i:1 job:api] map[region:eu] http://host:9090/prom 1.23456725e+06}"},
  };
  ExpectAll(kCases);
}

TEST(AlertTemplateTest, Literals) {
  constexpr Case kCases[] = {
      {"{{ 1000000.0 }} {{ 100000.0 }} {{ 1234567.5 }}", "1e+06 100000 1.2345675e+06"},
      {"{{ 0.0001 }} {{ 0.00001 }} {{ 1e21 }} {{ 1e20 }}", "0.0001 1e-05 1e+21 1e+20"},
      {"{{ 123456789.0 }} {{ 1.0 }} {{ -2.5 }} {{ .5 }}", "1.23456789e+08 1 -2.5 0.5"},
      {"{{ 12 }} {{ 0x1F }} {{ 1_000 }} {{ 010 }} {{ -3 }}", "12 31 1000 8 -3"},
      {"{{ \"s\\n\\u00e9\\x41\" }} {{ `raw\\n` }} {{ true }} {{ 'a' }}",
       "s\n\u00e9A raw\\n true 97"},
  };
  ExpectAll(kCases);
}

TEST(AlertTemplateTest, Actions) {
  constexpr Case kCases[] = {
      {"a {{- \" x \" -}}   y", "a x y"},
      {"a {{/* no */}} b {{- /* no */ -}} c", "a  bc"},
      {"{{ if $value }}yes{{ else }}no{{ end }}", "yes"},
      {"{{ if false }}a{{ else if eq $labels.job \"api\" }}b{{ else }}c{{ end }}.", "b."},
      {"{{ if false }}a{{ else if false }}b{{ else }}c{{ end }}.", "c."},
      {"{{ with $labels.job }}{{ . }}{{ end }}{{ with \"\" }}a{{ else }}b{{ end }}", "apib"},
      {"{{ range $i, $e := query \"m\" }}{{ $i }}={{ $e.Labels.job }}:{{ .Value }},{{ end }}",
       "0=web:2e-05,1=api:1.23456725e+06,"},
      {"{{ range $k, $v := $labels }}{{ $k }}={{ $v }};{{ end }}", "__name__=m;i=1;job=api;"},
      {"{{ range $labels }}{{ . }}{{ break }}{{ end }}", "m"},
      {"{{ range $labels }}{{ if eq . \"1\" }}{{ continue }}{{ end }}{{ . }}{{ end }}", "mapi"},
      {"{{ range $i := query \"none\" }}{{ $i }}{{ else }}none{{ end }}", "none"},
      {"{{ $x := 5 }}{{ $x }}{{ $x = 6 }}{{ $x }}{{ if true }}{{ $x := 7 }}{{ $x }}{{ end }}{{ $x "
       "}}",
       "5676"},
      {"{{ $s := 0 }}{{ range $labels }}{{ $s = . }}{{ end }}{{ $s }}", "api"},
      {"{{ 1.5 | printf \"%.1f\" | printf \"%s-%s\" \"a\" }}", "a-1.5"},
      {"{{ (index $labels \"job\") | toUpper }}", "API"},
  };
  ExpectAll(kCases);
}

TEST(AlertTemplateTest, Printf) {
  constexpr Case kCases[] = {
      {"{{ printf \"%d %s %v %5.2f|%-6s|%06d\" 42 \"x\" 1.5 3.14159 \"ab\" 42 }}",
       "42 x 1.5  3.14|ab    |000042"},
      {"{{ printf \"%x|%x|%q|%t|%+d|%e|%g|%%\" 255 \"hi\" \"q\\\"\" true 5 1234.5 1e21 }}",
       "ff|6869|\"q\\\"\"|true|+5|1.234500e+03|1e+21|%"},
      {"{{ printf \"%c|%U|%T|%o|%b|%08.3f|%+v\" 65 66 1.5 8 5 3.14159 1.0 }}",
       "A|U+0042|float64|10|101|0003.142|+1"},
      {"{{ printf \"% d|%#x|%5t|%s|%d\" 7 255 true 1.5 \"x\" }}",
       " 7|0xff| true|%!s(float64=1.5)|%!d(string=x)"},
      {"{{ printf \"%d\" }} {{ printf \"%d\" 1 2 }} {{ printf \"%z\" 3 }} {{ printf \"5%\" }}",
       "%!d(MISSING) 1%!(EXTRA int=2) %!z(int=3) 5%!(NOVERB)"},
      {"{{ printf \"%d\" 3.0 }} {{ printf \"%v\" $labels }}",
       "%!d(float64=3) map[__name__:m i:1 job:api]"},
      {"{{ printf \"%5d|%-5d|%05d\" 3 3 -3 }} {{ printf \"%6.2f%%\" 99.5 }} {{ printf \"%.3s\" "
       "\"abcdef\" }} {{ printf \"%x\" 1.5 }}",
       "    3|3    |-0003  99.50% abc 0x1.8p+00"},
      {"{{ print 1 2 \"a\" \"b\" 3 }} {{ println 1 \"x\" }}", "1 2ab3 1 x\n"},
  };
  ExpectAll(kCases);
}

TEST(AlertTemplateTest, Humanize) {
  constexpr Case kCases[] = {
      {"{{ humanize 0 }} {{ humanize 999.99 }} {{ humanize 1234567 }} {{ humanize 0.00012 }}",
       "0 1000 1.235M 120u"},
      {"{{ humanize -1234.5 }} {{ humanize 1e30 }} {{ 1 | humanize }} {{ humanize \"2e3\" }}",
       "-1.234k 1e+06Y 1 2k"},
      {"{{ humanize \"NaN\" }} {{ humanize \"+Inf\" }}", "NaN +Inf"},
      {"{{ humanize1024 1048576 }} {{ humanize1024 0.5 }}", "1Mi 0.5"},
      {"{{ humanizePercentage 0.12345 }} {{ humanizePercentage 1 }}", "12.35% 100%"},
      {"{{ humanizeDuration 0.0123 }} {{ humanizeDuration 3661.5 }} {{ humanizeDuration 86400 }}",
       "12.3ms 1h 1m 1s 1d 0h 0m 0s"},
      {"{{ humanizeDuration 12.3456 }} {{ humanizeDuration -1.5 }} {{ humanizeDuration 0 }} {{ "
       "humanizeDuration 1e-10 }}",
       "12.35s -1.5s 0s 100ps"},
      {"{{ humanizeTimestamp 1435065584.128 }} {{ humanizeTimestamp 1435065584 }} {{ "
       "humanizeTimestamp \"1435065584.1\" }}",
       "2015-06-23 13:19:44.128 +0000 UTC 2015-06-23 13:19:44 +0000 UTC 2015-06-23 13:19:44.1 "
       "+0000 UTC"},
      {"{{ parseDuration \"1h30m\" }} {{ parseDuration \"-1m\" }} {{ now }}",
       "5400 -60 1.435065584128e+09"},
  };
  ExpectAll(kCases);
}

TEST(AlertTemplateTest, Text) {
  constexpr Case kCases[] = {
      {"{{ title \"hello world-foo a'b\" }} {{ toUpper \"aB\" }} {{ toLower \"aB\" }}",
       "Hello World-Foo A'b AB ab"},
      {"{{ stripPort \"a:80\" }} {{ stripPort \"[::1]:80\" }} {{ stripPort \"abc\" }}",
       "a ::1 abc"},
      {"{{ stripDomain \"a.b.c:80\" }} {{ stripDomain \"10.0.0.1:80\" }} {{ stripDomain \"a.b\" }}",
       "a:80 10.0.0.1:80 a"},
      {"{{ reReplaceAll \"(.*)-(\\\\d+)\" \"$2/$1/${1}x/$1x\" \"foo-12\" }} {{ match \"o\" \"foo\" "
       "}}",
       "12/foo/foox/ true"},
      {"{{ html \"<a>&'\\\"\" }} {{ js \"it's <b>\" }} {{ urlquery \"a b&c\" }}",
       "&lt;a&gt;&amp;&#39;&#34; it\\'s \\u003Cb\\u003E a+b%26c"},
      {"{{ graphLink \"up == 0\" }} {{ tableLink \"up\" }}",
       "/graph?g0.expr=up+%3D%3D+0&g0.tab=0 /graph?g0.expr=up&g0.tab=1"},
      {"{{ externalURL }} {{ pathPrefix }} {{ safeHtml \"<a>\" }}",
       "http://host:9090/prom /prom <a>"},
  };
  ExpectAll(kCases);
}

TEST(AlertTemplateTest, Logic) {
  constexpr Case kCases[] = {
      {"{{ eq 1 1 2 }} {{ eq 1 2 1 }} {{ ne \"a\" \"b\" }} {{ lt 1 2 }} {{ ge 2.0 2.5 }}",
       "true true true true false"},
      {"{{ and 1 0 }} {{ or 0 \"\" \"x\" }} {{ not 0 }}", "0 x true"},
      {"{{ and false (query \"bad\") }} {{ or 1 (query \"bad\") }}", "false 1"},
      {"{{ gt $value 90.0 }}", "true"},
  };
  ExpectAll(kCases);
}

TEST(AlertTemplateTest, Samples) {
  constexpr Case kCases[] = {
      {"{{ with query \"m\" }}{{ . | first | value }}{{ end }}", "2e-05"},
      {"{{ first (query \"m\") }}", "{map[__name__:m job:web] 2e-05}"},
      {"{{ label \"job\" (first (query \"m\")) }} {{ strvalue (first (query \"m\")) }}.", "web ."},
      {"{{ range query \"m\" | sortByLabel \"job\" }}{{ .Labels.job }} {{ end }}", "api web "},
      {"{{ args 1 \"x\" }} {{ (args 1 \"x\").arg1 }} {{ (args 1).nope }}",
       "map[arg0:1 arg1:x] x <no value>"},
      {"{{ len \"abc\" }} {{ len $labels }} {{ index $labels \"job\" }} {{ slice \"abcdef\" 1 3 }}",
       "3 3 api bc"},
      {"{{ (index (query \"m\") 1).Value }}", "1.23456725e+06"},
  };
  ExpectAll(kCases);
}

TEST(AlertTemplateTest, FailsAtRunTime) {
  struct FailureCase {
    std::string_view text, at, reason;
  };
  constexpr FailureCase kCases[] = {
      {"{{ .Foo }}", ".Foo", "can't evaluate field Foo in type struct"},
      {"{{ $labels.job.foo }}", "$labels.job.foo", "can't evaluate field foo in type string"},
      {"{{ humanize \"x\" }}", "humanize \"x\"",
       "error calling humanize: strconv.ParseFloat: parsing \"x\": invalid syntax"},
      {"{{ gt 1 2.0 }}", "gt 1 2.0",
       "error calling gt: incompatible types for comparison: int and float64"},
      {"{{ first (query \"none\") }}", "first (query \"none\")",
       "error calling first: first() called on vector with no elements"},
      {"{{ query \"bad\" }}", "query \"bad\"", "error calling query: parse error"},
      {"{{ toUpper 1.5 }}", "toUpper 1.5",
       "error calling toUpper: wrong type for value; expected string; got float64"},
      {"{{ match \"(\" \"a\" }}", "match \"(\" \"a\"",
       "error calling match: error parsing regexp: missing ): (: \"(\""},
      {"{{ index (query \"m\") 2 }}", "index (query \"m\") 2",
       "error calling index: index out of range: 2"},
      {"{{ humanize }}", "humanize", "wrong number of args for humanize: want 1 got 0"},
  };
  for (const FailureCase& c : kCases) {
    EXPECT_EQ(Expand(c.text),
              StrCat("<error expanding template: error executing template __alert_A: template: "
                     "__alert_A: executing \"__alert_A\" at <",
                     c.at, ">: ", c.reason, ">"))
        << c.text;
  }
}

TEST(AlertTemplateTest, RefusedAtLoad) {
  struct BadCase {
    std::string_view text, reason;
  };
  constexpr BadCase kCases[] = {
      {"{{ $labels.job", "1: unclosed action"},
      {"a\n{{ nofunction 1 }}", "2: function \"nofunction\" not defined"},
      {"{{ toTime 1 }}", "1: function \"toTime\" not defined"},
      {"{{ $x }}", "1: undefined variable \"$x\""},
      {"{{ if true }}{{ $x := 1 }}{{ end }}{{ $x }}", "1: undefined variable \"$x\""},
      {"{{ }}", "1: missing value for command"},
      {"{{ if }}x{{ end }}", "1: missing value for if"},
      {"{{ if true }}x", "1: unexpected EOF"},
      {"{{ end }}", "1: unexpected {{end}}"},
      {"{{ else }}", "1: unexpected {{else}}"},
      {"{{ if true }}{{ else }}{{ else }}{{ end }}", "1: expected end; found {{else}}"},
      {"{{ break }}", "1: {{break}} outside {{range}}"},
      {"{{ define \"x\" }}{{ end }}", "1: {{define}} is not supported"},
      {"{{ template \"x\" }}", "1: {{template}} is not supported"},
      {"{{ nil }}", "1: nil is not a command"},
      {"{{ 1 | 2 }}", "1: non executable command in pipeline stage 2"},
      {"{{ $value 1 }}", "1: can't give argument to non-function $value"},
      {"{{ \"abc }}", "1: unterminated quoted string"},
      {"{{ \"\\z\" }}", "1: invalid syntax in \"\\z\""},
      {"{{ 1x }}", "1: bad number syntax: \"1x\""},
      {"{{ (1 }}", "1: unexpected <}}> in parenthesized pipeline"},
      {"{{ 1 ) }}", "1: unexpected <)> in command"},
      {"{{ \"a\".b }}", "1: unexpected . after term \"\"a\"\""},
      {"{{ & }}", "1: unexpected \"&\" in action"},
      {"{{/* x }}", "1: unclosed comment"},
  };
  for (const BadCase& c : kCases) {
    const auto parsed = AlertTemplate::Parse(c.text, "A");
    ASSERT_FALSE(parsed.ok()) << c.text;
    EXPECT_EQ(ToStd(parsed.status().message()), StrCat("template: __alert_A:", c.reason)) << c.text;
  }
}

TEST(AlertTemplateTest, RefusesEndlessNestingAndOutput) {
  const std::string deep = "{{" + std::string(5000, '(') + "1" + std::string(5000, ')') + "}}";
  EXPECT_THAT(Expand(deep), testing::HasSubstr("nested too deeply"));
  std::string wide = "{{ $l := query \"m\" }}";
  for (int i = 0; i < 40; ++i) wide += "{{ range $l }}";
  wide += "xxxxxxxx";
  for (int i = 0; i < 40; ++i) wide += "{{ end }}";
  EXPECT_THAT(Expand(wide), testing::HasSubstr("the text is too long"));
}

}  // namespace
}  // namespace tidemark::alerting
