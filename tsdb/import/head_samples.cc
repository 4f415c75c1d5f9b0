#include "tsdb/import/head_samples.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/codec/histogram_row.h"
#include "tsdb/import/damage.h"
#include "tsdb/import/histogram_chunk.h"
#include "tsdb/import/label_ranks.h"
#include "tsdb/import/sample_bins.h"

namespace tidemark::tsdb {
namespace {

// Of a histogram in memory, besides its bytes.
constexpr uint64_t kHistogramBytes = 80;

int64_t PartitionOf(TimestampMs t) {
  const int64_t quotient = t / HeadSamples::kPartition;
  return quotient - (t % HeadSamples::kPartition < 0 ? 1 : 0);
}

}  // namespace

// The first run over the files: series, counts and damage. Numbers series as they come.
class HeadSamples::Survey : public HeadSink {
 public:
  Survey(HeadSamples& head, ImportReport& report) : head_(head), report_(report) {}

  void OnRecord(const WalRecord& record, bool late) override {
    for (const WalRecord::Series& series : record.series) AddSeries(series);
    for (const WalRecord::Sample& sample : record.samples) {
      Count(sample.ref, late ? kLate : kLog, sample.timestamp);
    }
    for (const WalRecord::Histogram& h : record.histograms) {
      CountHistogram(h.ref, late ? kLate : kLog, h.timestamp, h.bytes.size());
    }
    for (const WalRecord::Tombstone& tombstone : record.tombstones) {
      deleted_.emplace_back(tombstone.ref, tombstone.range);
    }
    report_.num_exemplar_records += record.type == WalRecord::Type::kExemplars;
    report_.num_metadata_records += record.type == WalRecord::Type::kMetadata;
  }

  void OnChunk(const HeadChunk& chunk) override {
    if (!head_.by_ref_.contains(chunk.series_ref)) {
      ++report_.num_orphaned_chunks;
      return;
    }
    samples_.clear();
    const absl::Status status = DecodePrometheusChunk(chunk.encoding, chunk.data, samples_);
    if (!status.ok()) {
      head_.chunks_damaged_ = true;
      report_.AddDamage(DamageAt(chunk.path, chunk.offset, ToStd(status.message())));
    }
    for (const TimestampMs t : samples_.timestamps) {
      Count(chunk.series_ref, chunk.out_of_order ? kLate : kChunk, t);
    }
    for (size_t i = 0; i < samples_.histograms.size(); ++i) {
      const HistogramView h = samples_.histograms[i];
      CountHistogram(chunk.series_ref, chunk.out_of_order ? kLate : kChunk,
                     samples_.histograms.timestamps()[i],
                     (h.positive_counts.size() + h.negative_counts.size()) * sizeof(double));
    }
  }

  // Hands over what was found.
  void Finish() {
    head_.Rank(std::move(labels_), counts_, histogram_bytes_);
    for (const auto& [ref, range] : deleted_) {
      const auto series = head_.by_ref_.find(ref);
      if (series != head_.by_ref_.end()) head_.deleted_[series->second].Add(range);
    }
  }

 private:
  void AddSeries(const WalRecord::Series& series) {
    const auto number = static_cast<uint32_t>(labels_.size());
    if (!head_.by_ref_.try_emplace(series.ref, number).second) return;  // named once more
    labels_.push_back(series.labels);
    counts_.emplace_back();
    histogram_bytes_.emplace_back();
  }

  void Count(uint64_t ref, Place place, TimestampMs t) {
    if (const uint32_t* const series = Find(ref, place, t)) ++counts_[*series][place];
  }
  void CountHistogram(uint64_t ref, Place place, TimestampMs t, size_t num_bytes) {
    if (const uint32_t* const series = Find(ref, place, t)) {
      histogram_bytes_[*series] += kHistogramBytes + num_bytes;
    }
  }
  // The number of the series of a sample; null where it is not wanted or of nobody.
  const uint32_t* Find(uint64_t ref, Place place, TimestampMs t) {
    if (!head_.Wanted(place, t)) return nullptr;
    const auto series = head_.by_ref_.find(ref);
    if (series == head_.by_ref_.end()) {
      ++report_.num_orphaned_samples;
      return nullptr;
    }
    if (const int64_t partition = PartitionOf(t); partition != last_partition_) {
      head_.partitions_.insert(partition);
      last_partition_ = partition;
    }
    return &series->second;
  }

