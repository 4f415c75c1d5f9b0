#include "cmd/tidectl/scratch_db.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "base/io/file.h"
#include "base/metrics.h"
#include "base/run/clock.h"
#include "base/status_macros.h"
#include "tsdb/db.h"

namespace tidemark::tidectl {
namespace {

// Where $TMPDIR says, else in memory where the system has such a place: nothing here is to survive.
std::filesystem::path Parent() {
  const char* const memory = "/dev/shm";
  if (std::getenv("TMPDIR") == nullptr && access(memory, W_OK) == 0) return memory;
  return std::filesystem::temp_directory_path();
}

class ScratchDirectory {
 public:
  static absl::StatusOr<ScratchDirectory> Create() {
    std::string path = (Parent() / "tidectl-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) return ErrnoError("make", path);
    return ScratchDirectory(std::move(path));
  }
  ScratchDirectory(ScratchDirectory&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchDirectory& operator=(ScratchDirectory&&) = delete;
  ~ScratchDirectory() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  explicit ScratchDirectory(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

// Each uses those above it and is destroyed before them.
struct ScratchDb {
  explicit ScratchDb(ScratchDirectory d) : directory(std::move(d)) {}
  ScratchDirectory directory;
  MetricRegistry metrics;
  std::unique_ptr<tsdb::Db> db;
};

// Everything stays in the head: nothing is too old, too new or retired while a test runs.
tsdb::Options OptionsFor(const std::string& path) {
  constexpr DurationMs kAnyTime = 1000 * 365 * kDay;
  tsdb::Options options;
  options.path = path;
  options.retention = 0;
  options.out_of_order_window = kAnyTime;
  options.max_future = kAnyTime;
  options.min_block_range = options.max_block_range = kAnyTime;
  options.fsync = tsdb::FsyncPolicy::kNever;
  return options;
}

}  // namespace

absl::StatusOr<promql::TestStore> NewScratchDb() {
  ASSIGN_OR_RETURN(ScratchDirectory directory, ScratchDirectory::Create());
  const auto scratch = std::make_shared<ScratchDb>(std::move(directory));
  ASSIGN_OR_RETURN(scratch->db, tsdb::Db::Open(OptionsFor(scratch->directory.path()), Clock::Real(),
                                               scratch->metrics));
  const std::shared_ptr<tsdb::Db> db(scratch, scratch->db.get());
  return promql::TestStore{db, db};
}

}  // namespace tidemark::tidectl
