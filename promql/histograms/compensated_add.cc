#include "promql/histograms/compensated_add.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace tidemark::promql {

void portable::AddEachCompensated(const double* values, size_t count, double* sums, double* lost) {
  for (size_t i = 0; i < count; ++i) AddCompensated(values[i], sums[i], lost[i]);
}

#ifdef __x86_64__
namespace {

// Without FMA, which would round once where two roundings are asked for.
__attribute__((target("avx2"))) void AddEachAvx2(const double* values, size_t count, double* sums,
                                                 double* lost) {
  const __m256d sign = _mm256_set1_pd(-0.0), infinity = _mm256_set1_pd(HUGE_VAL);
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    const __m256d value = _mm256_loadu_pd(values + i), sum = _mm256_loadu_pd(sums + i);
    const __m256d next = _mm256_add_pd(sum, value);
    const __m256d sum_is_larger =
        _mm256_cmp_pd(_mm256_andnot_pd(sign, sum), _mm256_andnot_pd(sign, value), _CMP_GE_OQ);
    const __m256d large = _mm256_blendv_pd(value, sum, sum_is_larger);
    const __m256d small = _mm256_blendv_pd(sum, value, sum_is_larger);
    const __m256d lost_now = _mm256_add_pd(_mm256_sub_pd(large, next), small);
    const __m256d total = _mm256_add_pd(_mm256_loadu_pd(lost + i), lost_now);
    const __m256d is_infinite = _mm256_cmp_pd(_mm256_andnot_pd(sign, next), infinity, _CMP_EQ_OQ);
    _mm256_storeu_pd(lost + i, _mm256_andnot_pd(is_infinite, total));
    _mm256_storeu_pd(sums + i, next);
  }
  portable::AddEachCompensated(values + i, count - i, sums + i, lost + i);
}

}  // namespace

void AddEachCompensated(const double* values, size_t count, double* sums, double* lost) {
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  if (has_avx2) return AddEachAvx2(values, count, sums, lost);
  portable::AddEachCompensated(values, count, sums, lost);
}
#else
void AddEachCompensated(const double* values, size_t count, double* sums, double* lost) {
  portable::AddEachCompensated(values, count, sums, lost);
}
#endif

}  // namespace tidemark::promql
