#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/model/histogram_columns.h"

// Native histograms one by one, as bytes: in the journal each by itself, in an open chunk as what
// differs from the one before. Exact. Layout: docs/storage-format.md.
//
// A staleness marker is stored without buckets, and integer counts beyond kMaxExactCount make a
// float histogram.
namespace tidemark::tsdb {

// More buckets than any histogram has: what may be stored as one.
inline constexpr size_t kMaxHistogramBuckets = 1 << 14;

// One histogram, decoded, in space that is used again.
struct HistogramRow {
  std::shared_ptr<const HistogramLayout> layout;
  CounterResetHint hint = CounterResetHint::kUnknown;
  bool is_float = false;
  bool has_whole_counts = true;  // all of them: not negative, at most kMaxExactCount
  double count = 0, zero_count = 0, sum = 0;
  std::vector<double> buckets;  // positive ones first
  size_t num_positive = 0;

  HistogramView view() const;
};

// The staleness marker among histograms: one without buckets.
HistogramRow StaleHistogram(bool is_float);

// Appends a histogram by itself; its buckets are kMaxHistogramBuckets at most.
void AppendHistogram(const HistogramSample& histogram, std::string* out);
void AppendHistogram(const FloatHistogramSample& histogram, std::string* out);
void AppendHistogram(const HistogramView& histogram, std::string* out);
// Appends one after `before`, which ConsumeHistogram is then to be given.
void AppendHistogram(const HistogramRow& histogram, const HistogramRow& before, std::string* out);

// Replaces `row`, which holds the one before where there is any, and drops what it read from the
// front of `bytes`. Where the layout is that of `row`, its object stays.
// False where `bytes` does not start with a histogram; `row` then holds anything.
[[nodiscard]] bool ConsumeHistogram(std::string_view& bytes, HistogramRow* row);

// What AppendHistogram wrote.
bool IsFloatHistogram(std::string_view bytes);
// Whether one that AppendHistogram wrote by itself is a staleness marker.
bool IsStaleHistogram(std::string_view bytes);

}  // namespace tidemark::tsdb
