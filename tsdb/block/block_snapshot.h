#pragma once

#include <string>

#include "absl/status/status.h"

#include "tsdb/block/block_set.h"

namespace tidemark::tsdb {

// Makes `directory`/blocks, with a copy of each block in it that shares its files: all are
// hard-linked but the tombstones, which change, so `directory` is on the same file system. What is
// made is fsynced. The caller sees to it that nothing is deleted from the blocks meanwhile, and
// removes `directory` after an error.
//   ResourceExhausted  the disk is full
//   Unavailable, Internal, PermissionDenied  anything else; the message names the file
absl::Status SnapshotBlocks(const BlockList& blocks, const std::string& directory);

}  // namespace tidemark::tsdb
