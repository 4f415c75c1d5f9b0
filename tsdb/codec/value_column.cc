#include "tsdb/codec/value_column.h"

#include "tsdb/codec/change_codec.h"
#include "tsdb/codec/constant_codec.h"
#include "tsdb/codec/decimal_codec.h"
#include "tsdb/codec/dictionary_codec.h"
#include "tsdb/codec/shortest.h"
#include "tsdb/codec/xor_codec.h"

namespace tidemark::tsdb {
namespace {

void AppendId(ValueCodec codec, std::string* out) { out->push_back(static_cast<char>(codec)); }

// Inexact decimals decode as two columns, so they have to save an eighth.
void AppendTrueDoubles(std::span<const double> values, std::string* out) {
  const size_t start = out->size();
  AppendId(ValueCodec::kXor, out);
  XorCodec::Encode(values, out);
  std::string column;
  if (!DecimalCodec::EncodeInexact(values, &column)) return;
  const size_t xor_bytes = out->size() - start;
  if (column.size() + xor_bytes / 8 >= xor_bytes) return;
  out->resize(start);
  AppendId(ValueCodec::kDecimal, out);
  out->append(column);
}

}  // namespace

void AppendValueColumn(std::span<const double> values, Nesting nesting, std::string* out) {
  const size_t num_runs = ChangeCodec::CountRuns(values);
  if (num_runs == 1) {
    AppendId(ValueCodec::kConstant, out);
    return ConstantCodec::Encode(values, out);
  }
  Shortest shortest(out);
  std::string column;
  if (DecimalCodec::Encode(values, &column)) {
    shortest.Try([&](std::string* to) {
      AppendId(ValueCodec::kDecimal, to);
      to->append(column);
    });
  }
  // Half the values have to stay as they are for a bitmap to earn its bits.
  if (nesting == Nesting::kOutermost && num_runs * 2 <= values.size()) {
    shortest.Try([&](std::string* to) {
      AppendId(ValueCodec::kChanges, to);
      ChangeCodec::Encode(values, to);
    });
  }
  column.clear();
  if (DictionaryCodec::Encode(values, &column)) {
    shortest.Try([&](std::string* to) {
      AppendId(ValueCodec::kDictionary, to);
      to->append(column);
    });
  }
  if (shortest.tried()) return;
  AppendTrueDoubles(values, out);
}

absl::Status ConsumeValueColumn(std::string_view& bytes, Nesting nesting,
                                std::span<double> values) {
  if (bytes.empty()) return absl::DataLossError("column of values without a codec");
  const auto codec = static_cast<ValueCodec>(bytes.front());
  bytes.remove_prefix(1);
  switch (codec) {
    case ValueCodec::kConstant:
      return ConstantCodec::Decode(bytes, values);
    case ValueCodec::kDecimal:
      return DecimalCodec::Decode(bytes, values);
    case ValueCodec::kXor:
      return XorCodec::Decode(bytes, values);
    case ValueCodec::kDictionary:
      return DictionaryCodec::Decode(bytes, values);
    case ValueCodec::kChanges:
      if (nesting == Nesting::kOutermost) return ChangeCodec::Decode(bytes, values);
  }
  return absl::DataLossError("column of values with an unknown codec");
}

}  // namespace tidemark::tsdb
