#include "promql/exec/quantile_warning.h"

#include "base/model/float_format.h"
#include "base/strings.h"

namespace tidemark::promql {

void WarnOfQuantile(QueryContext& query, double q, SourceRange source) {
  if (IsQuantile(q)) return;
  query.Warn(StrCat("quantile value should be between 0 and 1, got ", FormatFloatG(q)), source);
}

}  // namespace tidemark::promql
