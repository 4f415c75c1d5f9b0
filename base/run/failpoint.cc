#include "base/run/failpoint.h"

#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace tidemark {
namespace {

struct Armed {
  std::string name;
  std::atomic<int64_t> passes_left{1};

  Armed() {
    const char* text = std::getenv("TIDEMARK_FAILPOINT");
    if (text == nullptr) return;
    name = text;
    const size_t colon = name.rfind(':');
    if (colon == std::string::npos) return;
    passes_left = std::strtoll(name.c_str() + colon + 1, nullptr, 10);
    name.resize(colon);
  }
};

}  // namespace

void Failpoint(std::string_view name) {
  static Armed armed;
  if (armed.name.empty() || armed.name != name) return;
  if (armed.passes_left.fetch_sub(1) == 1) std::raise(SIGKILL);
}

}  // namespace tidemark
