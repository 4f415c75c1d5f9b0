#include "tsdb/codec/vector_loops.h"

#include <bit>
#include <cstddef>

#include "tsdb/codec/scaled_integer.h"

#ifdef __x86_64__
#include <immintrin.h>
#define TIDEMARK_AVX2 __attribute__((target("avx2,fma")))
#endif

namespace tidemark::tsdb {
namespace {

// How many numbers are converted at once: a fixed number, for which compilers make vector code.
constexpr size_t kGroup = 16;

// Added to a whole number below 2^51 in magnitude as an integer, it leaves 1.5 * 2^52 + number as a
// double: x86-64 before AVX-512 has no vector instruction that converts 64-bit integers.
constexpr double kOffset = 6755399441055744.0;
constexpr uint64_t kOffsetBits = std::bit_cast<uint64_t>(kOffset);

bool AllNarrow(const int64_t* numbers) {
  uint64_t high_bits = 0;
  for (size_t i = 0; i < kGroup; ++i) {
    high_bits |= (static_cast<uint64_t>(numbers[i]) + (uint64_t{1} << 51)) >> 52;
  }
  return high_bits == 0;
}

double ConvertNarrow(int64_t number) {
  return std::bit_cast<double>(std::bit_cast<int64_t>(kOffset) + number) - kOffset;
}

}  // namespace

namespace portable {

void PrefixSum(std::span<uint64_t> values, uint64_t start, uint64_t base) {
  for (uint64_t& value : values) value = start += value + base;
}

void AddLine(std::span<uint64_t> values, uint64_t base, uint64_t step) {
  for (size_t i = 0; i < values.size(); ++i) values[i] += base + i * step;
}

void FillLine(std::span<int64_t> values, uint64_t first, uint64_t step) {
  for (int64_t& value : values) {
    value = static_cast<int64_t>(first);
    first += step;
  }
}

bool AscendsStrictly(std::span<const int64_t> values) {
  bool ascends = true;
  for (size_t i = 1; i < values.size(); ++i) ascends &= values[i - 1] < values[i];
  return ascends;
}

void FromScaledIntegers(std::span<const int64_t> numbers, int exponent, std::span<double> doubles) {
  const double power = kPowersOfTen[static_cast<size_t>(exponent)];
  size_t done = 0;
  for (; done + kGroup <= numbers.size(); done += kGroup) {
    const int64_t* from = numbers.data() + done;
    double* to = doubles.data() + done;
    if (!AllNarrow(from)) {
      for (size_t i = 0; i < kGroup; ++i) to[i] = FromScaledInteger(from[i], exponent);
    } else if (exponent == 0) {
      for (size_t i = 0; i < kGroup; ++i) to[i] = ConvertNarrow(from[i]);
    } else {
      for (size_t i = 0; i < kGroup; ++i) to[i] = ConvertNarrow(from[i]) / power;
    }
  }
  for (; done < numbers.size(); ++done) doubles[done] = FromScaledInteger(numbers[done], exponent);
}

}  // namespace portable

#ifdef __x86_64__
namespace {

constexpr size_t kLanes = 4;

TIDEMARK_AVX2 __m256i Broadcast(uint64_t value) {
  return _mm256_set1_epi64x(static_cast<int64_t>(value));
}
TIDEMARK_AVX2 __m256i Load(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}
TIDEMARK_AVX2 void Store(void* to, __m256i value) {
  _mm256_storeu_si256(static_cast<__m256i*>(to), value);
}

// All bits of those of four lanes that are below `count`.
TIDEMARK_AVX2 __m256i LanesBelow(size_t count) {
  return _mm256_cmpgt_epi64(Broadcast(count), _mm256_set_epi64x(3, 2, 1, 0));
}
TIDEMARK_AVX2 __m256i LoadSome(const uint64_t* from, __m256i lanes) {
  return _mm256_maskload_epi64(reinterpret_cast<const long long*>(from), lanes);
}

// Sums of all numbers so far, four at a time.
class RunningSum {
 public:
  TIDEMARK_AVX2 explicit RunningSum(uint64_t start) : carry_(Broadcast(start)) {}
  TIDEMARK_AVX2 __m256i Next(__m256i numbers) {
    // a b c d -> a a+b c c+d -> a a+b a+b+c a+b+c+d
    __m256i sums = _mm256_add_epi64(numbers, _mm256_slli_si256(numbers, 8));
    const __m256i low_half_above = _mm256_permute2x128_si256(sums, sums, 0x08);
    sums = _mm256_add_epi64(sums, HighOfHalves(low_half_above));
    const __m256i result = _mm256_add_epi64(sums, carry_);
    // Apart from the sums, so that one step waits for the last only by this addition.
    const __m256i high_half_twice = _mm256_permute2x128_si256(sums, sums, 0x11);
    carry_ = _mm256_add_epi64(carry_, HighOfHalves(high_half_twice));
    return result;
  }
  TIDEMARK_AVX2 uint64_t last() const {
    return static_cast<uint64_t>(_mm256_extract_epi64(carry_, 0));
  }

