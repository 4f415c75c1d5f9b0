// Receiving remote write: snappy, parse, lookup of known series and Append, without a store behind
// it. A request has the newest sample of each of 2,000 series with ten labels.

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "benchmark/benchmark.h"

#include "base/io/compression.h"
#include "base/io/hash.h"
#include "base/metrics.h"
#include "base/strings.h"
#include "http/remote/remote_write.h"
#include "tests/testing/protobuf_fields.h"

namespace tidemark::http {
namespace {

using testing::BytesField;
using testing::DoubleField;
using testing::SignedField;
using testing::VarintField;

constexpr int kNumSeries = 2000;

// Knows series and forgets samples.
class Sink : public tsdb::Appendable {
 public:
  std::unique_ptr<tsdb::Appender> NewAppender() override {
    return std::make_unique<SinkAppender>(*this);
  }

 private:
  class SinkAppender : public tsdb::Appender {
   public:
    explicit SinkAppender(Sink& sink) : sink_(sink) {}
    SeriesRef Find(const Hash128& key) override {
      const auto it = sink_.series_.find(key);
      return it == sink_.series_.end() ? kNoSeries : it->second;
    }
    absl::StatusOr<SeriesRef> GetOrCreate(const LabelSet&, const Hash128* key) override {
      const SeriesRef ref{sink_.series_.size() + 1};
      sink_.series_.emplace(*key, ref);
      return ref;
    }
    void Append(SeriesRef, TimestampMs, double value) override { benchmark::DoNotOptimize(value); }
    void Append(SeriesRef, TimestampMs, HistogramSample histogram) override {
      benchmark::DoNotOptimize(histogram.count);
    }
    void Append(SeriesRef, TimestampMs, FloatHistogramSample histogram) override {
      benchmark::DoNotOptimize(histogram.count);
    }
    absl::StatusOr<tsdb::CommitResult> Commit(tsdb::CommitMode) override {
      return tsdb::CommitResult();
    }
    void Rollback() override {}

   private:
    Sink& sink_;
  };

  absl::flat_hash_map<Hash128, SeriesRef> series_;
};

std::vector<std::pair<std::string, std::string>> Labels(int series) {
  return {{"__name__", StrCat("http_requests_", series % 50, "_total")},
          {"cluster", "production-europe-1"},
          {"code", StrCat(200 + series % 7)},
          {"container", "frontend"},
          {"endpoint", "metrics"},
          {"handler", StrCat("/api/v1/items/", series % 40)},
          {"instance", StrCat("10.1.2.", series % 250, ":9090")},
          {"job", "frontend"},
          {"namespace", "shop"},
          {"pod", StrCat("frontend-7d4b9c-", series)}};
}

std::string FloatSample(int series) {
  return DoubleField(1, 1.5 * series) + VarintField(2, 1'700'000'000'000);
}
// 40 buckets in four spans, as a latency has.
std::string Histogram() {
  std::string spans, deltas;
  for (int span = 0; span < 4; ++span) {
    spans += BytesField(11, SignedField(1, span == 0 ? -12 : 3) + VarintField(2, 10));
  }
  for (int bucket = 0; bucket < 40; ++bucket)
    AppendVarint(ZigZag(bucket % 2 == 0 ? 9 : -7), &deltas);
  return VarintField(1, 980) + DoubleField(3, 77.5) + SignedField(4, 3) + DoubleField(5, 1e-9) +
         spans + BytesField(12, deltas) + VarintField(15, 1'700'000'000'000);
}

std::string RequestV1(bool histograms) {
  std::string message;
  for (int series = 0; series < kNumSeries; ++series) {
    std::string fields;
    for (const auto& [name, value] : Labels(series)) {
      fields += BytesField(1, BytesField(1, name) + BytesField(2, value));
    }
    fields += histograms ? BytesField(4, Histogram()) : BytesField(2, FloatSample(series));
    message += BytesField(1, fields);
  }
  return message;
}

void Receive(benchmark::State& state, std::string_view message, std::string_view content_type) {
  Sink sink;
  MetricRegistry metrics;
  const Handler handler = RemoteWriteHandler({}, sink, metrics);
  Request request;
  request.headers = {{"Content-Type", std::string(content_type)}, {"Content-Encoding", "snappy"}};
  SnappyCompress(message, &request.body);
  for (auto _ : state) {
    const Response response = handler(request);
    if (response.status != 204) state.SkipWithError(response.body.c_str());
  }
  state.SetItemsProcessed(state.iterations() * kNumSeries);
}

void BM_RemoteWrite_V1(benchmark::State& state) {
  Receive(state, RequestV1(state.range(0) != 0), "application/x-protobuf");
}
BENCHMARK(BM_RemoteWrite_V1)->ArgName("histograms")->Arg(0)->Arg(1);

std::string RequestV2(bool histograms) {
  std::map<std::string, uint64_t> refs;
  std::string symbols, all_series;
  const auto ref_of = [&](const std::string& symbol) {
    const auto [it, is_new] = refs.emplace(symbol, refs.size());
    if (is_new) symbols += BytesField(4, symbol);
    return it->second;
  };
  ref_of("");
  for (int series = 0; series < kNumSeries; ++series) {
    std::string label_refs;
    for (const auto& [name, value] : Labels(series)) {
      AppendVarint(ref_of(name), &label_refs);
      AppendVarint(ref_of(value), &label_refs);
    }
    all_series += BytesField(
        5, BytesField(1, label_refs) +
               (histograms ? BytesField(3, Histogram()) : BytesField(2, FloatSample(series))));
  }
  return symbols + all_series;
}

void BM_RemoteWrite_V2(benchmark::State& state) {
  Receive(state, RequestV2(state.range(0) != 0),
          "application/x-protobuf;proto=io.prometheus.write.v2.Request");
}
BENCHMARK(BM_RemoteWrite_V2)->ArgName("histograms")->Arg(0)->Arg(1);

}  // namespace
}  // namespace tidemark::http
