#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/io/hash.h"
#include "base/model/timestamp.h"
#include "tsdb/kv/sst_reader.h"
#include "tsdb/kv/sst_writer.h"

// The timestamps of a block's chunks, each distinct column once: all series of a scrape share
// theirs, wherever in the block they stand. Columns are numbered as they come and packed in pages
// of the chunks file. Layout and key: docs/storage-format.md.
namespace tidemark::tsdb {

// What a column says about itself without being decoded.
struct TimeColumnHead {
  TimeRange range;     // of its first and last timestamp
  uint32_t count = 0;  // at least 1
  friend bool operator==(const TimeColumnHead&, const TimeColumnHead&) = default;
};

// Appends one column, ascending and not empty. Times are counted from `base`, which is to be given
// again for reading.
void AppendTimeColumn(std::span<const TimestampMs> times, TimestampMs base, std::string* out);
// Drops the front of a column from `bytes`, so that ConsumeTimes can read on.
//   DataLoss  not the front of one
struct TimeColumnFront {
  TimeColumnHead head;
  uint8_t layout = 0;
};
absl::StatusOr<TimeColumnFront> ConsumeTimeColumnFront(std::string_view& bytes, TimestampMs base);
//   DataLoss  damaged; `times` then holds anything
absl::Status ConsumeTimes(const TimeColumnFront& front, std::string_view& bytes,
                          std::vector<TimestampMs>* times);

// Collects the columns of a block in memory, compressed, up to a limit. One thread.
class TimeColumnsWriter {
 public:
  static constexpr uint32_t kNoColumn = 0xffffffff;

  TimeColumnsWriter(TimestampMs base, size_t max_bytes) : base_(base), max_bytes_(max_bytes) {}

  // The number of the column that holds just these; kNoColumn where it would be a new one and the
  // limit is reached. Cost: a hash over `times`, unless they are new.
  uint32_t Add(std::span<const TimestampMs> times);
  uint32_t num_columns() const { return num_columns_; }
  // Their keys come after those of all bundles.
  absl::Status WriteTo(SstWriter& file);
  size_t bytes() const { return bytes_; }  // of all pages

 private:
  struct Page {
    uint32_t first = 0;  // number
    std::vector<uint32_t> sizes;
    std::string columns;
  };
  const TimestampMs base_;
  const size_t max_bytes_;
  absl::flat_hash_map<Hash128, uint32_t> numbers_;
  std::vector<Page> pages_;
  uint32_t num_columns_ = 0;
  size_t bytes_ = 0;
};

// Reads columns by number and keeps what it decoded last, about 2 MiB. One thread; `file` outlives
// it.
class TimeColumnsReader {
 public:
  TimeColumnsReader(const SstReader& file, TimestampMs base, uint32_t num_columns)
      : file_(file), base_(base), num_columns_(num_columns) {}

  // Valid until the next call.  DataLoss  no such column, or a damaged one
  absl::StatusOr<const TimeColumnHead*> Head(uint32_t number);
  absl::StatusOr<std::span<const TimestampMs>> Times(uint32_t number);

 private:
  struct Column {
    TimeColumnFront front;
    size_t begin = 0, end = 0;  // of what follows the front, in the page
    std::vector<TimestampMs> times;
  };
  struct Page {
    uint32_t first = 0;
    std::string bytes;
    std::vector<Column> columns;
    bool Has(uint32_t number) const { return number >= first && number - first < columns.size(); }
  };

  absl::StatusOr<Column*> Find(uint32_t number, Page** page);
  absl::StatusOr<Page*> Load(uint32_t number);
  absl::Status Parse(std::string_view value, Page* page) const;

  const SstReader& file_;
  const TimestampMs base_;
  const uint32_t num_columns_;
  std::unique_ptr<KvIterator> iterator_;
  std::map<uint32_t, Page> pages_;  // by first
  Page* latest_ = nullptr;
  size_t held_bytes_ = 0;
};

}  // namespace tidemark::tsdb
