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

TIDEMARK_AVX2 void PrefixSumAvx2(std::span<uint64_t> values, uint64_t start, uint64_t base) {
  const __m256i bases = Broadcast(base);
  __m256i carry = Broadcast(start);
  size_t i = 0;
  for (; i + kLanes <= values.size(); i += kLanes) {
    __m256i sums = _mm256_add_epi64(Load(&values[i]), bases);
    // a b c d -> a a+b c c+d -> a a+b a+b+c a+b+c+d
    sums = _mm256_add_epi64(sums, _mm256_slli_si256(sums, 8));
    const __m256i low_half = _mm256_permute4x64_epi64(sums, _MM_SHUFFLE(1, 1, 0, 0));
    sums = _mm256_add_epi64(sums, _mm256_blend_epi32(_mm256_setzero_si256(), low_half, 0xf0));
    Store(&values[i], _mm256_add_epi64(sums, carry));
    // Apart from the sums, so that one step waits for the last only by this addition.
    carry = _mm256_add_epi64(carry, _mm256_permute4x64_epi64(sums, _MM_SHUFFLE(3, 3, 3, 3)));
  }
  start = static_cast<uint64_t>(_mm256_extract_epi64(carry, 0));
  portable::PrefixSum(values.subspan(i), start, base);
}

TIDEMARK_AVX2 void AddLineAvx2(std::span<uint64_t> values, uint64_t base, uint64_t step) {
  __m256i line =
      _mm256_add_epi64(Broadcast(base), _mm256_set_epi64x(static_cast<int64_t>(3 * step),
                                                          static_cast<int64_t>(2 * step),
                                                          static_cast<int64_t>(step), 0));
  const __m256i steps = Broadcast(kLanes * step);
  size_t i = 0;
  for (; i + kLanes <= values.size(); i += kLanes) {
    Store(&values[i], _mm256_add_epi64(Load(&values[i]), line));
    line = _mm256_add_epi64(line, steps);
  }
  portable::AddLine(values.subspan(i), base + i * step, step);
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
TIDEMARK_AVX2 size_t FromNarrowIntegersAvx2(std::span<const int64_t> numbers, int exponent,
                                            double* doubles) {
  const double power = kPowersOfTen[static_cast<size_t>(exponent)];
  const __m256d powers = _mm256_set1_pd(power);
  const __m256d inverses = _mm256_set1_pd(1 / power);
  const __m256d offset = _mm256_set1_pd(kOffset);
  const __m256i half = Broadcast(uint64_t{1} << 51);
  __m256i high_bits = _mm256_setzero_si256();
  size_t i = 0;
  for (; i + kLanes <= numbers.size(); i += kLanes) {
    const __m256i integers = Load(&numbers[i]);
    high_bits = _mm256_or_si256(high_bits, _mm256_add_epi64(integers, half));
    const __m256d values = _mm256_sub_pd(
        _mm256_castsi256_pd(_mm256_add_epi64(integers, _mm256_castpd_si256(offset))), offset);
    if (exponent == 0) {
      _mm256_storeu_pd(doubles + i, values);
      continue;
    }
    const __m256d quotients = _mm256_mul_pd(values, inverses);
    const __m256d rests = _mm256_fnmadd_pd(quotients, powers, values);
    _mm256_storeu_pd(doubles + i, _mm256_fmadd_pd(rests, inverses, quotients));
  }
  const bool all_narrow = _mm256_testz_si256(high_bits, Broadcast(~uint64_t{0} << 52)) != 0;
  return all_narrow ? i : 0;
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

bool AscendsStrictly(std::span<const int64_t> values) {
  return HasVectorLoops() ? AscendsStrictlyAvx2(values) : portable::AscendsStrictly(values);
}

void FromScaledIntegers(std::span<const int64_t> numbers, int exponent, std::span<double> doubles) {
  // Nothing is done where some number is wide.
  const size_t done =
      HasVectorLoops() ? FromNarrowIntegersAvx2(numbers, exponent, doubles.data()) : 0;
  portable::FromScaledIntegers(numbers.subspan(done), exponent, doubles.subspan(done));
}

#else

bool HasVectorLoops() { return false; }
void PrefixSum(std::span<uint64_t> values, uint64_t start, uint64_t base) {
  portable::PrefixSum(values, start, base);
}
void AddLine(std::span<uint64_t> values, uint64_t base, uint64_t step) {
  portable::AddLine(values, base, step);
}
bool AscendsStrictly(std::span<const int64_t> values) { return portable::AscendsStrictly(values); }
void FromScaledIntegers(std::span<const int64_t> numbers, int exponent, std::span<double> doubles) {
  portable::FromScaledIntegers(numbers, exponent, doubles);
}

#endif

}  // namespace tidemark::tsdb
