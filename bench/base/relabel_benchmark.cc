#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "base/labels/relabel.h"
#include "base/strings.h"

namespace tidemark {
namespace {

LabelSet ManyLabels(int64_t count) {
  LabelSetBuilder labels;
  for (int64_t i = 0; i < count; ++i) labels.Set(StrCat("label_", i % 2, "_", i), "some value");
  return labels.Build();
}

RelabelRule Rule(RelabelAction action, std::string_view regex, std::string_view replacement) {
  RelabelRule rule;
  rule.action = action;
  rule.regex = *AnchoredRegex::Create(regex);
  rule.replacement = replacement;
  return rule;
}

void Run(benchmark::State& state, const RelabelRule& rule) {
  const LabelSet base = ManyLabels(state.range(0));
  LabelSetBuilder labels;
  for (auto _ : state) {
    labels.Reset(base);
    benchmark::DoNotOptimize(Relabel({rule}, labels));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void BM_Relabel_LabelDrop(benchmark::State& state) {
  Run(state, Rule(RelabelAction::kLabelDrop, "label_0_.*", "$1"));
}
BENCHMARK(BM_Relabel_LabelDrop)->ArgName("labels")->Arg(10)->Arg(100)->Arg(1000)->Arg(10'000);

void BM_Relabel_LabelMap(benchmark::State& state) {
  Run(state, Rule(RelabelAction::kLabelMap, "label_(.*)", "$1"));
}
BENCHMARK(BM_Relabel_LabelMap)->ArgName("labels")->Arg(10)->Arg(100)->Arg(1000)->Arg(10'000);

void BM_Relabel_Copy(benchmark::State& state) {
  RelabelRule rule;
  rule.source_labels = {"label_0_0"};
  rule.target_label = "label_0_0_copy";
  Run(state, rule);
}
BENCHMARK(BM_Relabel_Copy)->ArgName("labels")->Arg(10)->Arg(100);

}  // namespace
}  // namespace tidemark
