#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tidemark::remote {

// A place in the journal: before sample `index` of batch `number`.
struct JournalPlace {
  uint64_t number = 0, index = 0;
  friend auto operator<=>(const JournalPlace&, const JournalPlace&) = default;
};

// How far each shard of a queue has got: what comes before was acknowledged, dropped, or belongs to
// another shard. Their number says which series belongs to which.
using ShardPlaces = std::vector<JournalPlace>;

// A file that remembers it. What was written survives a kill of the process at once, a power cut
// once it was synced. A damaged file is as good as the write before. One thread.
// Layout: docs/storage-format.md.
class SendCursor {
 public:
  static constexpr size_t kMaxShards = 2048;

  // Makes the file where it is absent. Errors are those of ErrnoError.
  static absl::StatusOr<std::unique_ptr<SendCursor>> Open(const std::string& path);
  ~SendCursor();
  SendCursor(const SendCursor&) = delete;
  SendCursor& operator=(const SendCursor&) = delete;

  // What was last written; nullopt in a new file, and in one of which nothing can be read.
  const std::optional<ShardPlaces>& places() const { return places_; }
  // At most kMaxShards of them.
  absl::Status Write(const ShardPlaces& places);
  absl::Status Sync();

 private:
  SendCursor(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  void Read();

  const std::string path_;
  const int fd_;
  uint64_t sequence_ = 0;  // of the last write
  std::optional<ShardPlaces> places_;
  bool has_unsynced_ = false;
};

}  // namespace tidemark::remote
