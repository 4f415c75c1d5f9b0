#pragma once

#include <string>
#include <vector>

#include "base/labels/label_set.h"

// Lists of alerts as promtool's unit tests print them.
namespace tidemark::alerting {

struct NamedAlert {
  LabelSet labels, annotations;
  friend bool operator==(const NamedAlert&, const NamedAlert&) = default;
  friend auto operator<=>(const NamedAlert&, const NamedAlert&) = default;
};

// `[]`, or a numbered list over several lines, all but the first of them indented.
std::string FormatAlerts(const std::vector<NamedAlert>& alerts);

// Both lists as one JSON document, alert by alert: red is only in `want`, green only in `got`,
// yellow changed from the one to the other.
std::string DiffAlerts(std::vector<NamedAlert> want, std::vector<NamedAlert> got);

}  // namespace tidemark::alerting
