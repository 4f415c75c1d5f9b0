#pragma once

#include <memory>
#include <string_view>

namespace antlr4 {
class CharStream;
}

namespace tidemark::promql {

// What the lexer reads: the bytes of `query`, ASCII letters in lower case, so that the grammar
// spells its keywords once. Bytes and not code points, so that a token's indexes are offsets into
// the query and any bytes can be read. `query` outlives the stream.
std::unique_ptr<antlr4::CharStream> MakeQueryStream(std::string_view query);

}  // namespace tidemark::promql
