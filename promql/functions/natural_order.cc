#include "promql/functions/natural_order.h"

#include <algorithm>

namespace tidemark::promql {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Takes the run of digits at the front of `text` away and returns it without leading zeros.
std::string_view TakeNumber(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), IsDigit);
  std::string_view number = text.substr(0, static_cast<size_t>(end - text.begin()));
  text.remove_prefix(number.size());
  number.remove_prefix(std::min(number.find_first_not_of('0'), number.size()));
  return number;
}

}  // namespace

std::strong_ordering CompareNaturally(std::string_view a, std::string_view b) {
  std::string_view left = a, right = b;
  while (!left.empty() && !right.empty()) {
    if (IsDigit(left[0]) && IsDigit(right[0])) {
      const std::string_view number = TakeNumber(left), other = TakeNumber(right);
      if (const auto order = number.size() <=> other.size(); order != 0) return order;
      if (const auto order = number <=> other; order != 0) return order;
      continue;
    }
    if (left[0] != right[0]) {
      return static_cast<unsigned char>(left[0]) <=> static_cast<unsigned char>(right[0]);
    }
    left.remove_prefix(1);
    right.remove_prefix(1);
  }
  if (const auto order = left.size() <=> right.size(); order != 0) return order;
  return a <=> b;
}

}  // namespace tidemark::promql
