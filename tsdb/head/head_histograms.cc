#include <algorithm>

#include "base/model/staleness.h"
#include "tsdb/head/head.h"

// The part of Head that holds native histograms. A series that ends in histograms has an open chunk
// of them in open_histograms_, where it has none of floats; sealed chunks of either kind lie in one
// list.

namespace tidemark::tsdb {

void Head::ApplyHistograms(std::span<const SeriesHistogram> histograms) {
  if (!options_.keeps_samples) return;
  static thread_local HistogramRow row;
  has_histograms_ = true;
  for (const SeriesHistogram& h : histograms) {
    const uint32_t number = NumberOf(h.series);
    std::string_view bytes = h.bytes;
    const OpenHistograms* const open = FindOpenHistograms(number);
    row.layout = open == nullptr ? nullptr : open->newest().layout;
    if (!ConsumeHistogram(bytes, &row)) continue;  // not what AppendHistogram wrote
    if (h.timestamp > arena_.series(number).last_time) {
      ApplyHistogramInOrder(number, h.timestamp, row);
      continue;
    }
    OutOfOrder* const out_of_order = BeginOutOfOrder(number, h.timestamp);
    if (out_of_order == nullptr) continue;
    out_of_order->Insert(h.timestamp, row.view());
    stats_.num_chunks += out_of_order->num_chunks();
    metrics_.histograms.out_of_order_appended.Increment();
  }
}

void Head::ApplyHistogramInOrder(uint32_t i, TimestampMs timestamp, HistogramRow& histogram) {
  Series& series = arena_.series(i);
  AddToIndex(i);
  if (arena_.chunks(i).open.size() > 0) SealOpen(i);
  if (!partition_.Contains(timestamp)) partition_ = PartitionOf(timestamp);
  std::unique_ptr<OpenHistograms>& open = open_histograms_[i];
  if (open == nullptr) open = std::make_unique<OpenHistograms>();
  series.ends_in_histogram = true;
  const bool goes_on = !open->empty() && open->is_float() == histogram.is_float &&
                       open->first_timestamp() >= partition_.min;
  if (!open->empty() && !goes_on) SealHistograms(i);
  if (open->empty()) ++stats_.num_chunks;
  open->Append(timestamp, histogram);
  CountInOrder(series, timestamp);
  if (open->full()) SealHistograms(i);
}

bool Head::ApplyAfterHistograms(uint32_t i, TimestampMs timestamp, double value) {
  if (IsStaleMarker(value)) {
    HistogramRow stale = StaleHistogram(FindOpenHistograms(i)->is_float());
    ApplyHistogramInOrder(i, timestamp, stale);
    return true;
  }
  if (!FindOpenHistograms(i)->empty()) SealHistograms(i);
  ForgetOpenHistograms(i);
  return false;
}

void Head::SealHistograms(uint32_t i) {
  OpenHistograms& open = *FindOpenHistograms(i);
  const TimeRange range{open.first_timestamp(), open.last_timestamp()};
  const auto count = static_cast<uint32_t>(open.size());
  sealed_.Append(range, count, open.Seal(), arena_.chunks(i).sealed);
}

OpenHistograms* Head::FindOpenHistograms(uint32_t i) {
  if (!arena_.series(i).ends_in_histogram) return nullptr;
  return open_histograms_.find(i)->second.get();
}

const OpenHistograms* Head::FindOpenHistograms(uint32_t i) const {
  if (!arena_.series(i).ends_in_histogram) return nullptr;
  return open_histograms_.find(i)->second.get();
}

void Head::ForgetOpenHistograms(uint32_t i) {
  if (!arena_.series(i).ends_in_histogram) return;
  open_histograms_.erase(i);
  arena_.series(i).ends_in_histogram = false;
}

bool Head::HasNewest(uint32_t i, TimestampMs timestamp) const {
  if (const OpenHistograms* const histograms = FindOpenHistograms(i)) {
    return !histograms->empty() && histograms->last_timestamp() == timestamp;
  }
  const OpenChunk& open = arena_.chunks(i).open;
  return !open.empty() && open.last_timestamp() == timestamp;
}

}  // namespace tidemark::tsdb
