#include "tsdb/block/block_writer.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/io/file.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/block/block_reader.h"
#include "tsdb/block/chunks_writer.h"
#include "tsdb/block/index_writer.h"

namespace tidemark::tsdb {
namespace {

namespace fs = std::filesystem;

// `status` under the codes that a writer has.
absl::Status WriteError(const absl::Status& status) {
  if (status.ok() || status.code() == absl::StatusCode::kResourceExhausted) return status;
  return absl::UnavailableError(status.message());
}

absl::Status WriteError(std::string_view what, const std::string& path, std::error_code error) {
  const std::string message = StrCat(what, " ", path, ": ", error.message());
  if (error == std::errc::no_space_on_device) return absl::ResourceExhaustedError(message);
  return absl::UnavailableError(message);
}

class DirectoryBlockWriter : public BlockWriter {
 public:
  DirectoryBlockWriter(const std::string& parent, BlockMeta meta)
      : meta_(std::move(meta)),
        parent_(parent),
        place_(StrCat(parent, "/", meta_.ulid)),
        aside_(StrCat(place_, ".tmp")) {
    meta_.stats = {};
    if (meta_.compaction.sources.empty()) meta_.compaction.sources = {meta_.ulid};
  }
  ~DirectoryBlockWriter() override {
    std::error_code ignored;  // what is left is removed when the store is opened
    if (!moved_) fs::remove_all(aside_, ignored);
  }

  absl::Status OpenFiles() {
    std::error_code error;
    fs::remove_all(aside_, error);
    if (!error) fs::create_directories(aside_, error);
    if (error) return WriteError("create", aside_, error);
    ASSIGN_OR_RETURN(index_, IndexWriter::Create(StrCat(aside_, "/", kIndexFile)));
    ASSIGN_OR_RETURN(
        chunks_, ChunksWriter::Create(StrCat(aside_, "/", kChunksFile), meta_.ulid, meta_.range()));
    return absl::OkStatus();
  }

  absl::Status Add(const LabelSet& labels, const SampleColumns& samples) override {
    if (!samples.has_samples()) return absl::OkStatus();
    RETURN_IF_ERROR(index_->Add(labels));
    return chunks_->Add(samples);
  }

  absl::StatusOr<BlockMeta> Finish() override {
    if (chunks_->front().num_series == 0) return meta_;
    RETURN_IF_ERROR(chunks_->Finish());
    RETURN_IF_ERROR(index_->Finish());
    meta_.stats.num_series = chunks_->front().num_series;
    meta_.stats.num_chunks = chunks_->front().num_chunks;
    meta_.stats.num_samples = chunks_->front().num_samples;
    RETURN_IF_ERROR(WriteFile(kTombstonesFile, EncodeTombstones({})));
    RETURN_IF_ERROR(WriteFile(kMetaFile, FormatBlockMeta(meta_)));
    RETURN_IF_ERROR(WriteError(SyncDirectory(aside_)));
    RETURN_IF_ERROR(MoveToItsPlace());
    return meta_;
  }

 private:
  absl::Status WriteFile(std::string_view name, std::string_view bytes) {
    return WriteError(WriteFileAtomically(StrCat(aside_, "/", name), bytes));
  }

  absl::Status MoveToItsPlace() {
    std::error_code error;
    fs::rename(aside_, place_, error);
    if (error) return WriteError("rename", aside_, error);
    moved_ = true;
    return WriteError(SyncDirectory(parent_));
  }

  BlockMeta meta_;
  const std::string parent_, place_, aside_;
  bool moved_ = false;
  std::unique_ptr<IndexWriter> index_;
  std::unique_ptr<ChunksWriter> chunks_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<BlockWriter>> BlockWriter::Create(const std::string& parent,
                                                                 BlockMeta meta) {
  auto writer = std::make_unique<DirectoryBlockWriter>(parent, std::move(meta));
  RETURN_IF_ERROR(writer->OpenFiles());
  return writer;
}

}  // namespace tidemark::tsdb
