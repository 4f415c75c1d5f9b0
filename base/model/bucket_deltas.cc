#include "base/model/bucket_deltas.h"

#include <string_view>

#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark {
namespace {

absl::Status CheckSide(std::string_view side, const std::vector<uint64_t>& counts) {
  for (size_t i = 0; i < counts.size(); ++i) {
    const auto count = static_cast<int64_t>(counts[i]);
    if (count >= 0) continue;
    return absl::InvalidArgumentError(
        StrCat(side, " side: bucket number ", i + 1, " has observation count of ", count,
               ": histogram has a bucket whose observation count is negative"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckSummedDeltas(const std::vector<uint64_t>& positive,
                               const std::vector<uint64_t>& negative) {
  RETURN_IF_ERROR(CheckSide("negative", negative));
  return CheckSide("positive", positive);
}

}  // namespace tidemark
