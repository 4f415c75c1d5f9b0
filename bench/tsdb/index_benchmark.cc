#include <benchmark/benchmark.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "tests/testing/temp_directory.h"
#include "tsdb/block/index_reader.h"
#include "tsdb/block/index_writer.h"
#include "tsdb/index/label_index.h"

namespace tidemark::tsdb {
namespace {

constexpr size_t kNumSeries = 1'000'000;
constexpr size_t kSeriesPerTarget = 1000;

// Labels as a node exporter's series have them, in label order; 1000 targets of 1000 series.
const std::vector<LabelSet>& SeriesLabels() {
  static const auto* const series = [] {
    auto* sets = new std::vector<LabelSet>;
    for (size_t i = 0; i < kNumSeries; ++i) {
      const size_t target = i / kSeriesPerTarget, local = i % kSeriesPerTarget;
      sets->push_back({{"__name__", StrCat("node_metric_", local / 10, "_total")},
                       {"instance", StrCat("host-", target, ".example.com:9100")},
                       {"job", "node"},
                       {"device", StrCat("device", local % 10)},
                       {"mode", local % 2 == 0 ? "read" : "write"}});
    }
    std::sort(sets->begin(), sets->end());
    return sets;
  }();
  return *series;
}

struct HeadIndex {
  SymbolTable symbols;
  LabelIndex index{symbols};
};

const LabelIndex& Head() {
  static const auto* const head = [] {
    auto* made = new HeadIndex;
    std::vector<SymbolTable::PairId> ids;
    for (size_t i = 0; i < kNumSeries; ++i) {
      ids.clear();
      for (const LabelView& label : SeriesLabels()[i]) ids.push_back(made->symbols.Intern(label));
      made->index.Add(static_cast<uint32_t>(i), ids);
    }
    return made;
  }();
  return head->index;
}

absl::Status WriteIndex(const std::string& path) {
  auto writer = *IndexWriter::Create(path);
  for (const LabelSet& labels : SeriesLabels()) {
    if (absl::Status added = writer->Add(labels); !added.ok()) return added;
  }
  return writer->Finish();
}

const IndexReader& OnDisk() {
  static const auto* const reader = [] {
    const testing::TempDirectory directory;
    const std::string path = directory.path() + "/index.sst";
    WriteIndex(path).IgnoreError();
    return IndexReader::Open(path, BlockCache::Create(64 << 20))->release();
  }();
  return *reader;
}

struct Query {
  std::string_view name;
  std::vector<LabelMatcher> matchers;
};

const std::vector<Query>& Queries() {
  const auto matcher = [](std::string_view name, MatchOp op, std::string_view value) {
    return *LabelMatcher::Create(name, op, value);
  };
  static const auto* const queries = new std::vector<Query>{
      {"one metric", {LabelMatcher::Equal("__name__", "node_metric_42_total")}},
      {"metric and target",
       {LabelMatcher::Equal("__name__", "node_metric_42_total"),
        LabelMatcher::Equal("instance", "host-77.example.com:9100")}},
      {"regex with a prefix",
       {LabelMatcher::Equal("__name__", "node_metric_42_total"),
        matcher("instance", MatchOp::kRegex, "host-7.*")}},
      {"regex without a prefix",
       {LabelMatcher::Equal("__name__", "node_metric_42_total"),
        matcher("instance", MatchOp::kRegex, ".*7\\.example.*")}},
      {"negative regex",
       {LabelMatcher::Equal("__name__", "node_metric_42_total"),
        matcher("instance", MatchOp::kNotRegex, "host-(1|2|3).*")}},
      {"negative regex alone", {matcher("instance", MatchOp::kNotRegex, "host-[1-3].*")}},
      {"presence",
       {LabelMatcher::Equal("__name__", "node_metric_42_total"),
        matcher("mode", MatchOp::kNotEqual, "")}},
      {"all series of a target", {LabelMatcher::Equal("instance", "host-77.example.com:9100")}},
  };
  return *queries;
}

template <typename Select>
void MeasureSelect(benchmark::State& state, Select select) {
  const Query& query = Queries()[state.range(0)];
  size_t found = 0;
  for (auto _ : state) {
    const std::vector<uint32_t> series = select(query.matchers);
    found = series.size();
    benchmark::DoNotOptimize(series.data());
  }
  state.SetLabel(std::string(query.name));
  state.counters["series"] = static_cast<double>(found);
}

void BM_Index_SelectInHead(benchmark::State& state) {
  const LabelIndex& index = Head();
  MeasureSelect(state, [&](const auto& matchers) { return index.Select(matchers).ToVector(); });
}
BENCHMARK(BM_Index_SelectInHead)->ArgName("query")->DenseRange(0, 7);

void BM_Index_SelectInBlock(benchmark::State& state) {
  const IndexReader& index = OnDisk();
  MeasureSelect(state, [&](const auto& matchers) { return index.Select(matchers)->ToVector(); });
}
BENCHMARK(BM_Index_SelectInBlock)->ArgName("query")->DenseRange(0, 7);

// The labels of the series of one metric, which lie together, and of one target, which do not.
void BM_Index_ReadLabels(benchmark::State& state) {
  const IndexReader& index = OnDisk();
  const Query& query = Queries()[state.range(0)];
  const std::vector<uint32_t> series = index.Select(query.matchers)->ToVector();
  LabelList labels;
  for (auto _ : state) {
    if (!index.ReadLabels(series, labels).ok()) state.SkipWithError("cannot read");
  }
  state.SetLabel(std::string(query.name));
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * series.size()));
}
BENCHMARK(BM_Index_ReadLabels)->ArgName("query")->Arg(0)->Arg(7);

void BM_Index_Write(benchmark::State& state) {
  const testing::TempDirectory directory;
  const std::string path = directory.path() + "/index.sst";
  SeriesLabels();
  for (auto _ : state) {
    if (!WriteIndex(path).ok()) state.SkipWithError("cannot write");
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kNumSeries));
  state.counters["bytes_per_series"] =
      static_cast<double>(std::filesystem::file_size(path)) / kNumSeries;
}
BENCHMARK(BM_Index_Write)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tidemark::tsdb
