#include "tsdb/block/block_files.h"

#include <utility>

#include "base/io/file.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/block/block_reader.h"

namespace tidemark::tsdb {
namespace {

template <typename T>
absl::StatusOr<T> Name(absl::StatusOr<T> result, const std::string& path) {
  if (result.ok()) return result;
  return absl::Status(result.status().code(), StrCat(path, ": ", ToStd(result.status().message())));
}

// Files of different blocks, or of which one was written anew, do not go together.
absl::Status CheckSameBlock(const BlockFiles& files) {
  const BlockMeta& meta = files.meta;
  const ChunksFront& front = files.chunks->front();
  if (front.ulid != meta.ulid || front.range != meta.range() ||
      front.num_series != meta.stats.num_series || front.num_chunks != meta.stats.num_chunks ||
      front.num_samples != meta.stats.num_samples) {
    return absl::DataLossError(StrCat(files.Path(kChunksFile), ": not the block of meta.json"));
  }
  if (files.index->num_series() != meta.stats.num_series) {
    return absl::DataLossError(StrCat(files.Path(kIndexFile), ": not the series of meta.json"));
  }
  return absl::OkStatus();
}

}  // namespace

std::string BlockFiles::Path(std::string_view file) const { return StrCat(directory, "/", file); }

absl::StatusOr<BlockMeta> ReadMeta(const std::string& directory) {
  const std::string path = StrCat(directory, "/", kMetaFile);
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  return Name(ParseBlockMeta(text), path);
}

absl::StatusOr<Tombstones> ReadTombstones(const std::string& directory, const BlockMeta& meta) {
  const std::string path = StrCat(directory, "/", kTombstonesFile);
  ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  ASSIGN_OR_RETURN(Tombstones tombstones, Name(DecodeTombstones(bytes), path));
  if (!tombstones.empty() && tombstones.rbegin()->first >= meta.stats.num_series) {
    return absl::DataLossError(StrCat(path, ": not of this block, which has fewer series"));
  }
  return tombstones;
}

absl::StatusOr<std::unique_ptr<BlockFiles>> OpenBlockFiles(const std::string& directory,
                                                           std::shared_ptr<BlockCache> cache) {
  auto files = std::make_unique<BlockFiles>();
  files->directory = directory;
  ASSIGN_OR_RETURN(files->meta, ReadMeta(directory));
  ASSIGN_OR_RETURN(files->index, IndexReader::Open(files->Path(kIndexFile), cache));
  ASSIGN_OR_RETURN(files->chunks, ChunksReader::Open(files->Path(kChunksFile), cache));
  RETURN_IF_ERROR(CheckSameBlock(*files));
  return files;
}

}  // namespace tidemark::tsdb
