#include "promql/functions/sliding_window.h"

#include "promql/functions/mixed_windows.h"

namespace tidemark::promql {

bool WindowsOverlapMuch(std::span<const TimestampMs> times, const RangeWindows& windows) {
  constexpr size_t kViewsPerSample = 8;
  size_t views = 0;
  WindowCursor cursor(times);
  for (size_t step = 0; step < windows.size(); ++step) {
    cursor.MoveTo(windows[step]);
    views += cursor.size();
  }
  return views > kViewsPerSample * times.size();
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
