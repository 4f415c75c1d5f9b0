#include <algorithm>
#include <atomic>
#include <bit>
#include <filesystem>
#include <thread>
#include <utility>

#include "base/io/file.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/codec/chunk.h"
#include "tsdb/data_directory.h"
#include "tsdb/head/head.h"
#include "tsdb/journal/checkpoint_slabs.h"

// Loading a checkpoint into an empty Head.
//
// Nobody else has the head yet, so nothing of it is locked. Two threads: one makes the series, the
// other fills in the sealed chunks, and both, when they are done, what else there is of each
// series. They meet in the same series but in different fields of them. A third makes the index
// beside the replay that follows. Nothing of a file is believed before it has been checked; what
// does not hold is left out and counted.

namespace tidemark::tsdb {
namespace {

// Slabs of state that a thread takes on at once.
constexpr uint32_t kSlabsAtOnce = 64;
// Bounds on what a file may claim to hold: so many, and as many more for each of its bytes.
constexpr uint64_t kPlausibleCount = 1 << 22;

}  // namespace

class Head::CheckpointLoader {
 public:
  CheckpointLoader(Head& head, const std::string& directory, const std::string& damaged_directory)
      : head_(head), directory_(directory), damaged_directory_(damaged_directory) {}

  absl::StatusOr<LoadedCheckpoint> Load();

 private:
  using PairId = SymbolTable::PairId;
  // A pair of a file, as it is known here. The names of a series ascend if their ranks do.
  struct Pair {
    PairId id = 0;
    uint32_t name_rank = kUnknown;
  };
  static constexpr uint32_t kUnknown = std::numeric_limits<uint32_t>::max();

  // What there is.
  absl::StatusOr<CheckpointFiles> FindFiles();
  CheckpointFiles FilesWithoutManifest(bool manifest_damaged);
  absl::Status OpenFiles();
  absl::StatusOr<std::unique_ptr<CheckpointFile>> OpenFile(const std::string& path);
  void Damaged(const std::string& path, const absl::Status& status);

  // Series: one thread.
  void LoadSeries();
  std::vector<Pair> LoadPairs(const CheckpointFile& file, uint64_t* num_damaged);
  uint64_t LoadSeriesOf(const CheckpointFile& file);
  bool AddSeries(const SeriesSlab::View& view, size_t entry, size_t first_label,
                 const std::vector<Pair>& pairs);

  // Samples: another.
  void LoadChunks();
  absl::Status AddChunks(std::string_view slab) ABSL_NO_THREAD_SAFETY_ANALYSIS;
  // State: both, each some slabs.
  void LoadState();
  absl::Status AddState(uint32_t slab, std::string_view bytes) ABSL_NO_THREAD_SAFETY_ANALYSIS;

  // Then everything about a series that follows from the rest.
  void Settle() ABSL_NO_THREAD_SAFETY_ANALYSIS;
  void SettleSamples(uint32_t i) ABSL_NO_THREAD_SAFETY_ANALYSIS;
  const OpenHistograms* SettleHistograms(uint32_t i) ABSL_NO_THREAD_SAFETY_ANALYSIS;
  void SettleProgress();
  void StartIndex() ABSL_NO_THREAD_SAFETY_ANALYSIS;

