#include <algorithm>
#include <filesystem>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"

#include "base/io/file.h"
#include "base/io/hash.h"
#include "base/io/varint.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/head/head.h"
#include "tsdb/journal/checkpoint_slabs.h"

// Writing a checkpoint of Head.
//
// It is fuzzy: series are saved slab by slab, each under a short lock of its own, while batches go
// on. A batch that was applied before the start is in it. Of a later one some slabs may be in it
// and others not: replay begins with the first of these, and each slab says which it has already.
// A series that the journal did not name before the start of the checkpoint may be left out, since
// a later batch does.

namespace tidemark::tsdb {
namespace {

// Series that are looked at before appends go on.
constexpr uint32_t kSeriesPerSlice = 4096;
constexpr size_t kSeriesPerSlab = 512;
constexpr size_t kSlabBytes = 128 * 1024;
constexpr uint32_t kUnused = std::numeric_limits<uint32_t>::max();

std::optional<uint64_t> FileNumber(const std::string& name, std::string_view kind) {
  constexpr std::string_view kEnd = ".sst";
  uint64_t number = 0;
  if (!name.starts_with(kind) || !name.ends_with(kEnd)) return std::nullopt;
  const std::string digits = name.substr(kind.size(), name.size() - kind.size() - kEnd.size());
  if (!absl::SimpleAtoi(digits, &number)) return std::nullopt;
  return number;
}

}  // namespace

CheckpointListing ListCheckpointFiles(const std::string& directory) {
  CheckpointListing listing;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    if (const auto series = FileNumber(name, "series-")) listing.series.push_back(*series);
    if (const auto state = FileNumber(name, "state-")) listing.state.push_back(*state);
  }
  std::sort(listing.series.begin(), listing.series.end());
  std::sort(listing.state.begin(), listing.state.end());
  return listing;
}

void RemoveOtherCheckpointFiles(const std::string& directory, const CheckpointFiles& files) {
  const CheckpointListing listing = ListCheckpointFiles(directory);
  std::error_code error;  // what stays is removed the next time
  for (const uint64_t number : listing.series) {
    if (std::find(files.series.begin(), files.series.end(), number) != files.series.end()) continue;
    std::filesystem::remove(StrCat(directory, "/", SeriesFileName(number)), error);
  }
  for (const uint64_t number : listing.state) {
    if (number == files.state) continue;
    std::filesystem::remove(StrCat(directory, "/", StateFileName(number)), error);
  }
}

class Head::CheckpointWriter {
 public:
  CheckpointWriter(Head& head, const std::string& directory)
      : head_(head), progress_(head.checkpoint_), directory_(directory) {}

  absl::Status Write(bool full);
  const CheckpointFiles& files() const { return summary_.files; }
  // Whether the manifest may be the new one, even though writing it failed.
  bool manifest_touched() const { return manifest_touched_; }

 private:
  struct NewSeries {
    uint32_t number, generation;
    bool is_live;  // or else a place that was given up
  };

  absl::Status OpenFiles(bool full);
  bool is_full() const { return summary_.files.series.size() == 1; }
  std::span<const SymbolTable::PairId> LabelsOf(const NewSeries& series) const {
    if (!series.is_live) return {};
    return head_.arena_.series(series.number).label_span();
  }
  void FindNewSeries();
  void NumberPairs();
  absl::Status WritePairs(CheckpointSection section);
  absl::Status WriteSeries();
  absl::Status WriteSamples();
  absl::Status WriteSamplesOfSlab(uint32_t slab);
  void Save(uint32_t i) ABSL_SHARED_LOCKS_REQUIRED(head_.data_mu_);
  absl::Status FlushChunks();
  absl::Status Publish();

  Head& head_;
  CheckpointProgress& progress_;
  const std::string directory_;
  CheckpointSummary summary_;
  std::unique_ptr<CheckpointFileWriter> series_file_, state_file_;

  std::vector<NewSeries> new_series_;
  std::vector<uint32_t> pair_numbers_;  // in the file, by PairId; kUnused
  bool manifest_touched_ = false;
  struct NewChunk {
    uint32_t series;
    ArenaChunk chunk;
  };
  std::vector<NewChunk> new_chunks_;  // of one slab
  StateSlab state_;
  std::vector<size_t> parts_at_;  // in its images, of each series
  ChunkSlab chunks_;
  uint32_t num_chunk_slabs_ = 0;
};

