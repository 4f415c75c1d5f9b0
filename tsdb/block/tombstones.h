#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "tsdb/block/interval_set.h"

namespace tidemark::tsdb {

// What has been deleted of a block: series number -> times.
using Tombstones = std::map<uint32_t, IntervalSet>;

// The bytes of the file `tombstones`: versioned, checksummed; docs/storage-format.md.
std::string EncodeTombstones(const Tombstones& tombstones);
//   DataLoss             the checksum fails, or the bytes cannot be tombstones
//   FailedPrecondition   a newer version wrote them
absl::StatusOr<Tombstones> DecodeTombstones(std::string_view bytes);

}  // namespace tidemark::tsdb
