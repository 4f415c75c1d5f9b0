#pragma once

#include <string_view>

#include "cmd/tidectl/check.h"

namespace tidemark::tidectl {

struct CheckMetricsFlags {
  bool extended = false;  // print how many series each family has
  bool lint = true;       // look for what the conventions do not want, not only for errors
};

enum class MetricsVerdict {
  kGood,
  kUnreadable,
  kAgainstConventions,  // promtool ends with 3
};

// `check metrics`: looks at a page in Prometheus's text format or OpenMetrics.
MetricsVerdict CheckMetrics(std::string_view page, const CheckMetricsFlags& flags,
                            const Output& output);

}  // namespace tidemark::tidectl
