#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

#include "promql/query.h"

// Query::Parse with everything it does: words, syntax, tree, types, print. The first runs fill the
// parser's prediction tables, which all threads share; what is measured is warm.
namespace tidemark::promql {
namespace {

constexpr std::string_view kQueries[] = {
    "up",
    "sum by (job) (rate(http_requests_total{job=\"api\"}[5m]))",
    "histogram_quantile(0.9, sum by (le) (rate(latency_bucket{a=\"b\",c=~\"d.*\"}[5m]))) > 0.5 "
    "and on (job) up == 1",
};

void BM_Query_Parse(benchmark::State& state) {
  const std::string_view text = kQueries[state.range(0)];
  for (int i = 0; i < 100; ++i) benchmark::DoNotOptimize(Query::Parse(text));
  for (auto _ : state) benchmark::DoNotOptimize(Query::Parse(text));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()));
  state.SetLabel(text.size() < 60 ? std::string(text) : std::string(text.substr(0, 57)) + "...");
}
BENCHMARK(BM_Query_Parse)->ArgName("query")->DenseRange(0, 2);

}  // namespace
}  // namespace tidemark::promql
