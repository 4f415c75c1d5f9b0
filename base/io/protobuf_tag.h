#pragma once

#include <cstdint>

// The tag of a protobuf field: its number and how its value is written.
// Source: https://protobuf.dev/programming-guides/encoding/
namespace tidemark {

constexpr uint32_t VarintTag(uint32_t field) { return field << 3; }
constexpr uint32_t Fixed64Tag(uint32_t field) { return field << 3 | 1; }
constexpr uint32_t BytesTag(uint32_t field) { return field << 3 | 2; }  // strings, messages, packed
constexpr uint32_t Fixed32Tag(uint32_t field) { return field << 3 | 5; }

}  // namespace tidemark
