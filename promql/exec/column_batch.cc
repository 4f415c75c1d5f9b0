#include "promql/exec/column_batch.h"

#include <algorithm>

namespace tidemark::promql {
namespace {

constexpr size_t kCellsPerBatch = 64 * 1024;  // 512 KB of values
constexpr size_t kMaxSeriesPerBatch = 1024;

}  // namespace

void ColumnBatch::Reset(size_t num_steps) {
  num_steps_ = num_steps;
  num_words_ = PresenceWords(num_steps);
  headers_.clear();
  values_.clear();
  present_.clear();
}

StepRow ColumnBatch::Add(SeriesHeader header) {
  headers_.push_back(std::move(header));
  values_.resize(headers_.size() * num_steps_);
  present_.resize(headers_.size() * num_words_);
  return row(headers_.size() - 1);
}

size_t ColumnBatch::max_series() const {
  return std::clamp<size_t>(kCellsPerBatch / std::max<size_t>(num_steps_, 1), 8,
                            kMaxSeriesPerBatch);
}

size_t ColumnBatch::CountSamples() const {
  size_t count = 0;
  for (const uint64_t word : present_) count += static_cast<size_t>(std::popcount(word));
  return count;
}

}  // namespace tidemark::promql
