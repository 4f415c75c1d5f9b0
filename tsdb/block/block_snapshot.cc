#include "tsdb/block/block_snapshot.h"

#include <filesystem>
#include <system_error>

#include "base/io/file.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::tsdb {
namespace {

namespace fs = std::filesystem;

absl::Status ToStatus(const std::error_code& error, std::string_view what, const fs::path& path) {
  if (!error) return absl::OkStatus();
  const std::string message = StrCat(what, " ", path.string(), ": ", error.message());
  if (error == std::errc::no_space_on_device) return absl::ResourceExhaustedError(message);
  return absl::UnavailableError(message);
}

absl::Status LinkOrCopy(const fs::path& from, const fs::path& to) {
  if (from.filename() == kTombstonesFile) {
    ASSIGN_OR_RETURN(const std::string bytes, ReadFile(from.string()));
    return WriteFileAtomically(to.string(), bytes);
  }
  std::error_code error;
  fs::create_hard_link(from, to, error);
  return ToStatus(error, "link", from);
}

absl::Status SnapshotBlock(const Block& block, const std::string& target) {
  std::error_code error;
  fs::create_directory(target, error);
  RETURN_IF_ERROR(ToStatus(error, "make", target));
  fs::directory_iterator it(block.directory(), error);
  for (; !error && it != fs::directory_iterator(); it.increment(error)) {
    RETURN_IF_ERROR(LinkOrCopy(it->path(), target / it->path().filename()));
  }
  RETURN_IF_ERROR(ToStatus(error, "list", block.directory()));
  return SyncDirectory(target);
}

}  // namespace

absl::Status SnapshotBlocks(const BlockList& blocks, const std::string& directory) {
  const std::string parent = StrCat(directory, "/blocks");
  std::error_code error;
  fs::create_directories(parent, error);
  RETURN_IF_ERROR(ToStatus(error, "make", parent));
  for (const std::shared_ptr<Block>& block : blocks) {
    RETURN_IF_ERROR(SnapshotBlock(*block, StrCat(parent, "/", block->meta().ulid)));
  }
  RETURN_IF_ERROR(SyncDirectory(parent));
  return SyncDirectory(directory);
}

}  // namespace tidemark::tsdb
