#include "scrape/expfmt/page_format.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"

#include "base/labels/label_set.h"
#include "base/strings.h"
#include "scrape/expfmt/prometheus_text_parser.h"

namespace tidemark::scrape {
namespace {

std::string Quoted(std::string_view text) {
  std::string quoted;
  AppendQuoted(text, &quoted);
  return quoted;
}

bool IsTokenChar(char c) {
  return c > ' ' && c < '\x7f' && std::string_view("()<>@,;:\\\"[]?=").find(c) == std::string::npos;
}

// The media type in lower case; empty where `content_type` is none or a parameter has no value.
std::string MediaType(std::string_view content_type) {
  const std::vector<absl::string_view> parts = absl::StrSplit(ToAbsl(content_type), ';');
  for (size_t i = 1; i < parts.size(); ++i) {
    const absl::string_view parameter = absl::StripAsciiWhitespace(parts[i]);
    const bool last = i + 1 == parts.size();
    if (parameter.empty() ? !last : parameter.find('=') == absl::string_view::npos) return "";
  }
  std::string type(absl::AsciiStrToLower(absl::StripAsciiWhitespace(parts[0])));
  return std::all_of(type.begin(), type.end(), IsTokenChar) ? type : "";
}

// Why the Content-Type does not say a format there is a parser for; empty where it does.
std::string Complaint(std::string_view content_type) {
  if (content_type.empty()) {
    return "non-compliant scrape target sending blank Content-Type and no "
           "fallback_scrape_protocol specified for target";
  }
  const std::string type = MediaType(content_type);
  if (type == "text/plain") return "";
  if (type.empty()) {
    return StrCat("cannot parse Content-Type ", Quoted(content_type),
                  " and no fallback_scrape_protocol for target");
  }
  return StrCat("received unsupported Content-Type ", Quoted(content_type),
                " and no fallback_scrape_protocol specified for target");
}

}  // namespace

std::string_view AcceptHeader() {
  return "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,"
         "text/plain;version=0.0.4;q=0.5,*/*;q=0.4";
}

absl::StatusOr<std::unique_ptr<ExpositionParser>> NewParser(std::string_view page,
                                                            std::string_view content_type,
                                                            std::string_view fallback_protocol) {
  const std::string complaint = Complaint(content_type);
  if (!complaint.empty() && !fallback_protocol.starts_with("PrometheusText")) {
    if (fallback_protocol.empty()) return absl::InvalidArgumentError(complaint);
    return absl::InvalidArgumentError(StrCat(
        "received unsupported Content-Type ", Quoted(content_type),
        ", and there is no parser for fallback_scrape_protocol ", Quoted(fallback_protocol)));
  }
  return std::make_unique<PrometheusTextParser>(page);
}

}  // namespace tidemark::scrape
