#include "promql/exec/quantile_warning.h"

#include "base/model/float_format.h"
#include "base/strings.h"

namespace tidemark::promql {

void WarnOfQuantiles(QueryContext& query, const std::vector<double>& quantiles,
                     SourceRange source) {
  for (const double q : quantiles) {
    if (q >= 0 && q <= 1) continue;
    query.Warn(StrCat("quantile value should be between 0 and 1, got ", FormatFloat(q)), source);
  }
}

}  // namespace tidemark::promql
