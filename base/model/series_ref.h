#pragma once

#include <cstdint>

namespace tidemark {

// A series of one store: its place in the low half, neighbours being those that were created
// together, and in the high half how often that place has been given away before. So a reference to
// a series that has left the store never names another.
enum class SeriesRef : uint64_t {};
inline constexpr SeriesRef kNoSeries{0};

}  // namespace tidemark
