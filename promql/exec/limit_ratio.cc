#include "promql/exec/limit_ratio.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include "base/io/xxhash64.h"
#include "base/model/float_format.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::promql {
namespace {

// As Prometheus keeps labels: strings behind their length, which is a byte, or 255 and three bytes,
// the lowest first.
void AppendSized(std::string_view text, std::string* out) {
  constexpr size_t kLong = 255;
  if (text.size() < kLong) {
    out->push_back(static_cast<char>(text.size()));
  } else {
    out->push_back(static_cast<char>(kLong));
    for (const int shift : {0, 8, 16}) out->push_back(static_cast<char>(text.size() >> shift));
  }
  out->append(text);
}

// Where a series stands in [0, 1], the same as in Prometheus.
double PlaceOf(const LabelSet& labels, std::string& buffer) {
  buffer.clear();
  for (const LabelView& label : labels) {
    AppendSized(label.name, &buffer);
    AppendSized(label.value, &buffer);
  }
  return static_cast<double>(XxHash64(buffer)) / 0x1p64;
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
  std::string buffer;
  for (size_t i = 0; i < out.size(); ++i) {
    const double place = PlaceOf(out.header(i).labels, buffer);
    const StepRow row = out.row(i);
    row.ForEach([&](size_t step) {
      if (!Chooses((*ratios_)[step], place)) row.Clear(step);
    });
  }
  return true;
}

}  // namespace tidemark::promql