absl::Status Head::CheckpointWriter::Write(bool full) {
  {
    absl::ReaderMutexLock lock(&head_.data_mu_);
    summary_.files.covers = head_.next_to_apply_;
    summary_.has_histograms = head_.has_histograms_;
  }
  // What is marked as written on the way is not, should this fail.
  full |= std::exchange(progress_.needs_full, true);
  if (full) {
    progress_.has_series.clear();
    progress_.sealed_end.clear();
  }
  RETURN_IF_ERROR(OpenFiles(full));
  FindNewSeries();
  NumberPairs();
  RETURN_IF_ERROR(WritePairs(CheckpointSection::kPairs));
  RETURN_IF_ERROR(WriteSeries());
  RETURN_IF_ERROR(WriteSamples());
  RETURN_IF_ERROR(WritePairs(CheckpointSection::kPairsAgain));
  return Publish();
}

absl::Status Head::CheckpointWriter::OpenFiles(bool full) {
  std::error_code error;
  std::filesystem::create_directories(directory_, error);
  if (error) {
    return absl::InternalError(StrCat("cannot make ", directory_, ": ", error.message()));
  }
  const uint64_t series = progress_.next_file++, state = progress_.next_file++;
  if (!full) summary_.files.series = progress_.files.series;
  summary_.files.series.push_back(series);
  summary_.files.state = state;
  ASSIGN_OR_RETURN(series_file_,
                   CheckpointFileWriter::Create(StrCat(directory_, "/", SeriesFileName(series))));
  ASSIGN_OR_RETURN(state_file_,
                   CheckpointFileWriter::Create(StrCat(directory_, "/", StateFileName(state))));
  return absl::OkStatus();
}

void Head::CheckpointWriter::FindNewSeries() {
  const uint32_t num_series = head_.num_created_.load(std::memory_order_acquire);
  summary_.num_series = num_series;
  progress_.has_series.resize(num_series);
  progress_.sealed_end.resize(num_series);
  for (uint32_t begin = 0; begin < num_series;) {
    absl::MutexLock lock(&head_.admission_mu_);
    summary_.newest = head_.admitted_max_;
    const uint32_t end = std::min(num_series, begin + kSeriesPerSlice);
    for (; begin < end; ++begin) {
      const Series& series = head_.arena_.series(begin);
      const uint32_t generation = series.generation.load(std::memory_order_relaxed);
      if (progress_.has_series[begin]) continue;
      const bool is_live = series.is_journaled && generation % 2 == 0;
      progress_.has_series[begin] = is_live;
      // A whole checkpoint also says how often the places without a series were given away.
      if (is_live || (is_full() && generation > 0))
        new_series_.push_back({begin, generation, is_live});
    }
  }
}

// Numbers the pairs that the new series have, so that each file can be read without the others.
void Head::CheckpointWriter::NumberPairs() {
  for (const NewSeries& series : new_series_) {
    for (const SymbolTable::PairId id : LabelsOf(series)) {
      if (id >= pair_numbers_.size()) pair_numbers_.resize(id + 1 + id / 2, kUnused);
      pair_numbers_[id] = 0;
    }
  }
  uint32_t num_pairs = 0;
  for (uint32_t& number : pair_numbers_) {
    if (number != kUnused) number = num_pairs++;
  }
}

absl::Status Head::CheckpointWriter::WritePairs(CheckpointSection section) {
  PairSlab slab;
  uint32_t num_slabs = 0;
  for (SymbolTable::PairId id = 0; id < pair_numbers_.size(); ++id) {
    if (pair_numbers_[id] == kUnused) continue;
    slab.Add(head_.symbols_.pair(id));
    if (slab.bytes() < kSlabBytes) continue;
    RETURN_IF_ERROR(series_file_->Put(section, num_slabs++, slab.Encode()));
  }
  return slab.empty() ? absl::OkStatus() : series_file_->Put(section, num_slabs, slab.Encode());
}

absl::Status Head::CheckpointWriter::WriteSeries() {
  SeriesSlab slab;
  uint32_t num_slabs = 0;
  std::string bytes;
  std::vector<uint32_t> labels;
  for (const NewSeries& series : new_series_) {
    bytes.clear();
    labels.clear();
    for (const SymbolTable::PairId id : LabelsOf(series)) {
      const LabelView pair = head_.symbols_.pair(id);
      AppendLengthPrefixed(pair.name, &bytes);
      AppendLengthPrefixed(pair.value, &bytes);
      labels.push_back(pair_numbers_[id]);
    }
    slab.Add(series.number, series.generation, StableHash64(bytes), labels);
    if (slab.size() < kSeriesPerSlab) continue;
    RETURN_IF_ERROR(series_file_->Put(CheckpointSection::kSeries, num_slabs++, slab.Encode()));
  }
  if (slab.size() == 0) return absl::OkStatus();
  return series_file_->Put(CheckpointSection::kSeries, num_slabs, slab.Encode());
}

absl::Status Head::CheckpointWriter::WriteSamples() {
  const uint32_t num_slabs = (summary_.num_series + StateSlab::kSeries - 1) / StateSlab::kSeries;
  for (uint32_t slab = 0; slab < num_slabs; ++slab) RETURN_IF_ERROR(WriteSamplesOfSlab(slab));
  return FlushChunks();
}

