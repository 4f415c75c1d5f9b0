#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "scrape/expfmt/exposition_parser.h"
#include "scrape/target.h"

// Which formats a scrape asks for and which one a page is in.
namespace tidemark::scrape {

// The Accept header of a scrape: the protocols of `formats` in Prometheus's weights.
std::string AcceptHeader(const PageFormats& formats);

// A parser for `page`, which outlives it, chosen by the Content-Type of the response. Where that is
// missing or not one of ours, `fallback_protocol` decides, a name from `scrape_protocols` in the
// configuration such as "PrometheusText0.0.4".
//   InvalidArgument  neither says a format; the message is Prometheus's
absl::StatusOr<std::unique_ptr<ExpositionParser>> NewParser(std::string_view page,
                                                            std::string_view content_type,
                                                            std::string_view fallback_protocol,
                                                            const PageFormats& formats);

}  // namespace tidemark::scrape
