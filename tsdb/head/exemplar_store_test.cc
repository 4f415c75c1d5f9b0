#include "tsdb/head/exemplar_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "base/io/hash.h"
#include "base/strings.h"

namespace tidemark::tsdb {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Verdict = ExemplarVerdict;

LabelSet Series(std::string_view name) { return {{"__name__", name}}; }
Exemplar Make(TimestampMs time, double value = 1, std::string_view trace = "t") {
  return {.labels = {{"trace", trace}}, .value = value, .timestamp = time};
}

// "a: 1 2; b: 3", the times of what is stored.
std::string Text(const ExemplarStore& store, TimeRange range = {}) {
  std::string text;
  const std::vector<std::vector<LabelMatcher>> all(1);
  for (const SeriesExemplars& found : store.Select(all, range)) {
    StrAppend(&text, text.empty() ? "" : "; ", found.labels.metric_name(), ":");
    for (const Exemplar& e : found.exemplars) StrAppend(&text, " ", e.timestamp);
  }
  return text;
}

TEST(ExemplarStoreTest, DecidesOnEach) {
  struct Case {
    std::string_view name;
    Exemplar exemplar;
    Verdict want;
  };
  const std::string half(64, 'x');
  std::string umlauts;
  for (int i = 0; i < 123; ++i) umlauts += "\xc3\xa4";
  const Case kCases[] = {
      {"the first", Make(1000, 5, "m"), Verdict::kTaken},
      {"the same", Make(1000, 5, "m"), Verdict::kIgnored},
      {"older", Make(999, 9, "z"), Verdict::kOutOfOrder},
      {"same time, smaller value", Make(1000, 4, "z"), Verdict::kOutOfOrder},
      {"same time and value, labels before", Make(1000, 5, "l"), Verdict::kOutOfOrder},
      {"same time and value, labels after", Make(1000, 5, "n"), Verdict::kTaken},
      {"same time, larger value", Make(1000, 6, "a"), Verdict::kTaken},
      {"newer", Make(1001, 1, "a"), Verdict::kTaken},
      {"no number", Make(1002, std::numeric_limits<double>::quiet_NaN()), Verdict::kTaken},
      {"no number again", Make(1002, std::numeric_limits<double>::quiet_NaN()),
       Verdict::kOutOfOrder},
      {"without labels", {.labels = {}, .value = 1, .timestamp = 1003}, Verdict::kTaken},
      {"128 bytes", {.labels = {{half, half}}, .value = 1, .timestamp = 1004}, Verdict::kTaken},
      {"129 bytes", {.labels = {{half, half + "y"}}, .timestamp = 1005}, Verdict::kLabelsTooLong},
      {"128 characters", Make(1006, 1, umlauts), Verdict::kTaken},
      {"129 characters", Make(1007, 1, umlauts + "x"), Verdict::kLabelsTooLong},
      {"no characters", Make(1008, 1, std::string(5000, '\x80')), Verdict::kLabelsTooLong},
  };
  MetricRegistry metrics;
  ExemplarStore store(100, metrics);
  int taken = 0, out_of_order = 0;
  for (const Case& c : kCases) {
    EXPECT_EQ(store.Check(Series("a"), c.exemplar), c.want) << c.name;
    EXPECT_EQ(store.Add(Series("a"), c.exemplar), c.want) << c.name;
    EXPECT_EQ(store.Check(Series("b"), c.exemplar),
              c.want == Verdict::kLabelsTooLong ? c.want : Verdict::kTaken)
        << c.name;
    taken += c.want == Verdict::kTaken;
    out_of_order += c.want == Verdict::kOutOfOrder;
  }
  const std::string exposed = metrics.Expose();
  for (const std::string& line :
       {StrCat("exemplars_appended_total ", taken), StrCat("exemplars_in_storage ", taken),
        StrCat("out_of_order_exemplars_total ", out_of_order),
        std::string("series_with_exemplars_in_storage 1"), std::string("max_exemplars 100"),
        std::string("last_exemplars_timestamp_seconds 1\n")}) {
    EXPECT_THAT(exposed, HasSubstr("prometheus_tsdb_exemplar_" + line));
  }
}

TEST(ExemplarStoreTest, TheOldestOfAllMakesPlace) {
  MetricRegistry metrics;
  ExemplarStore store(3, metrics);
  store.Add(Series("a"), Make(1));
  store.Add(Series("b"), Make(5));
  store.Add(Series("a"), Make(2));
  EXPECT_EQ(Text(store), "a: 1 2; b: 5");
  store.Add(Series("c"), Make(3));
  EXPECT_EQ(Text(store), "a: 2; b: 5; c: 3");
  store.Add(Series("a"), Make(4));
  EXPECT_EQ(Text(store), "a: 2 4; c: 3");
  EXPECT_EQ(store.Add(Series("b"), Make(1)), Verdict::kTaken) << "b is forgotten";
  EXPECT_EQ(Text(store), "a: 4; b: 1; c: 3");
  EXPECT_EQ(Text(store, {2, 3}), "c: 3");
  store.Resize(2);
  EXPECT_EQ(Text(store), "a: 4; b: 1");
  store.Resize(4);
  store.Add(Series("a"), Make(6));
  store.Add(Series("a"), Make(7));
  EXPECT_EQ(Text(store), "a: 4 6 7; b: 1");
  store.Add(Series("a"), Make(8));
  EXPECT_EQ(Text(store), "a: 6 7 8; b: 1");
  store.Resize(0);
  EXPECT_EQ(store.Add(Series("a"), Make(9)), Verdict::kIgnored);
  EXPECT_EQ(Text(store), "");
}

TEST(ExemplarStoreTest, SelectsSeriesThatAnySelectorTakes) {
  MetricRegistry metrics;
  ExemplarStore store(10, metrics);
  for (const char* name : {"a", "b", "c"}) store.Add(Series(name), Make(1));
  const auto is = [](std::string_view name) {
    return std::vector<LabelMatcher>{
        *LabelMatcher::Create("__name__", MatchOp::kEqual, std::string(name))};
  };
  const auto names = [&](const std::vector<std::vector<LabelMatcher>>& selectors) {
    std::vector<std::string> found;
    for (const auto& s : store.Select(selectors, {})) found.emplace_back(s.labels.metric_name());
    return found;
  };
  EXPECT_THAT(names({is("c"), is("a"), is("c")}), ElementsAre("a", "c"));
  EXPECT_THAT(names({is("d")}), IsEmpty());
}

TEST(ExemplarStoreTest, BytesGiveTheSameBack) {
  const uint32_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  MetricRegistry metrics;
  ExemplarStore store(50, metrics);
  for (int i = 0; i < 120; ++i) {
    store.Add(Series(StrCat("s", random() % 7)),
              Make(static_cast<TimestampMs>(random() % 1000) - 500, random() % 3, "x"));
  }
  const std::string bytes = store.Encode(77);
  ExemplarStore again(50, metrics);
  const absl::StatusOr<uint64_t> covers = again.Load(bytes);
  ASSERT_TRUE(covers.ok()) << covers.status();
  EXPECT_EQ(*covers, 77u);
  EXPECT_EQ(Text(again), Text(store));
  EXPECT_EQ(again.Encode(77), bytes);
  ExemplarStore small(5, metrics);
  ASSERT_TRUE(small.Load(bytes).ok());
  store.Resize(5);
  EXPECT_EQ(Text(small), Text(store));
}

TEST(ExemplarStoreTest, DamagedBytesGiveNothing) {
  MetricRegistry metrics;
  ExemplarStore store(50, metrics), empty(50, metrics);
  store.Add(Series("a"), Make(1));
  store.Add(Series("b"), Make(2));
  const std::string bytes = store.Encode(3);
  const auto sealed = [](std::string body) {
    const uint32_t checksum = Checksum32(body);
    return body.append(reinterpret_cast<const char*>(&checksum), sizeof(checksum));
  };
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x41);
    EXPECT_FALSE(empty.Load(damaged).ok()) << i;
    EXPECT_FALSE(empty.Load(bytes.substr(0, i)).ok()) << i;
    EXPECT_EQ(Text(empty), "");
  }
  // With a right checksum: any code but a crash, and cut short never Ok.
  const std::string body = bytes.substr(0, bytes.size() - 4);
  for (size_t i = 1; i < body.size(); ++i) {
    EXPECT_EQ(empty.Load(sealed(body.substr(0, i))).status().code(), absl::StatusCode::kDataLoss);
    for (const char byte : {'\0', '\x7f', '\xff'}) {
      std::string changed = body;
      changed[i] = byte;
      ExemplarStore other(50, metrics);
      other.Load(sealed(changed)).IgnoreError();
    }
  }
  std::string newer = body;
  newer[0] = 2;
  EXPECT_EQ(empty.Load(sealed(newer)).status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace tidemark::tsdb
