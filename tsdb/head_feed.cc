#include "tsdb/head_feed.h"

#include <algorithm>
#include <limits>

#include "base/log.h"
#include "tsdb/codec/histogram_row.h"
#include "tsdb/journal/journal_record.h"

namespace tidemark::tsdb {
namespace {

// Decodes records into space that is used again.
class BatchDecoder {
 public:
  // False where the record is damaged, which is logged.
  bool Decode(uint64_t number, std::string_view record) {
    const absl::Status decoded = DecodeJournalRecord(record, batch_);
    if (!decoded.ok()) {
      log::Error("a journal batch cannot be sent on, it is damaged",
                 {{"number", StrCat(number)}, {"err", decoded.ToString()}});
      return false;
    }
    number_ = number;
    DecodeHistograms();
    return true;
  }
  FeedBatch batch() const { return {number_, batch_.samples, histograms_}; }

 private:
  void DecodeHistograms() {
    histograms_.clear();
    rows_.resize(std::max(rows_.size(), batch_.histograms.size()));
    for (size_t i = 0; i < batch_.histograms.size(); ++i) {
      const SeriesHistogram& h = batch_.histograms[i];
      std::string_view bytes = h.bytes;
      rows_[i].layout.reset();
      if (!ConsumeHistogram(bytes, &rows_[i])) continue;  // checked when the record was decoded
      histograms_.push_back({h.series, h.timestamp, rows_[i].view()});
    }
  }

  uint64_t number_ = 0;
  JournalBatch batch_;
  std::vector<HistogramRow> rows_;
  std::vector<FeedHistogram> histograms_;
};

}  // namespace

absl::StatusOr<uint64_t> HeadFeed::Read(uint64_t first, const Visit& visit) {
  BatchDecoder decoder;
  return journal_.Read(first, [&](uint64_t number, std::string_view record) {
    return !decoder.Decode(number, record) || visit(decoder.batch());
  });
}

std::optional<LabelSet> HeadFeed::Labels(SeriesRef series) const { return head_.Labels(series); }

void HeadFeed::Hold(std::string_view reader, uint64_t number) {
  absl::MutexLock lock(&mu_);
  held_.insert_or_assign(std::string(reader), number);
}

void HeadFeed::Release(std::string_view reader) {
  absl::MutexLock lock(&mu_);
  held_.erase(reader);
}

uint64_t HeadFeed::OldestHeld() const {
  absl::MutexLock lock(&mu_);
  uint64_t oldest = std::numeric_limits<uint64_t>::max();
  for (const auto& [reader, number] : held_) oldest = std::min(oldest, number);
  return oldest;
}

}  // namespace tidemark::tsdb