 private:
  // a b c d -> b b d d
  TIDEMARK_AVX2 static __m256i HighOfHalves(__m256i v) {
    return _mm256_shuffle_epi32(v, _MM_SHUFFLE(3, 2, 3, 2));
  }

  __m256i carry_;
};

TIDEMARK_AVX2 void PrefixSumAvx2(std::span<uint64_t> values, uint64_t start, uint64_t base) {
  const __m256i bases = Broadcast(base);
  RunningSum sum(start);
  size_t i = 0;
  for (; i + kLanes <= values.size(); i += kLanes) {
    Store(&values[i], sum.Next(_mm256_add_epi64(Load(&values[i]), bases)));
  }
  portable::PrefixSum(values.subspan(i), sum.last(), base);
}

// base, base + step, ...
TIDEMARK_AVX2 __m256i FirstOfLine(uint64_t base, uint64_t step) {
  return _mm256_add_epi64(Broadcast(base), _mm256_set_epi64x(static_cast<int64_t>(3 * step),
                                                             static_cast<int64_t>(2 * step),
                                                             static_cast<int64_t>(step), 0));
}

TIDEMARK_AVX2 void AddLineAvx2(std::span<uint64_t> values, uint64_t base, uint64_t step) {
  __m256i line = FirstOfLine(base, step);
  const __m256i steps = Broadcast(kLanes * step);
  size_t i = 0;
  for (; i + kLanes <= values.size(); i += kLanes) {
    Store(&values[i], _mm256_add_epi64(Load(&values[i]), line));
    line = _mm256_add_epi64(line, steps);
  }
  portable::AddLine(values.subspan(i), base + i * step, step);
}

TIDEMARK_AVX2 void FillLineAvx2(std::span<int64_t> values, uint64_t first, uint64_t step) {
  __m256i line = FirstOfLine(first, step);
  const __m256i steps = Broadcast(kLanes * step);
  size_t i = 0;
  for (; i + kLanes <= values.size(); i += kLanes) {
    Store(&values[i], line);
    line = _mm256_add_epi64(line, steps);
  }
  portable::FillLine(values.subspan(i), first + i * step, step);
}

TIDEMARK_AVX2 bool AscendsStrictlyAvx2(std::span<const int64_t> values) {
  __m256i ascends = _mm256_set1_epi64x(-1);
  size_t i = 0;
  for (; i + kLanes < values.size(); i += kLanes) {
    ascends = _mm256_and_si256(ascends, _mm256_cmpgt_epi64(Load(&values[i + 1]), Load(&values[i])));
  }
  return _mm256_movemask_epi8(ascends) == -1 && portable::AscendsStrictly(values.subspan(i));
}

// Division by a power of ten as a multiplication and two fused steps, without rounding otherwise.
// Let b be the power less its factors of two, 5^k < 2^42, y = 1 / b rounded, q = a * y rounded,
// which is within 1.5 ulp of a / b. The rest a - q * b is then a whole number of units of q's last
// place, below 2^44, so the first fused step finds it exactly. The second rounds q + rest * y,
// which differs from a / b by less than 2^-51 ulp. No a / b lies that near to the middle of two
// doubles: scaled to whole units both are fractions with the denominator 2 b, at least 2^-43 apart,
// and being the middle itself would take an odd number of 54 bits times b, which a < 2^53 is not.
// After P. Markstein, "Computation of elementary functions on the IBM RISC System/6000 processor",
// IBM J. Res. Dev. 34(1), 1990.
template <bool kDivides>
class NarrowToDoubles {
 public:
  TIDEMARK_AVX2 explicit NarrowToDoubles(int exponent)
      : powers_(_mm256_set1_pd(kPowersOfTen[static_cast<size_t>(exponent)])),
        inverses_(_mm256_set1_pd(1 / kPowersOfTen[static_cast<size_t>(exponent)])) {}

  // The doubles of four numbers that kOffset has been added to; wrong where one is not narrow.
  TIDEMARK_AVX2 __m256d Convert(__m256i numbers) {
    // Narrow ones leave sign and exponent of kOffset as they are.
    const __m256i changed = _mm256_xor_si256(numbers, Broadcast(kOffsetBits));
    high_bits_ = _mm256_or_si256(high_bits_, changed);
    const __m256d values = _mm256_sub_pd(_mm256_castsi256_pd(numbers), _mm256_set1_pd(kOffset));
    if constexpr (!kDivides) return values;
    const __m256d quotients = _mm256_mul_pd(values, inverses_);
    const __m256d rests = _mm256_fnmadd_pd(quotients, powers_, values);
    return _mm256_fmadd_pd(rests, inverses_, quotients);
  }
  TIDEMARK_AVX2 bool all_narrow() const {
    return _mm256_testz_si256(high_bits_, Broadcast(~uint64_t{0} << 52)) != 0;
  }

