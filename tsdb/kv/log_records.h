#pragma once

#include <functional>
#include <string_view>

#include "absl/status/status.h"

namespace tidemark::tsdb {

// Visits the records of a log of RocksDB in order, but for those that are damaged and what is
// behind damage in its block: RocksDB 7.8 itself opens no log in which the last part of a long
// record is damaged. Ends with the first error of `visit`. Memory: the longest record. Layout:
// blocks of 32 KiB, in them fragments with a checksum, the length, and which part of a record it
// is.
absl::Status VisitLogRecords(std::string_view log,
                             const std::function<absl::Status(std::string_view record)>& visit);

}  // namespace tidemark::tsdb
