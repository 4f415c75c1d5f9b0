#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "tsdb/kv/kv_store.h"

// What KvStore::Open does about files that are damaged or missing. RocksDB's own answers lose data:
// without CURRENT it begins anew and deletes what it does not know, a manifest that was cut short
// makes it delete the tables named behind the cut, its repair drops a table for one bad block and
// the logs of families that have no table. All of this reads the store's files one by one instead.
// Nobody has the store open meanwhile.
namespace tidemark::tsdb {

// Looks at CURRENT, the manifest and all tables, through a second directory of links, so that
// RocksDB changes nothing. Ok where there is no store yet. Cost: reads each table.
// Gives the tables that the manifest does not name: left by a crash, or the manifest lacks its end.
//   DataLoss    the store cannot be opened as it is; the message says why
//   others      it cannot be looked at
absl::StatusOr<std::vector<std::string>> FindUnnamedTables(const KvStore::Options& options);

// Makes a store of all that can be read in the files of the one at `options.path`, puts it in its
// place and sets the old directory aside as it was. Adds to `report`. A crash leaves the old store
// or the new one, once FinishRebuild was called.
absl::Status RebuildStore(const KvStore::Options& options, KvStore::OpenReport& report);
// Brings a replacement to its end that was cut short.
absl::Status FinishRebuild(const KvStore::Options& options);

// Moves tables out of the way of RocksDB, which would delete them.
absl::Status MoveOut(const std::vector<std::string>& tables, const KvStore::Options& options);
// Tables that were moved out, now or before a crash: puts into `store` those of their keys that it
// lacks, and sets the table aside if there were any; the others hold nothing new and are removed.
absl::Status RestoreMovedOut(const KvStore::Options& options, KvStore& store,
                             KvStore::OpenReport& report);

}  // namespace tidemark::tsdb