  HeadSamples& head_;
  ImportReport& report_;
  std::vector<LabelSet> labels_;  // by number
  std::vector<Counts> counts_;
  std::vector<uint64_t> histogram_bytes_;
  std::vector<std::pair<uint64_t, TimeRange>> deleted_;
  SampleColumns samples_;
  int64_t last_partition_ = kMinTimestamp;  // of no sample
};

// A later run: the samples of the series in [first, end), in a bin for each series and place.
class HeadSamples::Collection : public HeadSink {
 public:
  Collection(const HeadSamples& head, size_t first, size_t end)
      : head_(head),
        first_(first),
        end_(end),
        bins_(std::span(head.counts_).subspan(first * kNumPlaces, (end - first) * kNumPlaces)),
        histograms_(end - first) {}

  void OnRecord(const WalRecord& record, bool late) override {
    for (const WalRecord::Sample& s : record.samples) {
      if (Has(s.ref)) Place(s.ref, late ? kLate : kLog, s.timestamp, s.value);
    }
    for (const WalRecord::Histogram& h : record.histograms) {
      const HeadSamples::Place place = late ? kLate : kLog;
      if (Has(h.ref) && head_.Wanted(place, h.timestamp)) {
        HistogramsOf(h.ref)[place].push_back({h.timestamp, h.bytes});
      }
    }
  }

  void OnChunk(const HeadChunk& chunk) override {
    if (!Has(chunk.series_ref)) return;
    const HeadSamples::Place place = chunk.out_of_order ? kLate : kChunk;
    chunk_.clear();
    // Damage is reported by the survey.
    if (!DecodePrometheusChunk(chunk.encoding, chunk.data, chunk_).ok()) return;
    for (size_t i = 0; i < chunk_.size(); ++i) {
      Place(chunk.series_ref, place, chunk_.timestamps[i], chunk_.values[i]);
    }
    for (size_t i = 0; i < chunk_.histograms.size(); ++i) {
      const TimestampMs t = chunk_.histograms.timestamps()[i];
      if (!head_.Wanted(place, t)) continue;
      StoredHistogram& h = HistogramsOf(chunk.series_ref)[place].emplace_back();
      h.timestamp = t;
      AppendHistogram(chunk_.histograms[i], &h.bytes);
    }
  }

  // Replaces `out` by what Prometheus would show of the series. Call once for each.
  void Take(size_t series, SampleColumns& out) {
    SortSamples(Bin(series, kChunk), out);
    // The log says in which order samples came: one that is not newer than those before it was
    // refused, or came late and stands in the other log.
    SampleColumns rest;
    TimestampMs newest =
        head_.chunks_damaged_ || out.empty() ? kMinTimestamp : out.timestamps.back();
    for (const Sample& s : Bin(series, kLog)) {
      if (s.timestamp <= newest) continue;
      newest = s.timestamp;
      rest.push_back(s.timestamp, s.value);
    }
    MergeSamples(rest, out);
    SortSamples(Bin(series, kLate), rest);
    MergeSamples(rest, out);
    if (histograms_[series - first_] != nullptr) TakeHistograms(series, out);
    const auto deleted = head_.deleted_.find(static_cast<uint32_t>(series));
    if (deleted != head_.deleted_.end()) deleted->second.RemoveFrom(out);
  }

 private:
  struct StoredHistogram {
    TimestampMs timestamp;
    std::string bytes;  // as AppendHistogram writes one by itself
  };
  using HistogramsByPlace = std::array<std::vector<StoredHistogram>, kNumPlaces>;

  HistogramsByPlace& HistogramsOf(uint64_t ref) {
    auto& histograms = histograms_[head_.by_ref_.find(ref)->second - first_];
    if (histograms == nullptr) histograms = std::make_unique<HistogramsByPlace>();
    return *histograms;
  }

  // Those of one place, sorted by time, of one time the first; those of the log as they came, newer
  // than `newest` and each newer than the one before.
  static HistogramColumns Columns(std::vector<StoredHistogram>& stored, bool is_log,
                                  TimestampMs newest) {
    if (!is_log) {
      std::stable_sort(stored.begin(), stored.end(),
                       [](const auto& a, const auto& b) { return a.timestamp < b.timestamp; });
    }
    HistogramColumns columns;
    HistogramRow row;
    for (const StoredHistogram& h : stored) {
      if (!columns.empty() && h.timestamp <= columns.timestamps().back()) continue;
      if (is_log && h.timestamp <= newest) continue;
      std::string_view bytes = h.bytes;
      if (!ConsumeHistogram(bytes, &row)) continue;   // not what AppendHistogram wrote
      if (is_log) row.hint = HintAfterGap(row.hint);  // what a writer says is not what is stored
      columns.push_back(h.timestamp, row.view());
    }
    return columns;
  }

