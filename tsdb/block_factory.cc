#include "tsdb/block_factory.h"

#include <filesystem>
#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/data_directory.h"
#include "tsdb/storage_format.h"

namespace tidemark::tsdb {
namespace {

class CountingWriter : public BlockWriter {
 public:
  explicit CountingWriter(BlockMeta meta) : meta_(std::move(meta)) {}

  absl::Status Add(const LabelSet& /*labels*/, const SampleColumns& samples) override {
    if (!samples.has_samples()) return absl::OkStatus();
    ++meta_.stats.num_series;
    meta_.stats.num_samples += samples.num_samples();
    return absl::OkStatus();
  }
  absl::StatusOr<BlockMeta> Finish() override { return meta_; }

 private:
  BlockMeta meta_;
};

BlockMeta MetaOf(TimestampMs min_time, TimestampMs max_time) {
  BlockMeta meta;
  meta.min_time = min_time;
  meta.max_time = max_time;
  return meta;
}

absl::Status PrepareDataDirectory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(StrCat(path, "/", kBlocksDirectory), error);
  if (error) return absl::UnavailableError(StrCat("create ", path, ": ", error.message()));
  const absl::Status format = CheckFormat(path);
  return absl::IsNotFound(format) ? MakeDirectoryFiles(path) : format;
}

}  // namespace

absl::StatusOr<BlockFactory> NewBlocksIn(const std::string& path, Clock& clock) {
  RETURN_IF_ERROR(PrepareDataDirectory(path));
  return [blocks = StrCat(path, "/", kBlocksDirectory), &clock](TimestampMs min_time,
                                                                TimestampMs max_time) {
    BlockMeta meta = MetaOf(min_time, max_time);
    meta.ulid = NewUlid(clock.Now());
    return BlockWriter::Create(blocks, std::move(meta));
  };
}

BlockFactory NewBlocksNowhere() {
  return [](TimestampMs min_time, TimestampMs max_time) {
    return std::make_unique<CountingWriter>(MetaOf(min_time, max_time));
  };
}

}  // namespace tidemark::tsdb
