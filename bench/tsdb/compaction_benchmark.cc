#include <string>
#include <vector>

#include "benchmark/benchmark.h"

#include "base/strings.h"
#include "tests/testing/sample_shapes.h"
#include "tests/testing/temp_directory.h"
#include "tsdb/block/block_set.h"
#include "tsdb/compaction/compactor.h"

// Three neighbouring blocks of two hours, scraped every 15 s, become one of six.
namespace tidemark::tsdb {
namespace {

constexpr int kBlocks = 3, kSamples = 480;
constexpr TimestampMs kStart = 1'699'999'200'000;

LabelSet Labels(int64_t i) {
  return {{"__name__", StrCat("metric_", 100 + i / 1000, "_seconds_total")},
          {"instance", StrCat("node-", 1000 + i % 1000, ".example.net:9100")},
          {"job", "node"},
          {"mode", "idle"}};
}

// Values of all shapes, those that never change in most series.
BlockList WriteBlocks(const std::string& parent, int64_t num_series) {
  BlockList blocks;
  for (int b = 0; b < kBlocks; ++b) {
    BlockMeta meta;
    meta.ulid = NewUlid(1);
    meta.min_time = kStart + b * 2 * kHour;
    meta.max_time = meta.min_time + 2 * kHour;
    auto writer = *BlockWriter::Create(parent, meta);
    const auto shapes = testing::ValueShapes();
    for (int64_t i = 0; i < num_series; ++i) {
      testing::Random random(static_cast<uint64_t>(i));
      const auto& shape = shapes[random() % 10 < 7 ? 0 : random() % shapes.size()];
      SampleColumns samples;
      double value = 0;
      for (int k = 0; k < kSamples; ++k) {
        value = shape.next(random, value);
        samples.push_back(meta.min_time + k * 15 * kSecond + i % 1000, value);
      }
      if (!writer->Add(Labels(i), samples).ok()) std::abort();
    }
    meta = *writer->Finish();
    blocks.push_back(*Block::Open(StrCat(parent, "/", meta.ulid), nullptr));
  }
  return blocks;
}

void BM_Compactor_Merge(benchmark::State& state) {
  const testing::TempDirectory directory;
  const BlockList blocks = WriteBlocks(directory.path(), state.range(0));
  for (auto _ : state) {
    const auto merged = MergeBlocks(blocks, directory.path(), 1, [] { return false; });
    if (!merged.ok()) state.SkipWithError(merged.status().ToString().c_str());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0) * kBlocks * kSamples);
}
BENCHMARK(BM_Compactor_Merge)->ArgName("series")->Arg(20'000)->Arg(100'000)->Iterations(1);

}  // namespace
}  // namespace tidemark::tsdb
