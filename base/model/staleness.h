#pragma once

#include <bit>
#include <cstdint>

namespace tidemark {

// The NaN that ends a series at once, and the NaN that is a value; the same bits as Prometheus
// writes.
inline constexpr uint64_t kStaleMarkerBits = 0x7ff0000000000002;
inline constexpr uint64_t kNormalNanBits = 0x7ff8000000000001;

inline double StaleMarker() { return std::bit_cast<double>(kStaleMarkerBits); }
inline double NormalNan() { return std::bit_cast<double>(kNormalNanBits); }
inline bool IsStaleMarker(double value) {
  return std::bit_cast<uint64_t>(value) == kStaleMarkerBits;
}

}  // namespace tidemark
