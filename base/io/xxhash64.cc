#include "base/io/xxhash64.h"

#include <xxhash.h>

namespace tidemark {

uint64_t XxHash64(std::string_view bytes) { return XXH64(bytes.data(), bytes.size(), 0); }

}  // namespace tidemark
