#include "promql/functions/sliding_window.h"

namespace tidemark::promql {

bool WindowsOverlapMuch(const SampleColumns& samples, const RangeWindows& windows) {
  constexpr size_t kViewsPerSample = 8;
  size_t views = 0;
  ForEachWindow(samples, windows, [&](size_t, size_t begin, size_t end) { views += end - begin; });
  return views > kViewsPerSample * samples.size();
}

CompensatedSum SlidingSum::Find(size_t begin, size_t end) {
  if (begin > pivot_) MovePivot(begin, end);
  for (; end_ < end; ++end_) behind_.Add(values_[end_]);
  if (begin == pivot_) return behind_;
  CompensatedSum sum = tails_[begin - tails_begin_];
  sum.Add(behind_.sum);
  sum.lost += behind_.lost;
  return sum;
}

void SlidingSum::MovePivot(size_t begin, size_t end) {
  tails_begin_ = begin;
  pivot_ = end_ = end;
  behind_ = {};
  tails_.resize(end - begin);
  CompensatedSum tail;
  for (size_t i = end; i > begin; --i) {
    tail.Add(values_[i - 1]);
    tails_[i - 1 - begin] = tail;
  }
}

}  // namespace tidemark::promql
