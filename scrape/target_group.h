#pragma once

#include <string>
#include <vector>

#include "base/labels/label_set.h"

namespace tidemark::scrape {

// Addresses with the labels they share, from `static_configs` or a discovery.
struct TargetGroup {
  std::vector<std::string> addresses;  // host:port
  LabelSet labels;

  friend bool operator==(const TargetGroup&, const TargetGroup&) = default;
};

}  // namespace tidemark::scrape
