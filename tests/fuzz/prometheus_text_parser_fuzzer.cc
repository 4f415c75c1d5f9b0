// Any bytes give entries or an error that names a line; and what is accepted is accepted again, and
// says the same, after it is printed plainly.

#include <cstddef>
#include <cstdint>

#include "scrape/expfmt/prometheus_text_parser.h"
#include "tests/fuzz/text_samples.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using tidemark::fuzz::ReadSamples;
  using Parser = tidemark::scrape::PrometheusTextParser;
  std::vector<tidemark::fuzz::TextSample> samples, again;
  if (!ReadSamples<Parser>({reinterpret_cast<const char*>(data), size}, &samples)) return 0;
  const std::string page =
      PrintSamples(samples, [](tidemark::TimestampMs t) { return std::to_string(t); });
  if (!ReadSamples<Parser>(page, &again) || samples != again) __builtin_trap();
  return 0;
}
