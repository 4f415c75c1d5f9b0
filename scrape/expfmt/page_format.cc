#include "scrape/expfmt/page_format.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"

#include "base/labels/label_set.h"
#include "base/strings.h"
#include "scrape/expfmt/custom_bucket_parser.h"
#include "scrape/expfmt/prometheus_text_parser.h"
#include "scrape/expfmt/protobuf_parser.h"

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

constexpr std::string_view kProtobufType = "application/vnd.google.protobuf";

// The protocols there is a parser for, in the order in which Prometheus prefers them.
struct Protocol {
  std::string_view name, accepted;
};
constexpr Protocol kProtocols[] = {
    {"PrometheusProto",
     "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"},
    {"PrometheusText1.0.0", "text/plain;version=1.0.0;escaping=allow-utf-8"},
    {"PrometheusText0.0.4", "text/plain;version=0.0.4"},
};
constexpr int kLargestWeight = 6;  // tenths

std::vector<std::string_view> AcceptedTypes(const PageFormats& formats) {
  std::vector<std::string_view> types;
  for (const std::string& name : formats.protocols) {
    const auto known = std::find_if(std::begin(kProtocols), std::end(kProtocols),
                                    [&](const Protocol& p) { return p.name == name; });
    if (known != std::end(kProtocols)) types.push_back(known->accepted);
  }
  if (!types.empty()) return types;
  for (const Protocol& protocol : kProtocols) {
    const bool wanted = formats.native_histograms || protocol.name != "PrometheusProto";
    if (wanted) types.push_back(protocol.accepted);
  }
  return types;
}

// Why the Content-Type does not say a format there is a parser for; empty where it does.
std::string Complaint(std::string_view content_type) {
  if (content_type.empty()) {
    return "non-compliant scrape target sending blank Content-Type and no "
           "fallback_scrape_protocol specified for target";
  }
  const std::string type = MediaType(content_type);
  if (type == "text/plain" || type == kProtobufType) return "";
  if (type.empty()) {
    return StrCat("cannot parse Content-Type ", Quoted(content_type),
                  " and no fallback_scrape_protocol for target");
  }
  return StrCat("received unsupported Content-Type ", Quoted(content_type),
                " and no fallback_scrape_protocol specified for target");
}

}  // namespace

std::string AcceptHeader(const PageFormats& formats) {
  std::string header;
  int weight = kLargestWeight;
  for (const std::string_view type : AcceptedTypes(formats)) {
    StrAppend(&header, type, ";q=0.", weight, ",");
    --weight;
  }
  return StrCat(header, "*/*;q=0.", weight);
}

absl::StatusOr<std::unique_ptr<ExpositionParser>> NewParser(std::string_view page,
                                                            std::string_view content_type,
                                                            std::string_view fallback_protocol,
                                                            const PageFormats& formats) {
  const std::string complaint = Complaint(content_type);
  bool protobuf = complaint.empty() && MediaType(content_type) == kProtobufType;
  if (!complaint.empty()) {
    protobuf = fallback_protocol == "PrometheusProto";
    if (fallback_protocol.empty()) return absl::InvalidArgumentError(complaint);
    if (!protobuf && !fallback_protocol.starts_with("PrometheusText")) {
      return absl::InvalidArgumentError(StrCat(
          "received unsupported Content-Type ", Quoted(content_type),
          ", and there is no parser for fallback_scrape_protocol ", Quoted(fallback_protocol)));
    }
  }
  std::unique_ptr<ExpositionParser> parser;
  if (protobuf) {
    const HistogramChoice choice{.native = formats.native_histograms,
                                 .always_classic = formats.always_classic_histograms};
    parser = std::make_unique<ProtobufParser>(page, choice);
  } else {
    parser = std::make_unique<PrometheusTextParser>(page);
  }
  if (!formats.convert_classic_histograms) return parser;
  return std::make_unique<CustomBucketParser>(std::move(parser), formats.always_classic_histograms);
}

}  // namespace tidemark::scrape
