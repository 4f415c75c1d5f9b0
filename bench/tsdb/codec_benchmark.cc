#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "benchmark/benchmark.h"

#include "tests/testing/sample_shapes.h"
#include "tsdb/codec/chunk.h"
#include "tsdb/codec/open_chunk.h"
#include "tsdb/codec/value_column.h"

// Chunks of 120 samples, as the head seals them, one benchmark for each shape of values: the shapes
// are in tests/testing/sample_shapes.cc. `bytes_per_sample` is the size of the sealed chunk, or the
// memory of the open one. Columns of values also of 480 samples: 2 h of a block at 15 s.
namespace tidemark::tsdb {
namespace {

constexpr size_t kSamples = 120;
constexpr size_t kSamplesOfBlock = 480;
constexpr uint64_t kSeed = 42;

using testing::TimestampShape;
using testing::ValueShape;

void CountSamples(benchmark::State& state, size_t bytes, size_t num_samples = kSamples) {
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(num_samples));
  state.counters["bytes_per_sample"] =
      static_cast<double>(bytes) / static_cast<double>(num_samples);
}

void EncodeBenchmark(benchmark::State& state, const TimestampShape& timestamps,
                     const ValueShape& values) {
  const SampleColumns samples = MakeSamples(timestamps, values, kSamples, kSeed);
  std::string chunk;
  for (auto _ : state) {
    chunk.clear();
    EncodeChunk(samples.timestamps, samples.values, &chunk);
    benchmark::DoNotOptimize(chunk.data());
  }
  CountSamples(state, chunk.size());
}

void DecodeBenchmark(benchmark::State& state, const TimestampShape& timestamps,
                     const ValueShape& values) {
  const SampleColumns samples = MakeSamples(timestamps, values, kSamples, kSeed);
  std::string chunk;
  EncodeChunk(samples.timestamps, samples.values, &chunk);
  SampleColumns decoded;
  for (auto _ : state) {
    decoded.clear();
    if (!DecodeChunk(chunk, decoded).ok()) state.SkipWithError("a chunk of ours does not decode");
    benchmark::DoNotOptimize(decoded.values.data());
  }
  CountSamples(state, chunk.size());
}

// The column of values alone, without timestamps and header.
template <size_t kNumSamples>
void DecodeValuesBenchmark(benchmark::State& state, const TimestampShape& timestamps,
                           const ValueShape& values) {
  SampleColumns samples = MakeSamples(timestamps, values, kNumSamples, kSeed);
  std::string column;
  AppendValueColumn(samples.values, Nesting::kOutermost, &column);
  for (auto _ : state) {
    std::string_view rest = column;
    if (!ConsumeValueColumn(rest, Nesting::kOutermost, samples.values).ok()) {
      state.SkipWithError("a column of ours does not decode");
    }
    benchmark::DoNotOptimize(samples.values.data());
    benchmark::ClobberMemory();
  }
  CountSamples(state, column.size(), kNumSamples);
}

void AppendBenchmark(benchmark::State& state, const TimestampShape& timestamps,
                     const ValueShape& values) {
  const SampleColumns samples = MakeSamples(timestamps, values, kSamples, kSeed);
  size_t bytes = 0;
  for (auto _ : state) {
    OpenChunk chunk;
    for (size_t i = 0; i < kSamples; ++i) chunk.Append(samples.timestamps[i], samples.values[i]);
    bytes = chunk.bytes();
  }
  CountSamples(state, bytes);
}

void OpenDecodeBenchmark(benchmark::State& state, const TimestampShape& timestamps,
                         const ValueShape& values) {
  const SampleColumns samples = MakeSamples(timestamps, values, kSamples, kSeed);
  OpenChunk chunk;
  for (size_t i = 0; i < kSamples; ++i) chunk.Append(samples.timestamps[i], samples.values[i]);
  SampleColumns decoded;
  for (auto _ : state) {
    decoded.clear();
    chunk.Decode(decoded);
    benchmark::DoNotOptimize(decoded.values.data());
  }
  CountSamples(state, chunk.bytes());
}

using Benchmark = void (*)(benchmark::State&, const TimestampShape&, const ValueShape&);

void Register(const std::string& name, Benchmark run, const TimestampShape& timestamps,
              const ValueShape& values) {
  // The shapes live as long as the program.
  benchmark::RegisterBenchmark(name.c_str(), [run, &timestamps, &values](benchmark::State& state) {
    run(state, timestamps, values);
  });
}

void RegisterForValues(const std::string& name, Benchmark run) {
  for (const ValueShape& shape : testing::ValueShapes()) {
    Register(name + "/values:" + std::string(shape.name), run, testing::TimestampShapes().front(),
             shape);
  }
}

void RegisterForShapes(const std::string& name, Benchmark run) {
  RegisterForValues(name, run);
  for (const TimestampShape& shape : testing::TimestampShapes()) {
    Register(name + "/times:" + std::string(shape.name), run, shape,
             testing::ValueShapes().front());
  }
}

const bool kRegistered = [] {
  RegisterForShapes("BM_Chunk_Encode", EncodeBenchmark);
  RegisterForShapes("BM_Chunk_Decode", DecodeBenchmark);
  RegisterForValues("BM_ValueColumn_Decode", DecodeValuesBenchmark<kSamples>);
  RegisterForValues("BM_ValueColumn_Decode/samples:480", DecodeValuesBenchmark<kSamplesOfBlock>);
  RegisterForShapes("BM_OpenChunk_Append", AppendBenchmark);
  RegisterForShapes("BM_OpenChunk_Decode", OpenDecodeBenchmark);
  return true;
}();

}  // namespace
}  // namespace tidemark::tsdb
