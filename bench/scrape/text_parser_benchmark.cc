// Reading a page of Prometheus's text format and of OpenMetrics: as a scrape of known series does,
// which looks at no labels, and as the first scrape of a target does, which reads them all.

#include <random>
#include <sstream>
#include <string>

#include "benchmark/benchmark.h"

#include "base/strings.h"
#include "scrape/expfmt/openmetrics_parser.h"
#include "scrape/expfmt/prometheus_text_parser.h"

namespace tidemark::scrape {
namespace {

// A page shaped like node_exporter's: half of its lines are HELP and TYPE, families have one to a
// few dozen series with up to five labels, values are mostly small integers, some with an exponent,
// a few with seventeen digits. About 55 bytes a line.
std::string NodeExporterPage(uint32_t seed, int num_families) {
  static constexpr const char* kLabels[] = {
      "",
      "",
      "{cpu=\"%\",mode=\"idle\"}",
      "{device=\"eth%\"}",
      "{device=\"/dev/vda%\",device_error=\"\",fstype=\"ext4\",mountpoint=\"/\"}",
      "{name=\"unit-%.service\",state=\"active\",type=\"simple\"}"};
  static constexpr const char* kSubsystems[] = {"cpu", "network", "filesystem", "memory", "disk"};
  std::mt19937 rng(seed);
  std::string page;
  for (int family = 0; family < num_families; ++family) {
    const std::string name = StrCat("node_", kSubsystems[rng() % 5], "_events_", family, "_total");
    StrAppend(&page, "# HELP ", name, " Number of events that the kernel counted so far.\n");
    StrAppend(&page, "# TYPE ", name, " counter\n");
    const std::string_view labels = kLabels[rng() % 6];
    const unsigned num_series = labels.empty() ? 1 : 1 + rng() % 4;
    for (unsigned i = 0; i < num_series; ++i) {
      std::string own(labels);
      if (const size_t place = own.find('%'); place != std::string::npos) {
        own.replace(place, 1, StrCat(i));
      }
      const unsigned kind = rng() % 10;
      const std::string value = kind < 7   ? StrCat(rng() % (kind < 4 ? 2 : 1'000'000))
                                : kind < 9 ? StrCat("1.", rng() % 10'000'000, "e+09")
                                           : "1.7634567890123456e+09";
      StrAppend(&page, name, own, " ", value, "\n");
    }
  }
  return page;
}

template <typename Parser>
void ReadPage(benchmark::State& state, const std::string& page, bool labels_too) {
  ExpositionEntry entry;
  ExpositionLabels labels;
  int64_t samples = 0;
  for (auto _ : state) {
    Parser parser(page);
    while (parser.Next(entry)) {
      if (entry.kind != ExpositionEntry::Kind::kSample) continue;
      ++samples;
      if (labels_too) benchmark::DoNotOptimize(parser.Labels(labels));
    }
    if (!parser.status().ok()) state.SkipWithError(parser.status().ToString().c_str());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(page.size()));
  state.SetItemsProcessed(samples);
}

std::string Page(const benchmark::State& state) {
  return NodeExporterPage(/*seed=*/42, static_cast<int>(state.range(0)));
}

// The same page in OpenMetrics; every eighth sample has an exemplar.
std::string OpenMetricsPage(const benchmark::State& state) {
  std::istringstream lines(Page(state));
  std::string page, line;
  for (int i = 0; std::getline(lines, line); ++i) {
    StrAppend(&page, line);
    const bool exemplar = line.front() != '#' && i % 8 == 0;
    if (exemplar) StrAppend(&page, " # {trace_id=\"0af7651916cd43dd8448eb211c80319c\"} 0.5 1.5e9");
    StrAppend(&page, "\n");
  }
  return page + "# EOF\n";
}

void BM_TextParser_KnownSeries(benchmark::State& state) {
  ReadPage<PrometheusTextParser>(state, Page(state), false);
}
BENCHMARK(BM_TextParser_KnownSeries)->ArgName("families")->Arg(300)->Arg(30'000);

void BM_TextParser_Labels(benchmark::State& state) {
  ReadPage<PrometheusTextParser>(state, Page(state), true);
}
BENCHMARK(BM_TextParser_Labels)->ArgName("families")->Arg(300);

void BM_OpenMetricsParser_KnownSeries(benchmark::State& state) {
  ReadPage<OpenMetricsParser>(state, OpenMetricsPage(state), false);
}
BENCHMARK(BM_OpenMetricsParser_KnownSeries)->ArgName("families")->Arg(300)->Arg(30'000);

void BM_OpenMetricsParser_Labels(benchmark::State& state) {
  ReadPage<OpenMetricsParser>(state, OpenMetricsPage(state), true);
}
BENCHMARK(BM_OpenMetricsParser_Labels)->ArgName("families")->Arg(300);

}  // namespace
}  // namespace tidemark::scrape
