#include "promql/functions/quantile.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "base/model/staleness.h"

namespace tidemark::promql {

namespace {

// NaN counts as the least value.
bool Less(double a, double b) { return a < b || (std::isnan(a) && !std::isnan(b)); }

// Where the quantile lies among `size` sorted values.
struct Rank {
  Rank(double q, size_t size) {
    const double rank = q * static_cast<double>(size - 1);
    lower = static_cast<size_t>(rank);
    upper = std::min(lower + 1, size - 1);
    weight = rank - std::floor(rank);
  }
  double Between(double low, double high) const { return low * (1 - weight) + high * weight; }

  size_t lower, upper;
  double weight;
};

// The answer where it does not depend on the values.
std::optional<double> WithoutValues(double q, bool empty) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (empty || std::isnan(q)) return NormalNan();
  if (q < 0) return -kInfinity;
  if (q > 1) return kInfinity;
  return std::nullopt;
}

}  // namespace

double Quantile(double q, std::vector<double>& values) {
  if (const auto fixed = WithoutValues(q, values.empty())) return *fixed;
  const Rank rank(q, values.size());
  const auto lower = values.begin() + static_cast<ptrdiff_t>(rank.lower);
  std::nth_element(values.begin(), lower, values.end(), Less);
  const double high =
      rank.upper == rank.lower ? *lower : *std::min_element(lower + 1, values.end(), Less);
  return rank.Between(*lower, high);
}

double QuantileOfSorted(double q, std::span<const double> values) {
  if (const auto fixed = WithoutValues(q, values.empty())) return *fixed;
  const Rank rank(q, values.size());
  return rank.Between(values[rank.lower], values[rank.upper]);
}

std::span<const double> SlidingOrder::Find(size_t begin, size_t end) {
  if (begin >= end_) {  // nothing is left of the window before
    sorted_.assign(values_.begin() + static_cast<ptrdiff_t>(begin),
                   values_.begin() + static_cast<ptrdiff_t>(end));
    std::sort(sorted_.begin(), sorted_.end(), Less);
    begin_ = begin;
    end_ = end;
    return sorted_;
  }
  for (; begin_ < begin; ++begin_) {
    sorted_.erase(std::lower_bound(sorted_.begin(), sorted_.end(), values_[begin_], Less));
  }
  for (; end_ < end; ++end_) {
    const double value = values_[end_];
    sorted_.insert(std::upper_bound(sorted_.begin(), sorted_.end(), value, Less), value);
  }
  return sorted_;
}

}  // namespace tidemark::promql
