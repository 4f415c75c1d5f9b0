#include "promql/parser/function_signatures.h"

#include <span>

#include "absl/container/flat_hash_map.h"

#include "base/strings.h"

namespace tidemark::promql {
namespace {

constexpr ValueType kS = ValueType::kScalar;
constexpr ValueType kT = ValueType::kString;
constexpr ValueType kV = ValueType::kVector;
constexpr ValueType kM = ValueType::kMatrix;
constexpr bool kExperimental = true;

std::vector<FunctionSignature> AllFunctions() {
  std::vector<FunctionSignature> all = {
      {"absent", {kV}, 0, kV},
      {"absent_over_time", {kM}, 0, kV},
      {"clamp", {kV, kS, kS}, 0, kV},
      {"clamp_max", {kV, kS}, 0, kV},
      {"clamp_min", {kV, kS}, 0, kV},
      {"double_exponential_smoothing", {kM, kS, kS}, 0, kV, kExperimental},
      {"end", {}, 0, kS, kExperimental},
      {"histogram_fraction", {kS, kS, kV}, 0, kV},
      {"histogram_quantile", {kS, kV}, 0, kV},
      // One to ten quantiles.
      {"histogram_quantiles", {kV, kT, kS, kS}, 9, kV, kExperimental},
      {"info", {kV, kV}, 1, kV, kExperimental},
      {"label_join", {kV, kT, kT, kT}, -1, kV},
      {"label_replace", {kV, kT, kT, kT, kT}, 0, kV},
      {"max_of", {kS, kS}, 0, kS, kExperimental},
      {"min_of", {kS, kS}, 0, kS, kExperimental},
      {"pi", {}, 0, kS},
      {"predict_linear", {kM, kS}, 0, kV},
      {"quantile_over_time", {kS, kM}, 0, kV},
      {"range", {}, 0, kS, kExperimental},
      {"round", {kV, kS}, 1, kV},
      {"scalar", {kV}, 0, kS},
      {"sort_by_label", {kV, kT}, -1, kV, kExperimental},
      {"sort_by_label_desc", {kV, kT}, -1, kV, kExperimental},
      {"start", {}, 0, kS, kExperimental},
      {"start_timestamp", {kV}, 0, kV, kExperimental},
      {"step", {}, 0, kS, kExperimental},
      {"time", {}, 0, kS},
      {"vector", {kS}, 0, kV},
  };
  for (const std::string_view name : {"abs",
                                      "acos",
                                      "acosh",
                                      "asin",
                                      "asinh",
                                      "atan",
                                      "atanh",
                                      "ceil",
                                      "cos",
                                      "cosh",
                                      "deg",
                                      "exp",
                                      "floor",
                                      "histogram_avg",
                                      "histogram_count",
                                      "histogram_stddev",
                                      "histogram_stdvar",
                                      "histogram_sum",
                                      "ln",
                                      "log10",
                                      "log2",
                                      "rad",
                                      "sgn",
                                      "sin",
                                      "sinh",
                                      "sort",
                                      "sort_desc",
                                      "sqrt",
                                      "tan",
                                      "tanh",
                                      "timestamp"}) {
    all.push_back({name, {kV}, 0, kV});
  }
  for (const std::string_view name :
       {"avg_over_time", "changes", "count_over_time", "delta", "deriv", "first_over_time",
        "idelta", "increase", "irate", "last_over_time", "max_over_time", "min_over_time",
        "present_over_time", "rate", "resets", "stddev_over_time", "stdvar_over_time",
        "sum_over_time"}) {
    all.push_back({name, {kM}, 0, kV});
  }
  for (const std::string_view name :
       {"mad_over_time", "ts_of_first_over_time", "ts_of_last_over_time", "ts_of_max_over_time",
        "ts_of_min_over_time"}) {
    all.push_back({name, {kM}, 0, kV, kExperimental});
  }
  // Of the evaluation time where nothing is given.
  for (const std::string_view name : {"day_of_month", "day_of_week", "day_of_year", "days_in_month",
                                      "hour", "minute", "month", "year"}) {
    all.push_back({name, {kV}, 1, kV});
  }
  return all;
}

using Index = absl::flat_hash_map<std::string_view, const FunctionSignature*>;

const std::vector<FunctionSignature>& Functions() {
  static const auto* const functions = new std::vector<FunctionSignature>(AllFunctions());
  return *functions;
}

Index* MakeIndex() {
  auto* index = new Index;
  for (const FunctionSignature& function : Functions()) index->emplace(function.name, &function);
  return index;
}

}  // namespace

const FunctionSignature* FindFunction(std::string_view name) {
  static const Index* const index = MakeIndex();
  const auto it = index->find(name);
  return it == index->end() ? nullptr : it->second;
}

}  // namespace tidemark::promql
