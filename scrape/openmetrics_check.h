#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace tidemark::scrape {

// Whether `page` is what the OpenMetrics standard 1.0 allows; a scrape takes more than that. Beyond
// the form of lines it is looked at: that what is said of a family stands before its samples, once,
// and the family is in one piece; that its samples have the names, labels and values of its type;
// that the samples of one metric stand together, their timestamps in order; that histograms are
// complete and add up; where exemplars may be and how long.
//   InvalidArgument  "line 12: reason", of the first fault
// Cost: a few maps of the families and the metrics of the page.
// Source: https://prometheus.io/docs/specs/om/open_metrics_spec/
absl::Status CheckOpenMetrics(std::string_view page);

}  // namespace tidemark::scrape
