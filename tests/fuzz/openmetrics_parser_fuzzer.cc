// Any bytes give entries or an error that names a line, also from the check of the standard, which
// accepts no page that a scrape refuses; and what a scrape accepts is accepted again, and says the
// same, after it is printed plainly.

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "scrape/expfmt/openmetrics_parser.h"
#include "scrape/openmetrics_check.h"
#include "tests/fuzz/text_samples.h"

namespace {

using tidemark::TimestampMs;

constexpr TimestampMs kMaxExact = TimestampMs{1} << 50;  // milliseconds that seconds give back

std::string Seconds(TimestampMs t) {
  return tidemark::FormatFloat(static_cast<double>(t) / tidemark::kSecond);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using tidemark::fuzz::ReadSamples;
  using Parser = tidemark::scrape::OpenMetricsParser;
  const std::string_view page(reinterpret_cast<const char*>(data), size);
  const absl::Status check = tidemark::scrape::CheckOpenMetrics(page);
  if (!check.ok() && !tidemark::ToStd(check.message()).starts_with("line ")) __builtin_trap();
  std::vector<tidemark::fuzz::TextSample> samples, again;
  if (!ReadSamples<Parser>(page, &samples)) {
    if (check.ok()) __builtin_trap();
    return 0;
  }
  for (const auto& sample : samples) {
    if (sample.timestamp && std::abs(static_cast<double>(*sample.timestamp)) > kMaxExact) return 0;
  }
  if (!ReadSamples<Parser>(PrintSamples(samples, Seconds) + "# EOF\n", &again)) __builtin_trap();
  if (samples != again) __builtin_trap();
  return 0;
}
