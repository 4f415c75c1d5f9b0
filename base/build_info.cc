#include "base/build_info.h"

namespace tidemark {

const BuildInfo& GetBuildInfo() {
  // The build passes these macros to this file alone.
  static constexpr BuildInfo kInfo = {TIDEMARK_VERSION, TIDEMARK_REVISION, TIDEMARK_BRANCH,
                                      TIDEMARK_BUILD_DATE, __VERSION__};
  return kInfo;
}

}  // namespace tidemark
