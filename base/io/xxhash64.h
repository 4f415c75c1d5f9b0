#pragma once

#include <cstdint>
#include <string_view>

namespace tidemark {

// XXH64 without a seed: only for what must agree with Prometheus, see hash.h for all else.
uint64_t XxHash64(std::string_view bytes);

}  // namespace tidemark
