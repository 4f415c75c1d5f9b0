#include "tsdb/codec/constant_codec.h"

#include <algorithm>
#include <optional>

#include "base/model/sample.h"
#include "tsdb/codec/exact_double.h"

namespace tidemark::tsdb {

bool ConstantCodec::Fits(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(),
                     [&values](double value) { return SameBits(value, values.front()); });
}

void ConstantCodec::Encode(std::span<const double> values, std::string* out) {
  if (!values.empty()) AppendExactDouble(values.front(), out);
}

absl::Status ConstantCodec::Decode(std::string_view& bytes, std::span<double> values) {
  if (values.empty()) return absl::OkStatus();
  const std::optional<double> value = ConsumeExactDouble(bytes);
  if (!value) return absl::DataLossError("damaged constant column");
  std::fill(values.begin(), values.end(), *value);
  return absl::OkStatus();
}

}  // namespace tidemark::tsdb
