#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/model/timestamp.h"

// The forms in which Go's library prints what promtool's tables hold.
namespace tidemark::tidectl {

std::string GoTime(TimestampMs timestamp);  // "2026-11-21 06:00:00 +0000 UTC"
std::string GoByteSize(uint64_t bytes);     // "58KiB499B"

// Rows as columns, each as wide as its longest cell and two blanks; the last one as it is.
std::string FormatTable(const std::vector<std::vector<std::string>>& rows);

}  // namespace tidemark::tidectl
