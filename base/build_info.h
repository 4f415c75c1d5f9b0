#pragma once

#include <string_view>

namespace tidemark {

// What this binary was built from. What is not known is "unknown".
struct BuildInfo {
  std::string_view version;   // "0.1.0"
  std::string_view revision;  // of the source, when the build was configured
  std::string_view branch;
  std::string_view build_date;  // of that revision, RFC 3339
  std::string_view compiler;
};
const BuildInfo& GetBuildInfo();

}  // namespace tidemark
