#include "tsdb/codec/mini_blocks.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <vector>

#include "base/io/varint.h"
#include "tsdb/codec/bit_packing.h"

namespace tidemark::tsdb {
namespace {

constexpr uint8_t kHasPatches = 0x80;

// A header from here on gives a width to all blocks that are left.
constexpr int kAllOfWidth0 = kMaxPackedWidth + 1;
constexpr int kMaxWidthOfAll = kHasPatches - 1 - kAllOfWidth0;

struct BlockShape {
  int width = 0;
  size_t num_bytes = 0;
  bool has_patches = false;
  int widest = 0;  // what the block takes without patches
};

// The shapes of all blocks, and from which on one width is given to all: past the end for none.
struct ColumnShape {
  std::vector<BlockShape> blocks;
  size_t all_from = 0;
  int width_of_all = 0;
  size_t num_bytes = 0;
};

// What stands above the low `width` < 64 bits, signed.
int64_t Excess(uint64_t value, int width) { return static_cast<int64_t>(value) >> width; }

size_t VarintBytes(uint64_t value) {
  return (static_cast<size_t>(std::bit_width(value | 1)) + 6) / 7;
}

// The width that makes the block shortest. Only widths that some value needs are worth trying.
BlockShape ChooseShape(std::span<const uint64_t> block) {
  uint64_t widths_seen = 0;
  int widest_seen = 0;
  for (const uint64_t value : block) {
    const auto width = static_cast<int>(std::bit_width(value));
    widest_seen = std::max(widest_seen, width);
    if (width < 64) widths_seen |= uint64_t{1} << width;
  }
  BlockShape best{widest_seen, 1 + PackedBytes(block.size(), widest_seen), false, widest_seen};
  for (; widths_seen != 0; widths_seen &= widths_seen - 1) {
    const int width = std::countr_zero(widths_seen);
    if (width == widest_seen) break;
    size_t num_bytes = 2 + PackedBytes(block.size(), width);
    for (const uint64_t value : block) {
      if (value >> width == 0) continue;
      num_bytes += 1 + VarintBytes(ZigZag(Excess(value, width)));
      if (num_bytes >= best.num_bytes) break;
    }
    if (num_bytes < best.num_bytes) best = {width, num_bytes, true, widest_seen};
  }
  return best;
}

void AppendPatches(std::span<const uint64_t> block, int width, std::string* out) {
  const size_t count_at = out->size();
  out->push_back(0);
  for (size_t i = 0; i < block.size(); ++i) {
    if (block[i] >> width == 0) continue;
    ++(*out)[count_at];
    out->push_back(static_cast<char>(i));
    AppendVarint(ZigZag(Excess(block[i], width)), out);
  }
}

bool ConsumePatches(std::string_view& bytes, int width, std::span<uint64_t> block) {
  if (bytes.empty() || width == kMaxPackedWidth) return false;
  const auto count = static_cast<uint8_t>(bytes.front());
  bytes.remove_prefix(1);
  for (size_t i = 0; i < count; ++i) {
    if (bytes.empty()) return false;
    const auto position = static_cast<uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    const std::optional<uint64_t> excess = ConsumeVarint(bytes);
    if (position >= block.size() || !excess) return false;
    block[position] += static_cast<uint64_t>(UnZigZag(*excess)) << width;
  }
  return true;
}

template <typename Visit>
void ForEachBlock(std::span<const uint64_t> values, Visit visit) {
  for (size_t begin = 0; begin < values.size(); begin += kPackedValues) {
    visit(values.subspan(begin, std::min(kPackedValues, values.size() - begin)));
  }
}

// Valid until the next call by this thread.
const ColumnShape& ChooseColumnShape(std::span<const uint64_t> values) {
  static thread_local ColumnShape shape;
  shape.blocks.clear();
  ForEachBlock(values,
               [](std::span<const uint64_t> block) { shape.blocks.push_back(ChooseShape(block)); });
  // From the end: the shortest way to write the blocks from `i` on.
  shape.all_from = shape.blocks.size();
  shape.num_bytes = 0;
  int widest = 0;
  for (size_t i = shape.blocks.size(); i-- > 0;) {
    widest = std::max(widest, shape.blocks[i].widest);
    const size_t one_by_one = shape.blocks[i].num_bytes + shape.num_bytes;
    const size_t together = 1 + PackedBytes(values.size() - i * kPackedValues, widest);
    if (together < one_by_one && widest <= kMaxWidthOfAll) {
      shape.all_from = i;
      shape.width_of_all = widest;
      shape.num_bytes = together;
    } else {
      shape.num_bytes = one_by_one;
    }
  }
  return shape;
}

}  // namespace

void AppendMiniBlocks(std::span<const uint64_t> values, std::string* out) {
  const ColumnShape& shape = ChooseColumnShape(values);
  for (size_t i = 0; i < shape.all_from; ++i) {
    const BlockShape& block = shape.blocks[i];
    const std::span<const uint64_t> numbers = values.first(std::min(kPackedValues, values.size()));
    out->push_back(static_cast<char>(block.width | (block.has_patches ? kHasPatches : 0)));
    PackBits(numbers, block.width, out);
    if (block.has_patches) AppendPatches(numbers, block.width, out);
    values = values.subspan(numbers.size());
  }
  if (values.empty()) return;
  out->push_back(static_cast<char>(kAllOfWidth0 + shape.width_of_all));
  PackBits(values, shape.width_of_all, out);
}

size_t MiniBlocksSize(std::span<const uint64_t> values) {
  return ChooseColumnShape(values).num_bytes;
}

bool ConsumeMiniBlocks(std::string_view& bytes, std::span<uint64_t> values) {
  while (!values.empty()) {
    if (bytes.empty()) return false;
    const auto header = static_cast<uint8_t>(bytes.front());
    int width = header & ~kHasPatches;
    std::span<uint64_t> block = values;
    if (header >= kAllOfWidth0 && header < kHasPatches) {
      width = header - kAllOfWidth0;
    } else {
      if (width > kMaxPackedWidth) return false;
      block = values.first(std::min(kPackedValues, values.size()));
    }
    const size_t num_packed = PackedBytes(block.size(), width);
    if (bytes.size() - 1 < num_packed) return false;
    UnpackBits(bytes.substr(1), width, block);
    bytes.remove_prefix(1 + num_packed);
    if ((header & kHasPatches) != 0 && !ConsumePatches(bytes, width, block)) return false;
    values = values.subspan(block.size());
  }
  return true;
}

}  // namespace tidemark::tsdb
