#pragma once

#include <string_view>

namespace tidemark::tsdb {

// The file of a data directory that says how to read the rest, and what it says today.
inline constexpr std::string_view kFormatFile = "format";
inline constexpr std::string_view kFormatLine = "tidemark storage 1\n";
// Where blocks are.
inline constexpr std::string_view kBlocksDirectory = "blocks";

}  // namespace tidemark::tsdb
