// Any text parses or gives an error, never a crash. What parses prints, and the print parses to
// the same print.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string_view>

#include "promql/query.h"
#include "promql/selector.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using tidemark::promql::Query;
  constexpr tidemark::promql::ParserOptions kAllFeatures = {.experimental_functions = true,
                                                            .extended_range_selectors = true,
                                                            .binop_fill_modifiers = true};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)tidemark::promql::ParseSeriesSelector(text);

  const auto query = Query::Parse(text, kAllFeatures);
  if (!query.ok()) return 0;
  const auto again = Query::Parse(query->text(), kAllFeatures);
  if (!again.ok() || again->text() != query->text()) {
    std::fprintf(stderr, "printed: %s\nagain:   %s\n", query->text().c_str(),
                 again.ok() ? again->text().c_str() : again.status().ToString().c_str());
    __builtin_trap();
  }
  return 0;
}
