#include "cmd/tidectl/tsdb_text.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/str_format.h"
#include "absl/time/time.h"

#include "base/strings.h"

namespace tidemark::tidectl {
namespace {

// Bytes that a viewer shows as one column.
size_t Width(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

}  // namespace

std::string GoTime(TimestampMs timestamp) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S +0000 UTC", absl::FromUnixMillis(timestamp),
                          absl::UTCTimeZone());
}

std::string GoByteSize(uint64_t bytes) {
  constexpr std::string_view kUnits[] = {"EiB", "PiB", "TiB", "GiB", "MiB", "KiB"};
  std::string text;
  int shift = 60;
  for (const std::string_view unit : kUnits) {
    if (const uint64_t count = bytes >> shift; count != 0) StrAppend(&text, count, unit);
    bytes &= (uint64_t{1} << shift) - 1;
    shift -= 10;
  }
  if (bytes != 0 || text.empty()) StrAppend(&text, bytes, "B");
  return text;
}

std::string FormatTable(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const std::vector<std::string>& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  std::string text;
  for (const std::vector<std::string>& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      if (i + 1 < row.size()) text.append(widths[i] + 2 - Width(row[i]), ' ');
    }
    text += '\n';
  }
  return text;
}

}  // namespace tidemark::tidectl
