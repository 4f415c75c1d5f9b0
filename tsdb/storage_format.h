#pragma once

#include <string_view>

namespace tidemark::tsdb {

// What is in a data directory: docs/storage-format.md.
inline constexpr std::string_view kLockFile = "lock", kFormatFile = "format", kCutFile = "cut",
                                  kJournalEndFile = "journal-end", kExemplarsFile = "exemplars",
                                  kHeadDirectory = "head", kCheckpointDirectory = "checkpoint",
                                  kBlocksDirectory = "blocks", kSnapshotsDirectory = "snapshots",
                                  kDamagedDirectory = "damaged";
// What `format` says today.
inline constexpr std::string_view kFormatLine = "tidemark storage 1\n";
// The family of the database in `head` that is the journal.
inline constexpr std::string_view kJournalFamilyName = "journal";

}  // namespace tidemark::tsdb
