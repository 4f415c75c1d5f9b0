#include "promql/exec/column_batch.h"

#include <algorithm>

namespace tidemark::promql {
namespace {

constexpr size_t kCellsPerBatch = 64 * 1024;  // 512 KB of values
constexpr size_t kMaxSeriesPerBatch = 4096;
// Where a row is longer than that, threads still get series to share, up to a bound.
constexpr size_t kSeriesToShare = 8;
constexpr size_t kMostCellsPerBatch = 1024 * 1024;

}  // namespace

void StepRow::CopyFrom(const StepRow& from) const {
  std::copy(from.values.begin(), from.values.end(), values.begin());
  std::copy(from.present.begin(), from.present.end(), present.begin());
  if (from.HasHistograms()) {
    *histograms = std::make_unique<std::vector<HistogramPtr>>(**from.histograms);
  }
}

std::shared_ptr<FloatHistogramSample> StepRow::SpareHistogram(size_t step) const {
  if (spares == nullptr) return std::make_shared<FloatHistogramSample>();
  if (spares->size() < values.size()) spares->resize(values.size());
  std::shared_ptr<FloatHistogramSample>& spare = (*spares)[step];
  const bool is_free = spare != nullptr && spare.use_count() == 1;
  if (!is_free) spare = std::make_shared<FloatHistogramSample>();
  return spare;
}

bool StepRow::DropHistograms() const {
  if (!HasHistograms()) return false;
  const HistogramSteps dropped = std::move(*histograms);
  bool any = false;
  for (size_t step = 0; step < dropped->size(); ++step) {
    if ((*dropped)[step] == nullptr) continue;
    Clear(step);
    any = true;
  }
  return any;
}

void StepRow::DropAbsentHistograms() const {
  if (!HasHistograms()) return;
  for (size_t step = 0; step < values.size(); ++step) {
    if (!Has(step)) (**histograms)[step] = nullptr;
  }
}

void ColumnBatch::Reset(size_t num_steps) {
  num_steps_ = num_steps;
  num_words_ = PresenceWords(num_steps);
  headers_.clear();
  values_.clear();
  present_.clear();
  histograms_.clear();
}

StepRow ColumnBatch::Add(SeriesHeader header) {
  headers_.push_back(std::move(header));
  values_.resize(headers_.size() * num_steps_);
  present_.resize(headers_.size() * num_words_);
  histograms_.resize(headers_.size());
  spares_.resize(std::max(spares_.size(), headers_.size()));
  return row(headers_.size() - 1);
}

void ColumnBatch::DropEmptyRows() {
  size_t kept = 0;
  for (size_t i = 0; i < size(); ++i) {
    const StepRow from = row(i);
    if (from.Empty()) continue;
    if (kept != i) {
      const StepRow to = row(kept);
      headers_[kept] = std::move(headers_[i]);
      std::copy(from.values.begin(), from.values.end(), to.values.begin());
      std::copy(from.present.begin(), from.present.end(), to.present.begin());
      *to.histograms = std::move(*from.histograms);
    }
    ++kept;
  }
  headers_.resize(kept);
  values_.resize(kept * num_steps_);
  present_.resize(kept * num_words_);
  histograms_.resize(kept);
}

size_t ColumnBatch::MaxSeries(size_t num_steps) {
  num_steps = std::max<size_t>(num_steps, 1);
  const size_t least = std::clamp<size_t>(kMostCellsPerBatch / num_steps, 1, kSeriesToShare);
  return std::clamp(kCellsPerBatch / num_steps, least, kMaxSeriesPerBatch);
}

size_t ColumnBatch::CountSamples() const {
  size_t count = 0;
  for (const uint64_t word : present_) count += static_cast<size_t>(std::popcount(word));
  return count;
}

}  // namespace tidemark::promql
