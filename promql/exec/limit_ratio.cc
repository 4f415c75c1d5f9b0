#include "promql/exec/limit_ratio.h"

#include <algorithm>
#include <cmath>

#include "base/model/float_format.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::promql {
namespace {

// Where a series stands in [0, 1). 53 bits of the hash are a double without rounding up to 1.
double PlaceOf(const LabelSet& labels) {
  return static_cast<double>(labels.StableHash() >> 11) * 0x1p-53;
}

bool Chooses(double ratio, double place) { return ratio >= 0 ? place < ratio : place >= 1 + ratio; }

}  // namespace

absl::Status LimitRatio::ReadRatios(QueryContext& query) {
  ASSIGN_OR_RETURN(ratios_, ReadScalar(query, *ratio_));
  if (std::any_of(ratios_->begin(), ratios_->end(), [](double r) { return std::isnan(r); })) {
    return LeftmostError(query, *input_, absl::FailedPreconditionError("Ratio value is NaN"));
  }
  const auto [least, greatest] = std::minmax_element(ratios_->begin(), ratios_->end());
  if (*greatest > 1) WarnOfRatio(query, *greatest, 1);
  if (*least < -1) WarnOfRatio(query, *least, -1);
  for (double& ratio : *ratios_) ratio = std::clamp(ratio, -1.0, 1.0);
  return absl::OkStatus();
}

void LimitRatio::WarnOfRatio(QueryContext& query, double ratio, double capped) const {
  query.Warn(StrCat("ratio value should be between -1 and 1, got ", FormatFloatG(ratio),
                    ", capping to ", FormatFloatG(capped)),
             ratio_source_);
}

absl::StatusOr<bool> LimitRatio::Next(QueryContext& query, ColumnBatch& out) {
  if (!ratios_) RETURN_IF_ERROR(ReadRatios(query));
  ASSIGN_OR_RETURN(const bool more, input_->Next(query, out));
  if (!more) return false;
  for (size_t i = 0; i < out.size(); ++i) {
    const double place = PlaceOf(out.header(i).labels);
    const StepRow row = out.row(i);
    row.ForEach([&](size_t step) {
      if (!Chooses((*ratios_)[step], place)) row.Clear(step);
    });
  }
  return true;
}

}  // namespace tidemark::promql