  void TakeHistograms(size_t series, SampleColumns& out) {
    HistogramsByPlace& stored = *histograms_[series - first_];
    SampleColumns part;
    part.histograms = Columns(stored[kChunk], false, kMinTimestamp);
    const bool has_chunks = !head_.chunks_damaged_ && !part.histograms.empty();
    const TimestampMs newest = has_chunks ? part.histograms.timestamps().back() : kMinTimestamp;
    MergeSamples(part, out);
    part.histograms = Columns(stored[kLog], true, newest);
    MergeSamples(part, out);
    part.histograms = Columns(stored[kLate], false, kMinTimestamp);
    for (size_t i = 0; i < part.histograms.size(); ++i) {
      part.histograms.SetHint(i, HintAfterGap(part.histograms[i].counter_reset_hint));
    }
    MergeSamples(part, out);
    histograms_[series - first_].reset();
  }

  bool Has(uint64_t ref) const {
    const auto series = head_.by_ref_.find(ref);
    return series != head_.by_ref_.end() && series->second >= first_ && series->second < end_;
  }

  void Place(uint64_t ref, HeadSamples::Place place, TimestampMs timestamp, double value) {
    if (!head_.Wanted(place, timestamp)) return;
    const size_t series = head_.by_ref_.find(ref)->second;
    bins_.Add((series - first_) * kNumPlaces + place, {timestamp, value});
  }

  std::span<Sample> Bin(size_t series, HeadSamples::Place place) {
    return bins_.bin((series - first_) * kNumPlaces + place);
  }

  const HeadSamples& head_;
  const size_t first_, end_;
  SampleBins bins_;
  std::vector<std::unique_ptr<HistogramsByPlace>> histograms_;  // null where there are none
  SampleColumns chunk_;
};

HeadSamples::HeadSamples(const std::string& directory, TimestampMs begin, size_t memory_bytes,
                         ImportReport& report)
    : begin_(begin),
      memory_bytes_(memory_bytes),
      files_(HeadFiles::List(directory,
                             [&report](const absl::Status& status) { report.AddDamage(status); })) {
  Survey survey(*this, report);
  const uint64_t num_damages = report.num_damages;
  files_.Read(
      survey, [&report](const absl::Status& status) { report.AddDamage(status); },
      [&report](const absl::Status& status) {
        report.notes.push_back(StrCat("left out as unfinished: ", ToStd(status.message())));
      });
  chunks_damaged_ |= report.num_damages != num_damages;
  survey.Finish();
  report.num_head_series = labels_.size();
}

void HeadSamples::Rank(std::vector<LabelSet> labels, const std::vector<Counts>& counts,
                       const std::vector<uint64_t>& histogram_bytes) {
  labels_ = std::move(labels);
  const std::vector<uint32_t> rank = RankLabels(labels_);
  counts_.resize(labels_.size() * kNumPlaces);
  histogram_bytes_.resize(labels_.size());
  for (size_t i = 0; i < rank.size(); ++i) {
    histogram_bytes_[rank[i]] += histogram_bytes[i];
    for (size_t place = 0; place < kNumPlaces; ++place) {
      counts_[rank[i] * kNumPlaces + place] += counts[i][place];
    }
  }
  for (auto& [ref, number] : by_ref_) number = rank[number];
}

// Where the run of series ends that begins at `first` and fits the memory; at least one.
size_t HeadSamples::EndOfRun(size_t first) const {
  const size_t fits =
      SampleBins::EndOfRun(counts_, first * kNumPlaces, kNumPlaces, memory_bytes_) / kNumPlaces;
  size_t end = first + 1;
  for (uint64_t bytes = histogram_bytes_[first]; end < fits; ++end) {
    bytes += histogram_bytes_[end];
    if (bytes > memory_bytes_) break;
  }
  return end;
}

absl::Status HeadSamples::Visit(TimeRange range, const Visitor& visitor) const {
  const auto reported_before = [](const absl::Status&) {};
  SampleColumns samples;
  for (size_t first = 0, end = 0; first < labels_.size(); first = end) {
    end = EndOfRun(first);
    Collection collection(*this, first, end);
    files_.Read(collection, reported_before, reported_before);
    for (size_t series = first; series < end; ++series) {
      collection.Take(series, samples);
      KeepRange(range, samples);
      if (samples.has_samples()) RETURN_IF_ERROR(visitor(labels_[series], samples));
    }
  }
  return absl::OkStatus();
}

}  // namespace tidemark::tsdb