 private:
  const __m256d powers_, inverses_;
  __m256i high_bits_ = _mm256_setzero_si256();
};

// Converts what `next` makes of four values after four. Whether all numbers are narrow, or else
// `doubles` holds anything.
template <bool kDivides, typename Next>
TIDEMARK_AVX2 bool ConvertAll(std::span<const uint64_t> values, Next next, int exponent,
                              double* doubles) {
  NarrowToDoubles<kDivides> convert(exponent);
  size_t i = 0;
  for (; i + kLanes <= values.size(); i += kLanes) {
    _mm256_storeu_pd(doubles + i, convert.Convert(next(Load(&values[i]))));
  }
  if (i < values.size()) {
    const __m256i lanes = LanesBelow(values.size() - i);
    _mm256_maskstore_pd(doubles + i, lanes, convert.Convert(next(LoadSome(&values[i], lanes))));
  }
  return convert.all_narrow();
}
template <typename Next>
TIDEMARK_AVX2 bool ConvertAll(std::span<const uint64_t> values, Next next, int exponent,
                              double* doubles) {
  return exponent == 0 ? ConvertAll<false>(values, next, exponent, doubles)
                       : ConvertAll<true>(values, next, exponent, doubles);
}

TIDEMARK_AVX2 bool ScaledPrefixSumAvx2(std::span<const uint64_t> values, uint64_t start,
                                       uint64_t base, int exponent, double* doubles) {
  struct Next {
    __m256i bases;
    RunningSum sum;
    TIDEMARK_AVX2 __m256i operator()(__m256i numbers) {
      return sum.Next(_mm256_add_epi64(numbers, bases));
    }
  };
  return ConvertAll(values, Next{Broadcast(base), RunningSum(start + kOffsetBits)}, exponent,
                    doubles);
}

TIDEMARK_AVX2 bool ScaledLineAvx2(std::span<const uint64_t> values, uint64_t base, uint64_t step,
                                  int exponent, double* doubles) {
  struct Next {
    __m256i line, steps;
    TIDEMARK_AVX2 __m256i operator()(__m256i numbers) {
      const __m256i result = _mm256_add_epi64(numbers, line);
      line = _mm256_add_epi64(line, steps);
      return result;
    }
  };
  return ConvertAll(values, Next{FirstOfLine(base + kOffsetBits, step), Broadcast(kLanes * step)},
                    exponent, doubles);
}

}  // namespace

bool HasVectorLoops() {
  static const bool has = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return has;
}

void PrefixSum(std::span<uint64_t> values, uint64_t start, uint64_t base) {
  return HasVectorLoops() ? PrefixSumAvx2(values, start, base)
                          : portable::PrefixSum(values, start, base);
}

void AddLine(std::span<uint64_t> values, uint64_t base, uint64_t step) {
  return HasVectorLoops() ? AddLineAvx2(values, base, step) : portable::AddLine(values, base, step);
}

void FillLine(std::span<int64_t> values, uint64_t first, uint64_t step) {
  return HasVectorLoops() ? FillLineAvx2(values, first, step)
                          : portable::FillLine(values, first, step);
}

bool AscendsStrictly(std::span<const int64_t> values) {
  return HasVectorLoops() ? AscendsStrictlyAvx2(values) : portable::AscendsStrictly(values);
}

bool ScaledPrefixSum(std::span<const uint64_t> values, uint64_t start, uint64_t base, int exponent,
                     std::span<double> doubles) {
  return HasVectorLoops() && ScaledPrefixSumAvx2(values, start, base, exponent, doubles.data());
}

bool ScaledLine(std::span<const uint64_t> values, uint64_t base, uint64_t step, int exponent,
                std::span<double> doubles) {
  return HasVectorLoops() && ScaledLineAvx2(values, base, step, exponent, doubles.data());
}

void FromScaledIntegers(std::span<const int64_t> numbers, int exponent, std::span<double> doubles) {
  const std::span<const uint64_t> wrapped(reinterpret_cast<const uint64_t*>(numbers.data()),
                                          numbers.size());
  if (ScaledLine(wrapped, 0, 0, exponent, doubles)) return;
  portable::FromScaledIntegers(numbers, exponent, doubles);
}

#else

bool HasVectorLoops() { return false; }
void PrefixSum(std::span<uint64_t> values, uint64_t start, uint64_t base) {
  portable::PrefixSum(values, start, base);
}
void AddLine(std::span<uint64_t> values, uint64_t base, uint64_t step) {
  portable::AddLine(values, base, step);
}
void FillLine(std::span<int64_t> values, uint64_t first, uint64_t step) {
  portable::FillLine(values, first, step);
}
bool AscendsStrictly(std::span<const int64_t> values) { return portable::AscendsStrictly(values); }
void FromScaledIntegers(std::span<const int64_t> numbers, int exponent, std::span<double> doubles) {
  portable::FromScaledIntegers(numbers, exponent, doubles);
}
bool ScaledPrefixSum(std::span<const uint64_t>, uint64_t, uint64_t, int, std::span<double>) {
  return false;
}
bool ScaledLine(std::span<const uint64_t>, uint64_t, uint64_t, int, std::span<double>) {
  return false;
}

#endif

}  // namespace tidemark::tsdb
