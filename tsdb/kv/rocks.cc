#include "tsdb/kv/rocks.h"

#include <rocksdb/iterator.h>
#include <rocksdb/status.h>

#include <utility>

#include "base/strings.h"

namespace tidemark::tsdb {
namespace {

class RocksIterator : public KvIterator {
 public:
  RocksIterator(std::unique_ptr<rocksdb::Iterator> it, std::string path)
      : it_(std::move(it)), path_(std::move(path)) {}

  void Seek(std::string_view key) override { it_->Seek({key.data(), key.size()}); }
  void SeekForPrev(std::string_view key) override { it_->SeekForPrev({key.data(), key.size()}); }
  void SeekToFirst() override { it_->SeekToFirst(); }
  void SeekToLast() override { it_->SeekToLast(); }
  void Next() override { it_->Next(); }
  bool Valid() const override { return it_->Valid(); }
  std::string_view key() const override { return {it_->key().data(), it_->key().size()}; }
  std::string_view value() const override { return {it_->value().data(), it_->value().size()}; }
  absl::Status status() const override { return FromRocks(it_->status(), "cannot read", path_); }

 private:
  std::unique_ptr<rocksdb::Iterator> it_;
  const std::string path_;
};

}  // namespace

absl::Status FromRocks(const rocksdb::Status& s, std::string_view what, std::string_view path) {
  if (s.ok()) return absl::OkStatus();
  const std::string message = StrCat(what, " ", path, ": ", s.ToString());
  if (s.IsNoSpace()) return absl::ResourceExhaustedError(message);
  if (s.IsCorruption()) return absl::DataLossError(message);
  return absl::UnavailableError(message);
}

std::unique_ptr<KvIterator> WrapIterator(std::unique_ptr<rocksdb::Iterator> it, std::string path) {
  return std::make_unique<RocksIterator>(std::move(it), std::move(path));
}

}  // namespace tidemark::tsdb