absl::Status Head::CheckpointWriter::WriteSamplesOfSlab(uint32_t slab) {
  const uint32_t begin = slab * StateSlab::kSeries;
  const uint32_t end = std::min(summary_.num_series, begin + StateSlab::kSeries);
  uint64_t covers = 0;
  absl::ReaderMutexLock pinned(&head_.reclaim_mu_);
  {
    absl::ReaderMutexLock lock(&head_.data_mu_);
    covers = head_.next_to_apply_;
    summary_.has_histograms |= head_.has_histograms_;
    for (uint32_t i = begin; i < end; ++i) {
      if (progress_.has_series[i]) Save(i);
    }
  }
  {
    // Later than the samples, so that what is admitted is never older than what is there.
    absl::MutexLock lock(&head_.admission_mu_);
    for (size_t entry = 0; entry < state_.numbers().size(); ++entry) {
      const Series& series = head_.arena_.series(state_.numbers()[entry]);
      state_.AddAdmitted(series.admitted_time, series.admitted_bits);
      if (series.admitted_histogram) {
        (*state_.images())[parts_at_[entry]] |= StateSlab::kAdmittedHistogram;
        summary_.has_histograms = true;
      }
    }
  }
  parts_at_.clear();
  for (const NewChunk& added : new_chunks_) {
    chunks_.Add(added.series, added.chunk.bytes());
    if (chunks_.bytes() >= kSlabBytes) RETURN_IF_ERROR(FlushChunks());
  }
  new_chunks_.clear();
  if (state_.numbers().empty()) return absl::OkStatus();
  return state_file_->Put(CheckpointSection::kState, slab, state_.Encode(covers));
}

void Head::CheckpointWriter::Save(uint32_t i) {
  const Series& series = head_.arena_.series(i);
  const SeriesChunks& chunks = head_.arena_.chunks(i);
  const size_t num_new = new_chunks_.size();
  const uint32_t sealed_end = head_.SealedEnd(i);
  uint32_t left = sealed_end - std::exchange(progress_.sealed_end[i], sealed_end);
  for (const ArenaChunk chunk : chunks.sealed) {
    if (left == 0) break;
    left -= std::min(left, chunk.count());
    new_chunks_.push_back({i, chunk});
  }
  std::reverse(new_chunks_.begin() + static_cast<ptrdiff_t>(num_new), new_chunks_.end());
  const auto deleted = head_.deleted_.find(i);
  const bool has_deletions = deleted != head_.deleted_.end();
  std::string* images = state_.images();
  const OpenHistograms* const histograms = head_.FindOpenHistograms(i);
  state_.Add(i, series.last_time);
  parts_at_.push_back(images->size());
  images->push_back(
      static_cast<char>((series.out_of_order == nullptr ? 0 : StateSlab::kOutOfOrder) |
                        (has_deletions ? StateSlab::kDeletions : 0) |
                        (histograms == nullptr ? 0 : StateSlab::kHistograms)));
  chunks.open.Save(images);
  if (series.out_of_order != nullptr) series.out_of_order->Save(images);
  if (has_deletions) SaveDeletions(*deleted->second, images);
  if (histograms != nullptr) histograms->Save(images);
}

absl::Status Head::CheckpointWriter::FlushChunks() {
  if (chunks_.empty()) return absl::OkStatus();
  return series_file_->Put(CheckpointSection::kChunks, num_chunk_slabs_++, chunks_.Encode());
}

absl::Status Head::CheckpointWriter::Publish() {
  RETURN_IF_ERROR(series_file_->Finish(summary_));
  RETURN_IF_ERROR(state_file_->Finish(summary_));
  RETURN_IF_ERROR(SyncDirectory(directory_));
  // No sample may outlive a power cut in the checkpoint alone while others of its batch do not.
  if (head_.journal_ != nullptr) RETURN_IF_ERROR(head_.journal_->Sync());
  manifest_touched_ = true;
  RETURN_IF_ERROR(WriteFileAtomically(CheckpointManifestPath(directory_),
                                      EncodeCheckpointManifest(summary_.files)));
  progress_.files = summary_.files;
  progress_.needs_full = false;
  return absl::OkStatus();
}

absl::Status Head::WriteCheckpoint(const std::string& directory, CheckpointMode mode,
                                   uint64_t* covers) {
  absl::Status written;
  bool keep_files = false;
  {
    CheckpointWriter writer(*this, directory);
    written = writer.Write(mode == CheckpointMode::kFull);
    if (written.ok()) *covers = writer.files().covers;
    keep_files = !written.ok() && writer.manifest_touched();
  }
  if (!keep_files) RemoveOtherCheckpointFiles(directory, checkpoint_.files);
  return written;
}

}  // namespace tidemark::tsdb
