#include "scrape/expfmt/page_format.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"

#include "base/labels/label_set.h"
#include "base/strings.h"
#include "scrape/expfmt/custom_bucket_parser.h"
#include "scrape/expfmt/openmetrics_parser.h"
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

struct Protocol {
  std::string_view name;  // in `scrape_protocols`
  std::string_view media_type, parameters;
  bool names_are_escaped = false;  // it is said how
};
constexpr std::string_view kOpenMetricsType = "application/openmetrics-text";
constexpr std::string_view kProtobufType = "application/vnd.google.protobuf";
constexpr std::string_view kTextType = "text/plain";
// In the order in which Prometheus prefers them.
constexpr Protocol kProtocols[] = {
    {"PrometheusProto", kProtobufType,
     ";proto=io.prometheus.client.MetricFamily;encoding=delimited"},
    {"OpenMetricsText1.0.0", kOpenMetricsType, ";version=1.0.0", true},
    {"OpenMetricsText0.0.1", kOpenMetricsType, ";version=0.0.1"},
    {"PrometheusText1.0.0", kTextType, ";version=1.0.0", true},
    {"PrometheusText0.0.4", kTextType, ";version=0.0.4"},
};
constexpr int kLargestWeight = 6;  // tenths

// The media type of the protocol with this name; empty where there is none.
std::string_view MediaTypeOf(std::string_view protocol) {
  for (const Protocol& p : kProtocols) {
    if (p.name == protocol) return p.media_type;
  }
  return "";
}

std::vector<const Protocol*> WantedProtocols(const PageFormats& formats) {
  std::vector<const Protocol*> wanted;
  for (const std::string& name : formats.protocols) {
    for (const Protocol& p : kProtocols) {
      if (p.name == name) wanted.push_back(&p);
    }
  }
  if (!formats.protocols.empty()) return wanted;
  for (const Protocol& p : kProtocols) {
    const bool protobuf_too = formats.native_histograms || formats.created_zero_samples;
    if (protobuf_too || p.media_type != kProtobufType) wanted.push_back(&p);
  }
  return wanted;
}

// Why the Content-Type does not say a format; empty where it does.
std::string Complaint(std::string_view content_type) {
  if (content_type.empty()) {
    return "non-compliant scrape target sending blank Content-Type and no "
           "fallback_scrape_protocol specified for target";
  }
  const std::string type = MediaType(content_type);
  if (type == kOpenMetricsType || type == kProtobufType || type == kTextType) return "";
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
  for (const Protocol* protocol : WantedProtocols(formats)) {
    StrAppend(&header, protocol->media_type, protocol->parameters);
    if (protocol->names_are_escaped) StrAppend(&header, ";escaping=", formats.name_escaping);
    StrAppend(&header, ";q=0.", weight, ",");
    --weight;
  }
  return StrCat(header, "*/*;q=0.", weight);
}

absl::StatusOr<std::unique_ptr<ExpositionParser>> NewParser(std::string_view page,
                                                            std::string_view content_type,
                                                            std::string_view fallback_protocol,
                                                            const PageFormats& formats) {
  std::string media_type = MediaType(content_type);
  if (const std::string complaint = Complaint(content_type); !complaint.empty()) {
    media_type = MediaTypeOf(fallback_protocol);
    if (media_type.empty()) return absl::InvalidArgumentError(complaint);
  }
  std::unique_ptr<ExpositionParser> parser;
  if (media_type == kProtobufType) {
    const HistogramChoice choice{.native = formats.native_histograms,
                                 .always_classic = formats.always_classic_histograms};
    parser = std::make_unique<ProtobufParser>(page, choice);
  } else if (media_type == kOpenMetricsType) {
    parser = std::make_unique<OpenMetricsParser>(page, formats.created_zero_samples
                                                           ? OpenMetricsParser::Created::kTimes
                                                           : OpenMetricsParser::Created::kSeries);
  } else {
    parser = std::make_unique<PrometheusTextParser>(page);
  }
  if (!formats.convert_classic_histograms) return parser;
  return std::make_unique<CustomBucketParser>(std::move(parser), formats.always_classic_histograms,
                                              /*gauges_too=*/media_type == kProtobufType);
}

}  // namespace tidemark::scrape
