#include "base/labels/relabel.h"

#include <gtest/gtest.h>

#include <optional>

namespace tidemark {
namespace {

using enum RelabelAction;

// A rule as it stands in a file; `Rule()` makes what Relabel takes.
struct RuleText {
  RelabelAction action = kReplace;
  std::vector<std::string> source_labels = {};
  std::string regex = "(.*)";
  std::string target_label = "", replacement = "$1", separator = ";";
  uint64_t modulus = 0;

  RelabelRule Rule() const {
    return {action,  source_labels, separator,  *AnchoredRegex::Create(regex),
            modulus, target_label,  replacement};
  }
};

struct Case {
  const char* name;
  LabelSet labels;
  std::vector<RuleText> rules;
  std::optional<LabelSet> want;  // nullopt: dropped
};

void Check(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    std::vector<RelabelRule> rules;
    for (const RuleText& rule : c.rules) rules.push_back(rule.Rule());
    LabelSetBuilder labels(c.labels);
    const bool kept = Relabel(rules, labels);
    EXPECT_EQ(kept, c.want.has_value()) << c.name;
    if (!kept || !c.want) continue;
    EXPECT_EQ(labels.Build().ToString(), c.want->ToString()) << c.name;
  }
}

const LabelSet kAbc = {{"a", "foo"}, {"b", "bar"}, {"c", "baz"}};

// `kAbc` with one label more, or another value of one.
LabelSet AbcWith(std::string_view name, std::string_view value) {
  LabelSetBuilder labels(kAbc);
  labels.Set(name, value);
  return labels.Build();
}

TEST(RelabelTest, Replace) {
  Check({
      {"no rules", kAbc, {}, kAbc},
      {"copies a label",
       kAbc,
       {{.source_labels = {"a"}, .target_label = "d"}},
       AbcWith("d", "foo")},
      {"overwrites the target",
       kAbc,
       {{.source_labels = {"a"}, .target_label = "b"}},
       AbcWith("b", "foo")},
      {"onto itself",
       kAbc,
       {{.source_labels = {"a"}, .regex = "f(.*)", .target_label = "a", .replacement = "b$1"}},
       AbcWith("a", "boo")},
      {"joins with semicolons",
       kAbc,
       {{.source_labels = {"a", "b", "c"}, .target_label = "d"}},
       AbcWith("d", "foo;bar;baz")},
      {"joins with another separator",
       kAbc,
       {{.source_labels = {"a", "b"}, .target_label = "d", .separator = "::"}},
       AbcWith("d", "foo::bar")},
      {"joins with nothing",
       kAbc,
       {{.source_labels = {"a", "b"}, .target_label = "d", .separator = ""}},
       AbcWith("d", "foobar")},
      {"an absent source is empty",
       kAbc,
       {{.source_labels = {"a", "x", "b"}, .target_label = "d"}},
       AbcWith("d", "foo;;bar")},
      {"groups",
       kAbc,
       {{.source_labels = {"a", "b"},
         .regex = "f(.*);(.*)r",
         .target_label = "d",
         .replacement = "$1-${2}"}},
       AbcWith("d", "oo-ba")},
      {"named groups",
       kAbc,
       {{.source_labels = {"a"},
         .regex = "(?P<first>.)(?P<rest>.*)",
         .target_label = "d",
         .replacement = "${rest}${first}"}},
       AbcWith("d", "oof")},
      {"the whole match",
       kAbc,
       {{.source_labels = {"a"}, .regex = "fo+", .target_label = "d", .replacement = "<$0>"}},
       AbcWith("d", "<foo>")},
      {"a dollar sign",
       kAbc,
       {{.source_labels = {"a"}, .target_label = "d", .replacement = "$$1"}},
       AbcWith("d", "$1")},
      {"an unknown group is empty",
       kAbc,
       {{.source_labels = {"a"}, .target_label = "d", .replacement = "x${9}"}},
       AbcWith("d", "x")},
      {"no match changes nothing",
       kAbc,
       {{.source_labels = {"a"}, .regex = "nope", .target_label = "b", .replacement = "x"}},
       kAbc},
      {"the regex is anchored",
       kAbc,
       {{.source_labels = {"a"}, .regex = "o", .target_label = "b", .replacement = "x"}},
       kAbc},
      {"alternatives are anchored as a whole",
       kAbc,
       {{.source_labels = {"a"}, .regex = "fo|foo", .target_label = "d", .replacement = "x"}},
       AbcWith("d", "x")},
      {"dot matches a newline",
       {{"a", "x\ny"}},
       {{.source_labels = {"a"}, .regex = "x.y", .target_label = "a", .replacement = "z"}},
       LabelSet{{"a", "z"}}},
      {"a constant without sources",
       kAbc,
       {{.target_label = "d", .replacement = "fixed"}},
       AbcWith("d", "fixed")},
      {"an empty result removes the target",
       kAbc,
       {{.source_labels = {"x"}, .target_label = "a"}},
       AbcWith("a", "")},
      {"an empty replacement removes the target",
       kAbc,
       {{.source_labels = {"a"}, .regex = "f.*", .target_label = "a", .replacement = ""}},
       AbcWith("a", "")},
      {"removing what is absent", kAbc, {{.target_label = "d", .replacement = ""}}, kAbc},
      {"the target expands",
       kAbc,
       {{.source_labels = {"a"}, .regex = "(f)(.*)", .target_label = "${1}x", .replacement = "$2"}},
       AbcWith("fx", "oo")},
      {"a target that expands to nothing is passed over",
       kAbc,
       {{.source_labels = {"a"}, .regex = "foo(x?)", .target_label = "$1", .replacement = "v"}},
       kAbc},
      {"a target that is not UTF-8 is passed over",
       {{"a", "\xff"}},
       {{.source_labels = {"a"}, .regex = "(?s:\\C*)", .target_label = "\xff", .replacement = "v"}},
       LabelSet{{"a", "\xff"}}},
      {"a UTF-8 target name",
       kAbc,
       {{.source_labels = {"a"}, .target_label = "größe.x"}},
       AbcWith("größe.x", "foo")},
      {"rules see what earlier ones did",
       kAbc,
       {{.source_labels = {"a"}, .target_label = "d"},
        {.source_labels = {"d"}, .regex = "f(.*)", .target_label = "e", .replacement = "$1"},
        {.target_label = "d", .replacement = ""}},
       AbcWith("e", "oo")},
      {"a blackbox target",
       {{"__address__", "example.com"}},
       {{.source_labels = {"__address__"}, .target_label = "__param_target"},
        {.source_labels = {"__param_target"}, .target_label = "instance"},
        {.target_label = "__address__", .replacement = "prober:9115"}},
       LabelSet{{"__address__", "prober:9115"},
                {"__param_target", "example.com"},
                {"instance", "example.com"}}},
      {"a port is replaced",
       {{"__address__", "10.0.0.1:80"}, {"port", "9100"}},
       {{.source_labels = {"__address__", "port"},
         .regex = "([^:]+)(?::\\d+)?;(\\d+)",
         .target_label = "__address__",
         .replacement = "$1:$2"}},
       LabelSet{{"__address__", "10.0.0.1:9100"}, {"port", "9100"}}},
  });
}

TEST(RelabelTest, KeepAndDrop) {
  Check({
      {"drop on a match", kAbc, {{.action = kDrop, .source_labels = {"a"}, .regex = ".*o.*"}}, {}},
      {"drop without a match",
       kAbc,
       {{.action = kDrop, .source_labels = {"a"}, .regex = "f"}},
       kAbc},
      {"drop on joined sources",
       kAbc,
       {{.action = kDrop, .source_labels = {"a", "b"}, .regex = "foo;bar"}},
       {}},
      {"drop an absent label", kAbc, {{.action = kDrop, .source_labels = {"x"}, .regex = ""}}, {}},
      {"drop with the default regex drops everything",
       kAbc,
       {{.action = kDrop, .source_labels = {"a"}}},
       {}},
      {"keep on a match", kAbc, {{.action = kKeep, .source_labels = {"a"}, .regex = "f.o"}}, kAbc},
      {"keep without a match",
       kAbc,
       {{.action = kKeep, .source_labels = {"a"}, .regex = "no-match"}},
       {}},
      {"keep is anchored", kAbc, {{.action = kKeep, .source_labels = {"a"}, .regex = "fo"}}, {}},
      {"keep one of several",
       kAbc,
       {{.action = kKeep, .source_labels = {"b"}, .regex = "foo|bar"}},
       kAbc},
      {"keep an absent label",
       kAbc,
       {{.action = kKeep, .source_labels = {"x"}, .regex = ".+"}},
       {}},
      {"nothing runs after a drop",
       kAbc,
       {{.action = kDrop, .source_labels = {"a"}, .regex = "foo"},
        {.target_label = "d", .replacement = "x"}},
       {}},
      {"what a rule made can be dropped on",
       kAbc,
       {{.source_labels = {"a"}, .regex = "f(.*)", .target_label = "d", .replacement = "$1"},
        {.action = kDrop, .source_labels = {"d"}, .regex = "oo"}},
       {}},
  });
}

TEST(RelabelTest, KeepEqualAndDropEqual) {
  const LabelSet same = {{"__tmp_port", "1234"}, {"__port1", "1234"}, {"__port2", "5678"}};
  Check({
      {"dropequal drops",
       same,
       {{.action = kDropEqual, .source_labels = {"__tmp_port"}, .target_label = "__port1"}},
       {}},
      {"dropequal keeps",
       same,
       {{.action = kDropEqual, .source_labels = {"__tmp_port"}, .target_label = "__port2"}},
       same},
      {"keepequal keeps",
       same,
       {{.action = kKeepEqual, .source_labels = {"__tmp_port"}, .target_label = "__port1"}},
       same},
      {"keepequal drops",
       same,
       {{.action = kKeepEqual, .source_labels = {"__tmp_port"}, .target_label = "__port2"}},
       {}},
      {"two absent labels are equal",
       same,
       {{.action = kKeepEqual, .source_labels = {"x"}, .target_label = "y"}},
       same},
      {"joined sources",
       {{"a", "1"}, {"b", "2"}, {"c", "1;2"}},
       {{.action = kDropEqual, .source_labels = {"a", "b"}, .target_label = "c"}},
       {}},
  });
}

// Values are those of int.from_bytes(hashlib.md5(v).digest()[8:], "big") % m in Python; the first
// two are in Prometheus's own tests too.
TEST(RelabelTest, HashMod) {
  const auto hash_of = [](std::string_view value, uint64_t modulus, std::string_view want) {
    return Case{
        "hashmod",
        {{"v", value}},
        {{.action = kHashMod, .source_labels = {"v"}, .target_label = "d", .modulus = modulus}},
        LabelSet{{"v", value}, {"d", want}}};
  };
  Check({
      hash_of("baz", 1000, "976"),
      hash_of("foo\nbar", 1000, "734"),
      hash_of("", 8, "6"),
      hash_of("", UINT64_MAX, "16825458760271544958"),
      hash_of("a", 8, "1"),
      hash_of("a", 10, "7"),
      hash_of("foo", 8, "0"),
      hash_of("foo", 1, "0"),
      hash_of("bar;baz", 1000, "82"),
      hash_of("10.0.0.1:9100", 10, "5"),
      hash_of("host-0:80", 8, "4"),
      hash_of("host-1:80", 8, "6"),
      hash_of("host-2:80", 1000, "12"),
      hash_of("ünïcode", UINT64_MAX, "15977694595972469284"),
      {"of joined sources",
       {{"a", "bar"}, {"b", "baz"}},
       {{.action = kHashMod, .source_labels = {"a", "b"}, .target_label = "h", .modulus = 1000}},
       LabelSet{{"a", "bar"}, {"b", "baz"}, {"h", "82"}}},
      {"a shard of three",
       {{"__address__", "host-1:80"}},
       {{.action = kHashMod,
         .source_labels = {"__address__"},
         .target_label = "__tmp_hash",
         .modulus = 8},
        {.action = kKeep, .source_labels = {"__tmp_hash"}, .regex = "6"}},
       LabelSet{{"__address__", "host-1:80"}, {"__tmp_hash", "6"}}},
  });
}

TEST(RelabelTest, ByLabelName) {
  const LabelSet meta = {{"a", "foo"}, {"__meta_my_bar", "aaa"}, {"__meta_my_baz", "bbb"}};
  Check({
      {"labelmap copies",
       {{"b1", "x"}, {"b2", "y"}},
       {{.action = kLabelMap, .regex = "b(.*)", .replacement = "bar_$1"}},
       LabelSet{{"b1", "x"}, {"b2", "y"}, {"bar_1", "x"}, {"bar_2", "y"}}},
      {"labelmap strips a prefix",
       meta,
       {{.action = kLabelMap, .regex = "__meta_(my.*)"}},
       LabelSet{{"a", "foo"},
                {"__meta_my_bar", "aaa"},
                {"__meta_my_baz", "bbb"},
                {"my_bar", "aaa"},
                {"my_baz", "bbb"}}},
      {"labelmap without a match", meta, {{.action = kLabelMap, .regex = "x(.*)"}}, meta},
      {"labelmap is anchored", meta, {{.action = kLabelMap, .regex = "meta_(.*)"}}, meta},
      {"labelmap does not map what it made",
       {{"xa", "1"}},
       {{.action = kLabelMap, .regex = "x(.*)", .replacement = "xx$1"}},
       LabelSet{{"xa", "1"}, {"xxa", "1"}}},
      {"labelmap overwrites",
       {{"x_a", "1"}, {"a", "2"}},
       {{.action = kLabelMap, .regex = "x_(.*)"}},
       LabelSet{{"x_a", "1"}, {"a", "1"}}},
      {"labeldrop", kAbc, {{.action = kLabelDrop, .regex = "(b|c)"}}, LabelSet{{"a", "foo"}}},
      {"labeldrop is anchored", kAbc, {{.action = kLabelDrop, .regex = ""}}, kAbc},
      {"labeldrop of everything", kAbc, {{.action = kLabelDrop, .regex = ".*"}}, LabelSet{}},
      {"labelkeep", kAbc, {{.action = kLabelKeep, .regex = "a|b"}}, AbcWith("c", "")},
      {"labelkeep of nothing", kAbc, {{.action = kLabelKeep, .regex = "x"}}, LabelSet{}},
  });
}

TEST(RelabelTest, LetterCase) {
  const auto changed = [](RelabelAction action, std::string_view value, std::string_view want) {
    return Case{"letter case",
                {{"v", value}},
                {{.action = action, .source_labels = {"v"}, .target_label = "d"}},
                LabelSet{{"v", value}, {"d", want}}};
  };
  Check({
      changed(kLowercase, "bAr123Foo", "bar123foo"),
      changed(kUppercase, "bAr123Foo", "BAR123FOO"),
      changed(kLowercase, "ÄÖÜ ΣΩ ЖЯ", "äöü σω жя"),
      changed(kUppercase, "äöü σω жя ß", "ÄÖÜ ΣΩ ЖЯ ß"),
      changed(kUppercase, "𐐨日本", "𐐀日本"),
      changed(kUppercase, "a\xff\xe2\x82z", "A\xff\xe2\x82Z"),
      {"the regex is not asked",
       {{"v", "Ab"}},
       {{.action = kLowercase, .source_labels = {"v"}, .regex = "x", .target_label = "v"}},
       LabelSet{{"v", "ab"}}},
      {"an empty source removes the target",
       kAbc,
       {{.action = kUppercase, .source_labels = {"x"}, .target_label = "a"}},
       AbcWith("a", "")},
  });
}

TEST(RelabelTest, TheDefaultRuleCopies) {
  RelabelRule rule;
  rule.source_labels = {"a"};
  rule.target_label = "b";
  LabelSetBuilder labels(LabelSet{{"a", "x"}});
  EXPECT_TRUE(Relabel({rule}, labels));
  EXPECT_EQ(labels.Get("b"), "x");
}

}  // namespace
}  // namespace tidemark
