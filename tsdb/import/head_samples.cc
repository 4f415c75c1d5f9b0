#include "tsdb/import/head_samples.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/import/damage.h"
#include "tsdb/import/label_ranks.h"
#include "tsdb/import/sample_bins.h"

namespace tidemark::tsdb {
namespace {

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
    for (const WalRecord::Tombstone& tombstone : record.tombstones) {
      deleted_.emplace_back(tombstone.ref, tombstone.range);
    }
    report_.num_exemplar_records += record.type == WalRecord::Type::kExemplars;
    report_.num_metadata_records += record.type == WalRecord::Type::kMetadata;
    // Late ones stand in both logs.
    report_.num_histogram_records += !late && record.type == WalRecord::Type::kHistograms;
  }

  void OnChunk(const HeadChunk& chunk) override {
    if (chunk.encoding == ChunkEncoding::kHistogram ||
        chunk.encoding == ChunkEncoding::kFloatHistogram) {
      ++report_.num_histogram_chunks;
      report_.num_histogram_samples += NumSamplesOfChunk(chunk.data);
      return;
    }
    if (!head_.by_ref_.contains(chunk.series_ref)) {
      ++report_.num_orphaned_chunks;
      return;
    }
    samples_.clear();
    const absl::Status status = chunk.encoding == ChunkEncoding::kXor
                                    ? DecodeXorChunk(chunk.data, samples_)
                                    : absl::DataLossError("unknown encoding of a chunk");
    if (!status.ok()) {
      head_.chunks_damaged_ = true;
      report_.AddDamage(DamageAt(chunk.path, chunk.offset, ToStd(status.message())));
    }
    for (const TimestampMs t : samples_.timestamps) {
      Count(chunk.series_ref, chunk.out_of_order ? kLate : kChunk, t);
    }
  }

  // Hands over what was found.
  void Finish() {
    head_.Rank(std::move(labels_), counts_);
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
  }

  void Count(uint64_t ref, Place place, TimestampMs t) {
    if (!head_.Wanted(place, t)) return;
    const auto series = head_.by_ref_.find(ref);
    if (series == head_.by_ref_.end()) {
      ++report_.num_orphaned_samples;
      return;
    }
    ++counts_[series->second][place];
    const int64_t partition = PartitionOf(t);
    if (partition == last_partition_) return;
    head_.partitions_.insert(partition);
    last_partition_ = partition;
  }

  HeadSamples& head_;
  ImportReport& report_;
  std::vector<LabelSet> labels_;  // by number
  std::vector<Counts> counts_;
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
        bins_(std::span(head.counts_).subspan(first * kNumPlaces, (end - first) * kNumPlaces)) {}

  void OnRecord(const WalRecord& record, bool late) override {
    for (const WalRecord::Sample& s : record.samples) {
      if (Has(s.ref)) Place(s.ref, late ? kLate : kLog, s.timestamp, s.value);
    }
  }

  void OnChunk(const HeadChunk& chunk) override {
    if (chunk.encoding != ChunkEncoding::kXor || !Has(chunk.series_ref)) return;
    chunk_.clear();
    if (!DecodeXorChunk(chunk.data, chunk_).ok()) return;  // reported by the survey
    for (size_t i = 0; i < chunk_.size(); ++i) {
      Place(chunk.series_ref, chunk.out_of_order ? kLate : kChunk, chunk_.timestamps[i],
            chunk_.values[i]);
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
    const auto deleted = head_.deleted_.find(static_cast<uint32_t>(series));
    if (deleted != head_.deleted_.end()) deleted->second.RemoveFrom(out);
  }

 private:
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

void HeadSamples::Rank(std::vector<LabelSet> labels, const std::vector<Counts>& counts) {
  labels_ = std::move(labels);
  const std::vector<uint32_t> rank = RankLabels(labels_);
  counts_.resize(labels_.size() * kNumPlaces);
  for (size_t i = 0; i < rank.size(); ++i) {
    for (size_t place = 0; place < kNumPlaces; ++place) {
      counts_[rank[i] * kNumPlaces + place] += counts[i][place];
    }
  }
  for (auto& [ref, number] : by_ref_) number = rank[number];
}

absl::Status HeadSamples::Visit(TimeRange range, const Visitor& visitor) const {
  const auto reported_before = [](const absl::Status&) {};
  SampleColumns samples;
  for (size_t first = 0, end = 0; first < labels_.size(); first = end) {
    end = SampleBins::EndOfRun(counts_, first * kNumPlaces, kNumPlaces, memory_bytes_) / kNumPlaces;
    Collection collection(*this, first, end);
    files_.Read(collection, reported_before, reported_before);
    for (size_t series = first; series < end; ++series) {
      collection.Take(series, samples);
      KeepRange(range, samples);
      if (!samples.empty()) RETURN_IF_ERROR(visitor(labels_[series], samples));
    }
  }
  return absl::OkStatus();
}

}  // namespace tidemark::tsdb