  Head& head_;
  const std::string directory_, damaged_directory_;
  CheckpointFiles files_;
  std::vector<std::unique_ptr<CheckpointFile>> series_files_;
  std::unique_ptr<CheckpointFile> state_file_;
  uint32_t num_series_ = 0;
  TimestampMs newest_ = kMinTimestamp;
  bool has_histograms_ = false;
  std::vector<PairId> labels_;                             // of the series in hand
  std::vector<SeriesLookup::HashedSeries> hashed_;         // of the file in hand
  std::vector<uint64_t> damaged_series_, damaged_chunks_;  // by file; each thread has its own
  std::atomic<uint32_t> next_state_slab_{0};
  std::atomic<uint64_t> damaged_state_{0};
  absl::Mutex rare_mu_;            // what of the state is not kept series by series
  std::vector<uint32_t> indexed_;  // ascending
  LoadedCheckpoint result_;
};

absl::StatusOr<LoadedCheckpoint> Head::CheckpointLoader::Load() {
  ASSIGN_OR_RETURN(files_, FindFiles());
  RETURN_IF_ERROR(OpenFiles());
  head_.arena_.GrowTo(num_series_);
  head_.checkpoint_.sealed_end.resize(num_series_);
  head_.num_created_.store(num_series_, std::memory_order_release);
  damaged_series_.resize(series_files_.size());
  damaged_chunks_.resize(series_files_.size());
  head_.checkpointed_ = CheckpointedSeries(num_series_);
  std::thread samples([this] {
    LoadChunks();
    LoadState();
  });
  LoadSeries();
  LoadState();
  samples.join();
  Settle();
  for (size_t f = 0; f < series_files_.size(); ++f) {
    const uint64_t num_damaged = damaged_series_[f] + damaged_chunks_[f];
    if (num_damaged == 0) continue;
    Damaged(series_files_[f]->path(), absl::DataLossError(StrCat(num_damaged, " damaged slabs")));
  }
  if (damaged_state_ > 0) {
    Damaged(state_file_->path(),
            absl::DataLossError(StrCat(damaged_state_.load(), " damaged slabs")));
  }
  SettleProgress();
  StartIndex();
  return result_;
}

void Head::CheckpointLoader::Damaged(const std::string& path, const absl::Status& status) {
  log::Error("a file of the checkpoint is damaged", {{"file", path}, {"err", status.ToString()}});
  result_.damaged.push_back(path);
  if (absl::IsNotFound(status) || damaged_directory_.empty()) return;
  const std::string name = std::filesystem::path(path).filename().string();
  KeepDamagedFile(path, damaged_directory_, StrCat("checkpoint-", name));
}

absl::StatusOr<CheckpointFiles> Head::CheckpointLoader::FindFiles() {
  const std::string path = CheckpointManifestPath(directory_);
  absl::StatusOr<CheckpointFiles> files;
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (absl::IsPermissionDenied(text.status())) return text.status();
  if (absl::IsNotFound(text.status())) return FilesWithoutManifest(/*manifest_damaged=*/false);
  files = text.ok() ? DecodeCheckpointManifest(*text) : text.status();
  if (files.ok() || absl::IsFailedPrecondition(files.status())) return files;
  Damaged(path, files.status());
  return FilesWithoutManifest(/*manifest_damaged=*/true);
}

// Each file says which others belong to it: goes by the newest that can be read, one of state where
// there is one.
CheckpointFiles Head::CheckpointLoader::FilesWithoutManifest(bool manifest_damaged) {
  const CheckpointListing listing = ListCheckpointFiles(directory_);
  std::vector<std::string> paths;
  for (size_t i = listing.state.size(); i > 0; --i) {
    paths.push_back(StrCat(directory_, "/", StateFileName(listing.state[i - 1])));
  }
  for (size_t i = listing.series.size(); i > 0; --i) {
    paths.push_back(StrCat(directory_, "/", SeriesFileName(listing.series[i - 1])));
  }
  for (const std::string& path : paths) {
    const absl::StatusOr<std::unique_ptr<CheckpointFile>> file = OpenFile(path);
    if (file.ok()) return (*file)->summary().files;
    // Without a manifest it may be one that was being written.
    if (manifest_damaged) Damaged(path, file.status());
  }
  return CheckpointFiles();
}

absl::StatusOr<std::unique_ptr<CheckpointFile>> Head::CheckpointLoader::OpenFile(
    const std::string& path) {
  ASSIGN_OR_RETURN(std::unique_ptr<CheckpointFile> file, CheckpointFile::Open(path));
  std::error_code error;
  const uint64_t file_bytes = std::filesystem::file_size(path, error);
  if (!error && file->summary().num_series <= kPlausibleCount + file_bytes) return file;
  return absl::DataLossError(StrCat("claims to have more series than it can hold: ", path));
}

absl::Status Head::CheckpointLoader::OpenFiles() {
  const auto open =
      [&](const std::string& name) -> absl::StatusOr<std::unique_ptr<CheckpointFile>> {
    const std::string path = StrCat(directory_, "/", name);
    absl::StatusOr<std::unique_ptr<CheckpointFile>> file = OpenFile(path);
    if (absl::IsFailedPrecondition(file.status())) return file.status();
    if (!file.ok()) {
      const bool listed = std::count(result_.damaged.begin(), result_.damaged.end(), path) > 0;
      if (!listed) Damaged(path, file.status());
      return nullptr;
    }
    num_series_ = std::max(num_series_, (*file)->summary().num_series);
    has_histograms_ |= (*file)->summary().has_histograms;
    newest_ = std::max(newest_, (*file)->summary().newest);
    return file;
  };
  for (const uint64_t number : files_.series) {
    ASSIGN_OR_RETURN(std::unique_ptr<CheckpointFile> file, open(SeriesFileName(number)));
    if (file != nullptr) series_files_.push_back(std::move(file));
  }
  if (files_.state != 0) {
    ASSIGN_OR_RETURN(state_file_, open(StateFileName(files_.state)));
  }
  return absl::OkStatus();
}

void Head::CheckpointLoader::LoadSeries() {
  for (size_t f = 0; f < series_files_.size(); ++f) {
    damaged_series_[f] = LoadSeriesOf(*series_files_[f]);
  }
}

std::vector<Head::CheckpointLoader::Pair> Head::CheckpointLoader::LoadPairs(
    const CheckpointFile& file, uint64_t* num_damaged) {
  std::error_code error;
  const uint64_t max_pairs = kPlausibleCount + std::filesystem::file_size(file.path(), error);
  std::vector<Pair> pairs;
  const auto load = [&](CheckpointSection section) {
    return file.ForEach(section, [&](uint32_t, std::string_view slab) {
      return PairSlab::Decode(slab, [&](uint32_t number, const LabelView& pair) {
        if (number >= max_pairs || pair.value.empty()) return;
        if (number >= pairs.size()) pairs.resize(number + 1);
        if (pairs[number].name_rank != kUnknown) return;
        pairs[number] = {head_.symbols_.Intern(pair), 0};
      });
    });
  };
  // What is missing from both stays unknown, and so do the series that have it.
  *num_damaged = load(CheckpointSection::kPairs);
  if (*num_damaged > 0) *num_damaged += load(CheckpointSection::kPairsAgain);
  std::vector<SymbolTable::NameId> names(head_.symbols_.num_names());
  std::vector<uint32_t> ranks(names.size());
  for (uint32_t i = 0; i < names.size(); ++i) names[i] = i;
  std::sort(names.begin(), names.end(), [&](SymbolTable::NameId a, SymbolTable::NameId b) {
    return head_.symbols_.name(a) < head_.symbols_.name(b);
  });
  for (uint32_t i = 0; i < names.size(); ++i) ranks[names[i]] = i;
  for (Pair& pair : pairs) {
    if (pair.name_rank != kUnknown) pair.name_rank = ranks[head_.symbols_.name_of(pair.id)];
  }
  return pairs;
}

uint64_t Head::CheckpointLoader::LoadSeriesOf(const CheckpointFile& file) {
  uint64_t num_damaged = 0;
  const std::vector<Pair> pairs = LoadPairs(file, &num_damaged);
  num_damaged += file.ForEach(CheckpointSection::kSeries, [&](uint32_t, std::string_view slab) {
    ASSIGN_OR_RETURN(const SeriesSlab::View view, SeriesSlab::Decode(slab));
    size_t first_label = 0, num_bad = 0;
    for (size_t entry = 0; entry < view.numbers.size(); ++entry) {
      if (!AddSeries(view, entry, first_label, pairs)) ++num_bad;
      first_label += view.num_labels[entry];
    }
    if (num_bad == 0) return absl::OkStatus();
    return absl::DataLossError(StrCat(num_bad, " series cannot be right or miss labels"));
  });
  for (const Pair& pair : pairs) {
    if (pair.name_rank != kUnknown) head_.symbols_.Release(pair.id);
  }
  head_.lookup_.AddLoaded(hashed_);
  std::vector<SeriesLookup::HashedSeries>().swap(hashed_);
  return num_damaged;
}

bool Head::CheckpointLoader::AddSeries(const SeriesSlab::View& view, size_t entry,
                                       size_t first_label, const std::vector<Pair>& pairs) {
  const uint32_t number = view.numbers[entry], num_labels = view.num_labels[entry];
  if (number >= num_series_ || num_labels > kMaxLabelsPerSeries) return false;
  if (view.generations[entry] > kMaxGeneration) return false;
  Series& series = head_.arena_.series(number);
  if (series.num_labels > 0) return false;
  series.generation.store(view.generations[entry], std::memory_order_relaxed);
  if (num_labels == 0) return true;
  labels_.clear();
  int64_t last_rank = -1;
  for (size_t label = first_label; label < first_label + num_labels; ++label) {
    const uint32_t pair_number = view.labels[label];
    if (pair_number >= pairs.size()) return false;
    const Pair pair = pairs[pair_number];
    if (pair.name_rank == kUnknown || pair.name_rank <= last_rank) return false;
    last_rank = pair.name_rank;
    labels_.push_back(pair.id);
  }
  head_.arena_.SetLabels(number, labels_, head_.symbols_);
  hashed_.push_back({view.hashes[entry], number});
  ++result_.num_series;
  return true;
}

void Head::CheckpointLoader::LoadChunks() {
  for (size_t f = 0; f < series_files_.size(); ++f) {
    damaged_chunks_[f] =
        series_files_[f]->ForEach(CheckpointSection::kChunks,
                                  [&](uint32_t, std::string_view slab) { return AddChunks(slab); });
  }
}

void Head::CheckpointLoader::LoadState() {
  if (state_file_ == nullptr) return;
  const uint32_t end = state_file_->slabs_end(CheckpointSection::kState);
  const auto add = [&](uint32_t slab, std::string_view bytes) { return AddState(slab, bytes); };
  for (uint32_t first; (first = next_state_slab_.fetch_add(kSlabsAtOnce)) < end;) {
    damaged_state_ +=
        state_file_->ForEach(CheckpointSection::kState, first, first + kSlabsAtOnce, add);
  }
}

absl::Status Head::CheckpointLoader::AddChunks(std::string_view slab) {
  ASSIGN_OR_RETURN(ChunkSlab::View view, ChunkSlab::Decode(slab));
  size_t num_bad = 0;
  for (size_t i = 0; i < view.numbers.size(); ++i) {
    const std::string_view bytes = view.bytes.substr(0, view.sizes[i]);
    view.bytes.remove_prefix(bytes.size());
    const absl::StatusOr<ChunkHeader> header = ReadChunkHeader(bytes);
    if (view.numbers[i] >= num_series_ || !header.ok() || header->num_samples == 0 ||
        header->min_time > header->max_time) {
      ++num_bad;
      continue;
    }
    ChunkChain& sealed = head_.arena_.chunks(view.numbers[i]).sealed;
    if (!sealed.empty() && sealed.newest().range().max >= header->min_time) {
      ++num_bad;
      continue;
    }
    head_.sealed_.Append({header->min_time, header->max_time}, header->num_samples, bytes, sealed);
    head_.checkpoint_.sealed_end[view.numbers[i]] += header->num_samples;
  }
  if (num_bad == 0) return absl::OkStatus();
  return absl::DataLossError(StrCat(num_bad, " chunks cannot be right"));
}

absl::Status Head::CheckpointLoader::AddState(uint32_t slab, std::string_view bytes) {
  ASSIGN_OR_RETURN(StateSlab::View view, StateSlab::Decode(bytes));
  for (size_t entry = 0; entry < view.numbers.size(); ++entry) {
    const uint32_t number = view.numbers[entry];
    if (number >= num_series_) return absl::DataLossError("a series beyond the last one");
    if (number / StateSlab::kSeries != slab) return absl::DataLossError("a series of another slab");
    if (view.images.empty()) return absl::DataLossError("fewer bytes than the slab has");
    const char parts = view.images.front();
    view.images.remove_prefix(1);
    if ((parts & ~StateSlab::kKnownParts) != 0) return absl::DataLossError("unknown parts");
    ASSIGN_OR_RETURN(OpenChunk open, OpenChunk::Load(view.images));
    std::unique_ptr<OutOfOrder> out_of_order;
    if ((parts & StateSlab::kOutOfOrder) != 0) {
      ASSIGN_OR_RETURN(OutOfOrder loaded, OutOfOrder::Load(view.images));
      if (!loaded.empty()) out_of_order = std::make_unique<OutOfOrder>(std::move(loaded));
    }
    if ((parts & StateSlab::kDeletions) != 0) {
      ASSIGN_OR_RETURN(IntervalSet deleted, LoadDeletions(view.images));
      absl::MutexLock lock(&rare_mu_);
      head_.deleted_[number] = std::make_shared<const IntervalSet>(std::move(deleted));
    }
    Series& series = head_.arena_.series(number);
    if ((parts & StateSlab::kHistograms) != 0) {
      ASSIGN_OR_RETURN(OpenHistograms loaded, OpenHistograms::Load(view.images));
      absl::MutexLock lock(&rare_mu_);
      head_.open_histograms_[number] = std::make_unique<OpenHistograms>(std::move(loaded));
      series.ends_in_histogram = true;
      open = OpenChunk();  // or else not both
    }
    series.admitted_time = view.admitted_times[entry];
    series.admitted_bits = view.admitted_bits[entry];
    series.admitted_histogram = (parts & StateSlab::kAdmittedHistogram) != 0;
    series.last_time = view.last_times[entry];
    head_.arena_.chunks(number).open = std::move(open);
    series.out_of_order = std::move(out_of_order);
    head_.checkpointed_.Add(number, view.covers);
  }
  if (view.images.empty()) return absl::OkStatus();
  return absl::DataLossError("more bytes than the slab has");
}

void Head::CheckpointLoader::Settle() {
  head_.admitted_max_ = newest_;
  head_.has_histograms_ = has_histograms_;
  for (uint32_t i = 0; i < num_series_; ++i) {
    Series& series = head_.arena_.series(i);
    if (series.num_labels > 0) {
      series.is_journaled = true;
      SettleSamples(i);
      continue;
    }
    // Samples whose series is lost.
    head_.sealed_.Truncate(0, head_.arena_.chunks(i).sealed);
    head_.checkpoint_.sealed_end[i] = 0;
    head_.arena_.chunks(i) = SeriesChunks();
    series.out_of_order.reset();
    head_.deleted_.erase(i);
    head_.ForgetOpenHistograms(i);
    series.admitted_time = series.last_time = kMinTimestamp;
    series.admitted_bits = 0;
    series.admitted_histogram = false;
  }
  const HeadStats& stats = head_.stats_;
  result_.num_chunks = stats.num_chunks;
  result_.num_samples = stats.num_samples;
  head_.metrics_.series_created.Increment(static_cast<double>(result_.num_series));
}

// The open histograms of a series, null where there are none: those that overlap what is sealed are
// dropped. Only where files do not belong together.
const OpenHistograms* Head::CheckpointLoader::SettleHistograms(uint32_t i) {
  const ChunkChain& sealed = head_.arena_.chunks(i).sealed;
  const OpenHistograms* const open = head_.FindOpenHistograms(i);
  if (open == nullptr || open->empty()) return nullptr;
  const bool overlaps = !sealed.empty() && open->first_timestamp() <= sealed.newest().range().max;
  if (!overlaps) return open;
  head_.ForgetOpenHistograms(i);
  return nullptr;
}

void Head::CheckpointLoader::SettleSamples(uint32_t i) {
  Series& series = head_.arena_.series(i);
  SeriesChunks& chunks = head_.arena_.chunks(i);
  OpenChunk& open = chunks.open;
  HeadStats& stats = head_.stats_;
  const bool overlaps = !open.empty() && !chunks.sealed.empty() &&
                        open.first_timestamp() <= chunks.sealed.newest().range().max;
  if (overlaps || open.full()) {
    // Only where files do not belong together.
    if (!overlaps) {
      head_.sealed_.Append({open.first_timestamp(), open.last_timestamp()},
                           static_cast<uint32_t>(open.size()), open.Seal(), chunks.sealed);
    }
    open = OpenChunk();
  }
  const OpenHistograms* const histograms = SettleHistograms(i);
  TimestampMs oldest = kMaxTimestamp;  // that is sealed
  for (const ArenaChunk chunk : chunks.sealed) {
    series.num_samples += chunk.count();
    oldest = chunk.range().min;
  }
  series.num_samples += static_cast<uint32_t>(open.size());
  size_t num_chunks = chunks.sealed.size() + (open.empty() ? 0 : 1);
  if (!open.empty()) {
    series.min_time = open.first_timestamp();
    series.last_time = std::max(series.last_time, open.last_timestamp());
  }
  if (histograms != nullptr) {
    series.num_samples += static_cast<uint32_t>(histograms->size());
    ++num_chunks;
    series.min_time = histograms->first_timestamp();
    series.last_time = std::max(series.last_time, histograms->last_timestamp());
  }
  size_t num_samples = series.num_samples;
  if (!chunks.sealed.empty()) {
    series.min_time = oldest;
    series.last_time = std::max(series.last_time, chunks.sealed.newest().range().max);
  }
  if (series.admitted_time < series.last_time) {
    series.admitted_time = series.last_time;
    const SampleIdentity newest = histograms != nullptr ? IdentityOf(histograms->newest().view())
                                  : open.empty()        ? SampleIdentity()
                                                        : IdentityOf(open.last_value());
    series.admitted_bits = newest.bits;
    series.admitted_histogram = newest.is_histogram;
  }
  head_.admitted_max_ = std::max(head_.admitted_max_, series.admitted_time);
  TimestampMs max_time = num_samples > 0 ? series.last_time : kMinTimestamp;
  if (series.out_of_order != nullptr) {
    series.min_time = std::min(series.min_time, series.out_of_order->min_time());
    num_samples += series.out_of_order->num_samples();
    num_chunks += series.out_of_order->num_chunks();
  }
  if (num_samples == 0) {
    head_.deleted_.erase(i);
    head_.ForgetOpenHistograms(i);
    return;
  }
  series.is_indexed = true;
  indexed_.push_back(i);
  ++stats.num_series;
  stats.num_chunks += num_chunks;
  stats.num_samples += num_samples;
  stats.range.min = std::min(stats.range.min, series.min_time);
  stats.range.max = std::max(stats.range.max, max_time);
}

void Head::CheckpointLoader::SettleProgress() {
  result_.num_places = num_series_;
  result_.covers = files_.covers;
  // A batch that is in it already changes nothing, so what the journal still has may be tried.
  result_.replay_from = result_.damaged.empty() ? files_.covers : 1;
  CheckpointProgress& progress = head_.checkpoint_;
  progress.files = files_;
  const CheckpointListing listing = ListCheckpointFiles(directory_);
  for (const std::vector<uint64_t>* numbers : {&listing.series, &listing.state}) {
    if (!numbers->empty()) progress.next_file = std::max(progress.next_file, numbers->back() + 1);
  }
  if (!result_.damaged.empty()) head_.checkpointed_ = CheckpointedSeries();
  progress.needs_full = !result_.damaged.empty() || series_files_.empty();
  progress.has_series.resize(num_series_);
  for (uint32_t i = 0; i < num_series_; ++i) {
    progress.has_series[i] = head_.arena_.series(i).num_labels > 0;
  }
  if (!damaged_directory_.empty()) RemoveOtherCheckpointFiles(directory_, files_);
}

void Head::CheckpointLoader::StartIndex() {
  if (indexed_.empty()) return;
  head_.index_builder_ = std::make_unique<IndexBuilder>(std::move(indexed_), head_.arena_,
                                                        head_.symbols_, head_.index_);
}

absl::StatusOr<LoadedCheckpoint> Head::LoadCheckpoint(const std::string& directory,
                                                      const std::string& damaged_directory) {
  return CheckpointLoader(*this, directory, damaged_directory).Load();
}

}  // namespace tidemark::tsdb
