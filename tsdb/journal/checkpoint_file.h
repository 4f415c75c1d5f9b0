#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/model/timestamp.h"
#include "tsdb/kv/sst_reader.h"
#include "tsdb/kv/sst_writer.h"

// The files of a checkpoint: SST files of slabs, each slab many series together. Layout:
// docs/storage-format.md.
namespace tidemark::tsdb {

// What a slab is about. Files of series have all but kState, files of state that. The numbers are
// part of the format.
enum class CheckpointSection : uint8_t {
  kPairs = 1,
  kSeries = 2,
  kChunks = 3,
  kState = 4,
  kPairsAgain = 5,  // there are few, and all series need some of them
};
inline constexpr size_t kNumCheckpointSections = 6;  // by number

// Which files make up a checkpoint: some of series, the first one whole and each other with what
// came after those before it, and one of state, always whole. Files are named by number.
struct CheckpointFiles {
  std::vector<uint64_t> series;
  uint64_t state = 0;   // 0 for none
  uint64_t covers = 1;  // the journal's batches before this one are in them
  friend bool operator==(const CheckpointFiles&, const CheckpointFiles&) = default;
};

std::string SeriesFileName(uint64_t number);
std::string StateFileName(uint64_t number);

// What a file says about itself, so that it is of use without a manifest.
struct CheckpointSummary {
  CheckpointFiles files;               // of the checkpoint that it was written for
  uint32_t num_series = 0;             // places of the arena: each series number is below it
  TimestampMs newest = kMinTimestamp;  // that was admitted to any series
  bool has_histograms = false;         // perhaps: what read floats only does not read the file
  std::array<uint32_t, kNumCheckpointSections> num_slabs{};  // slabs are numbered below it
};

// The file `manifest` of a checkpoint: text, checksummed.
std::string EncodeCheckpointManifest(const CheckpointFiles& files);
//   DataLoss             damaged
//   FailedPrecondition   a newer version wrote it
absl::StatusOr<CheckpointFiles> DecodeCheckpointManifest(std::string_view text);

// Writes one file. One thread. Errors are those of SstWriter.
class CheckpointFileWriter {
 public:
  static absl::StatusOr<std::unique_ptr<CheckpointFileWriter>> Create(const std::string& path);

  // Sections ascend, and the slabs in a section; not every number needs a slab.
  absl::Status Put(CheckpointSection section, uint32_t slab, std::string_view bytes);
  // Adds the summary, whose num_slabs are set to what was put, and fsyncs the file.
  absl::Status Finish(CheckpointSummary summary);
  uint64_t file_bytes() const { return sst_->file_bytes(); }

 private:
  explicit CheckpointFileWriter(std::unique_ptr<SstWriter> sst) : sst_(std::move(sst)) {}

  std::unique_ptr<SstWriter> sst_;
  std::array<uint32_t, kNumCheckpointSections> num_slabs_{};
};

// Reads one file. Thread-safe.
class CheckpointFile {
 public:
  //   NotFound     there is no such file
  //   DataLoss     not a whole file of a checkpoint, or its summary is damaged
  //   FailedPrecondition   a newer version wrote it
  //   Unavailable  it cannot be read
  static absl::StatusOr<std::unique_ptr<CheckpointFile>> Open(const std::string& path);

  const std::string& path() const { return path_; }
  const CheckpointSummary& summary() const { return summary_; }

  using VisitSlab = absl::FunctionRef<absl::Status(uint32_t slab, std::string_view bytes)>;
  // Beyond the numbers of all slabs of a section.
  uint32_t slabs_end(CheckpointSection section) const {
    return summary_.num_slabs[static_cast<size_t>(section)];
  }
  // Hands each slab of a section with a number in [first, end), in order, to `visit`. One that
  // cannot be read, or that `visit` finds damaged, is passed over and logged. Returns how many
  // were.
  uint64_t ForEach(CheckpointSection section, uint32_t first, uint32_t end, VisitSlab visit) const;
  // All of them.
  uint64_t ForEach(CheckpointSection section, VisitSlab visit) const {
    return ForEach(section, 0, slabs_end(section), visit);
  }

 private:
  CheckpointFile(const std::string& path, std::unique_ptr<SstReader> sst)
      : path_(path), sst_(std::move(sst)) {}

  const std::string path_;
  const std::unique_ptr<SstReader> sst_;
  CheckpointSummary summary_;
};

}  // namespace tidemark::tsdb
