#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

// Mostly small integers, bit-packed 32 at a time, each block under the width that suits it; the few
// that need more are patched. Method: Zukowski et al., "Super-Scalar RAM-CPU Cache Compression",
// ICDE 2006 (PFOR).
// Layout of a block (v = varint):
//   1  width in bits, 0 to 64; + 0x80 where patches follow; or 65 + the width, 0 to 62, of this
//      block and all after it, which have no patches and no such byte of their own
//   .  the low `width` bits of each value (bit_packing.h)
//   1  number of patches, where there are any, then for each:
//        1 position in the block, v zigzag of what stands above the low `width` bits
// The last block holds what is left over; how many values there are in all is for the caller to
// know.
namespace tidemark::tsdb {

// Values are taken as signed where they exceed the width: a small negative number makes a short
// patch.
void AppendMiniBlocks(std::span<const uint64_t> values, std::string* out);

// The bytes that AppendMiniBlocks would write.
size_t MiniBlocksSize(std::span<const uint64_t> values);

// Fills `values` and drops what it read from `bytes`; false where `bytes` cannot be such blocks,
// `values` then holds anything.
[[nodiscard]] bool ConsumeMiniBlocks(std::string_view& bytes, std::span<uint64_t> values);

}  // namespace tidemark::tsdb
