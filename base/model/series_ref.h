#pragma once

#include <cstdint>

namespace tidemark {

// The number of a series in one store, given in order of creation and never to another series.
enum class SeriesRef : uint64_t {};
inline constexpr SeriesRef kNoSeries{0};

}  // namespace tidemark
