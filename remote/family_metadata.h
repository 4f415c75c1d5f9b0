#pragma once

#include <functional>
#include <string>
#include <vector>

namespace tidemark::remote {

// What is known of a metric family.
struct FamilyMetadata {
  std::string family;
  std::string type;        // "counter", "gauge", "histogram", "summary", ...
  std::string help, unit;  // empty where nothing is said

  friend auto operator<=>(const FamilyMetadata&, const FamilyMetadata&) = default;
};

// Gives all of it that there is now, each once; of two that disagree about a family both. Any
// thread.
using MetadataSource = std::function<std::vector<FamilyMetadata>()>;

}  // namespace tidemark::remote
