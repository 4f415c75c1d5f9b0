#include "tsdb/codec/xor_codec.h"

#include <bit>
#include <cstdint>
#include <vector>

#include "tsdb/codec/mini_blocks.h"

namespace tidemark::tsdb {
namespace {

absl::Status Damaged() { return absl::DataLossError("damaged XOR column"); }

}  // namespace

void XorCodec::Encode(std::span<const double> values, std::string* out) {
  if (values.empty()) return;
  static thread_local std::vector<uint64_t> differences;
  differences.clear();
  uint64_t last = 0;
  uint64_t any = 0;
  for (const double value : values) {
    const auto bits = std::bit_cast<uint64_t>(value);
    differences.push_back(bits ^ last);
    any |= bits ^ last;
    last = bits;
  }
  // Bits that are zero in every difference are not stored at all.
  const int trailing_zeros = any == 0 ? 0 : std::countr_zero(any);
  for (uint64_t& difference : differences) difference >>= trailing_zeros;
  out->push_back(static_cast<char>(trailing_zeros));
  AppendMiniBlocks(differences, out);
}

absl::Status XorCodec::Decode(std::string_view& bytes, std::span<double> values) {
  if (values.empty()) return absl::OkStatus();
  if (bytes.empty() || static_cast<uint8_t>(bytes.front()) > 63) return Damaged();
  const int trailing_zeros = bytes.front();
  bytes.remove_prefix(1);
  static thread_local std::vector<uint64_t> differences;
  differences.resize(values.size());
  if (!ConsumeMiniBlocks(bytes, differences)) return Damaged();
  uint64_t last = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    last ^= differences[i] << trailing_zeros;
    values[i] = std::bit_cast<double>(last);
  }
  return absl::OkStatus();
}

}  // namespace tidemark::tsdb
