#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"

#include "tsdb/kv/kv_store.h"

// What the files of this folder share of RocksDB; for them only.

namespace rocksdb {
class Iterator;
class Status;
struct ColumnFamilyOptions;
struct DBOptions;
}  // namespace rocksdb

namespace tidemark::tsdb {

// "WHAT PATH: reason", with the code that kv_store.h names for it.
absl::Status FromRocks(const rocksdb::Status& s, std::string_view what, std::string_view path);

// `path` is for messages.
std::unique_ptr<KvIterator> WrapIterator(std::unique_ptr<rocksdb::Iterator> it, std::string path);

// The settings of a KvStore and of its families: kv_store.cc.
rocksdb::DBOptions JournalDatabaseOptions();
rocksdb::ColumnFamilyOptions JournalFamilyOptions();

}  // namespace tidemark::tsdb
