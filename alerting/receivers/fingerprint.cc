#include "alerting/receivers/fingerprint.h"

#include <cstdint>

#include "absl/strings/str_format.h"

namespace tidemark::alerting {
namespace {

constexpr uint64_t kFnvOffset = 14695981039346656037u;
constexpr uint64_t kFnvPrime = 1099511628211u;

void Add(std::string_view text, uint64_t* hash) {
  for (const char c : text) *hash = (*hash ^ static_cast<unsigned char>(c)) * kFnvPrime;
  *hash = (*hash ^ 0xff) * kFnvPrime;
}

}  // namespace

std::string AlertFingerprint(const LabelSet& labels) {
  uint64_t hash = kFnvOffset;
  for (const LabelView& label : labels) {
    Add(label.name, &hash);
    Add(label.value, &hash);
  }
  return absl::StrFormat("%016x", hash);
}

}  // namespace tidemark::alerting
