#include "promql/functions/quantile.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>

#include "base/model/staleness.h"

namespace tidemark::promql {

namespace {

// NaN counts as the least value.
bool Less(double a, double b) { return a < b || (std::isnan(a) && !std::isnan(b)); }

// Whole numbers in the order of Less, but for -0, which comes before 0.
uint64_t OrderKey(double value) {
  constexpr uint64_t kSign = uint64_t{1} << 63;
  if (std::isnan(value)) return 0;
  const auto bits = std::bit_cast<uint64_t>(value);
  return (bits & kSign) != 0 ? ~bits : bits | kSign;
}

// Words of a SlidingOrder that are counted together.
constexpr size_t kWordsPerBlock = 64;

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

SlidingOrder::SlidingOrder(std::span<const double> values)
    : sorted_(values.size()),
      places_(values.size()),
      in_(values.size() / 64 + 1),
      in_word_(in_.size()),
      in_block_(in_.size() / kWordsPerBlock + 1) {
  struct Keyed {
    uint64_t key;
    uint32_t index;
  };
  std::vector<Keyed> keyed(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    keyed[i] = {OrderKey(values[i]), static_cast<uint32_t>(i)};
  }
  std::sort(keyed.begin(), keyed.end(),
            [](const Keyed& a, const Keyed& b) { return a.key < b.key; });
  for (size_t place = 0; place < keyed.size(); ++place) {
    sorted_[place] = values[keyed[place].index];
    places_[keyed[place].index] = static_cast<uint32_t>(place);
  }
}

void SlidingOrder::Add(size_t i) {
  const size_t place = places_[i];
  in_[place / 64] |= uint64_t{1} << place % 64;
  ++in_word_[place / 64];
  ++in_block_[place / 64 / kWordsPerBlock];
}

void SlidingOrder::Remove(size_t i) {
  const size_t place = places_[i];
  in_[place / 64] &= ~(uint64_t{1} << place % 64);
  --in_word_[place / 64];
  --in_block_[place / 64 / kWordsPerBlock];
}

size_t SlidingOrder::Select(size_t k) const {
  size_t block = 0;
  for (; k >= in_block_[block]; ++block) k -= in_block_[block];
  size_t word = block * kWordsPerBlock;
  for (; k >= in_word_[word]; ++word) k -= in_word_[word];
  uint64_t bits = in_[word];
  for (; k > 0; --k) bits &= bits - 1;
  return word * 64 + static_cast<size_t>(std::countr_zero(bits));
}

size_t SlidingOrder::Next(size_t place) const {
  size_t word = place / 64;
  uint64_t bits = in_[word] & ~uint64_t{1} << place % 64;
  while (bits == 0) bits = in_[++word];
  return word * 64 + static_cast<size_t>(std::countr_zero(bits));
}

double SlidingOrder::Find(double q, size_t begin, size_t end) {
  for (; end_ < end; ++end_) Add(end_);
  for (; begin_ < begin; ++begin_) Remove(begin_);
  if (const auto fixed = WithoutValues(q, begin == end)) return *fixed;
  const Rank rank(q, end - begin);
  const size_t lower = Select(rank.lower);
  const size_t upper = rank.upper == rank.lower ? lower : Next(lower);
  return rank.Between(sorted_[lower], sorted_[upper]);
}

}  // namespace tidemark::promql
