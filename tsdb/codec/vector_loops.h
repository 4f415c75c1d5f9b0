#pragma once

#include <cstdint>
#include <span>

// The loops that decoding spends its time in. Each takes AVX2 and FMA where the processor has them
// and does the same without elsewhere, bit for bit. All sums wrap at 64 bits.
// Thread-safe: hold no state. Cost: about half a cycle a value with AVX2, one to three without.
namespace tidemark::tsdb {

// Whether the loops below and UnpackBits take AVX2; asked once.
bool HasVectorLoops();

// values[i] becomes start + the sum of (values[j] + base) for j from 0 to i.
void PrefixSum(std::span<uint64_t> values, uint64_t start, uint64_t base);

// values[i] becomes values[i] + base + i * step.
void AddLine(std::span<uint64_t> values, uint64_t base, uint64_t step);

// values[i] becomes first + i * step.
void FillLine(std::span<int64_t> values, uint64_t first, uint64_t step);

// Whether each number is greater than the one before it.
bool AscendsStrictly(std::span<const int64_t> values);

// doubles[i] becomes FromScaledInteger(numbers[i], exponent), see scaled_integer.h. The spans are
// of one length.
void FromScaledIntegers(std::span<const int64_t> numbers, int exponent, std::span<double> doubles);

// FromScaledIntegers of what PrefixSum or AddLine makes of `values`, in one pass that leaves them
// as they are. False where it takes the two steps: without AVX2, or with numbers of about 2^51 or
// more; `doubles` then hold anything.
bool ScaledPrefixSum(std::span<const uint64_t> values, uint64_t start, uint64_t base, int exponent,
                     std::span<double> doubles);
bool ScaledLine(std::span<const uint64_t> values, uint64_t base, uint64_t step, int exponent,
                std::span<double> doubles);

// What the loops are without AVX2, for tests to compare.
namespace portable {
void PrefixSum(std::span<uint64_t> values, uint64_t start, uint64_t base);
void AddLine(std::span<uint64_t> values, uint64_t base, uint64_t step);
void FillLine(std::span<int64_t> values, uint64_t first, uint64_t step);
bool AscendsStrictly(std::span<const int64_t> values);
void FromScaledIntegers(std::span<const int64_t> numbers, int exponent, std::span<double> doubles);
}  // namespace portable

}  // namespace tidemark::tsdb
