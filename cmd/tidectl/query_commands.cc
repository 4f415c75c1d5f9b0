#include "cmd/tidectl/query_commands.h"

#include <algorithm>
#include <ostream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"

#include "base/json_value.h"
#include "base/model/duration.h"
#include "base/model/float_format.h"
#include "base/model/timestamp_text.h"
#include "base/net/http_client.h"
#include "base/net/url.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "base/yaml_document.h"
#include "cmd/config/http_client_config.h"
#include "cmd/tidectl/histogram_usage.h"
#include "cmd/tidectl/query_text.h"

namespace tidemark::tidectl {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

constexpr DurationMs kDefaultRange = 5 * kMinute;
constexpr int64_t kDefaultSteps = 250;
constexpr DurationMs kTimeout = 2 * kMinute;  // a server's own limit for a query

absl::StatusOr<HttpClientOptions> ClientOptions(const QueryFlags& flags) {
  HttpClientOptions options;
  if (!flags.http_config_file.empty()) {
    ASSIGN_OR_RETURN(const YamlNode node, YamlDocument::Load(flags.http_config_file));
    YamlFields fields(node);
    RETURN_IF_ERROR(config::ReadHttpClientFields(fields, &options));
    RETURN_IF_ERROR(fields.Finish());
  }
  options.headers.insert(options.headers.end(), flags.headers.begin(), flags.headers.end());
  return options;
}

absl::StatusOr<std::string> ApiUrl(const std::string& server, std::string_view endpoint) {
  const absl::StatusOr<Url> url = Url::Parse(server);
  if (!url.ok()) {
    return absl::InvalidArgumentError(StrCat("invalid URL: ", ToStd(url.status().message())));
  }
  Url api = *url;
  while (api.path.ends_with('/')) api.path.pop_back();
  StrAppend(&api.path, "/api/v1/", endpoint);
  return api.ToString();
}

// What the server said, or its error as promtool words it.
absl::StatusOr<JsonValue> DataOf(const HttpResponse& response) {
  const absl::StatusOr<JsonValue> answer = JsonValue::Parse(response.body);
  const std::string status = answer.ok() ? answer->Get("status").String() : "";
  if (status == "error") {
    return absl::FailedPreconditionError(
        StrCat(answer->Get("errorType").String(), ": ", answer->Get("error").String()));
  }
  if (response.status / 100 != 2 || status != "success") {
    const std::string_view kind = response.status / 100 == 4   ? "client_error: client error: "
                                  : response.status / 100 == 5 ? "server_error: server error: "
                                                               : "bad_response: bad response code ";
    return absl::FailedPreconditionError(
        StrCat(kind, response.status, " (detail: ",
               ToStd(absl::StripAsciiWhitespace(ToAbsl(response.body))).substr(0, 500), ")"));
  }
  return *answer;
}

// Asks the server and gives its answer, whose warnings are printed. An error of the server or on
// the way to it begins with `error_prefix`.
absl::StatusOr<JsonValue> Ask(const QueryFlags& flags, std::string_view endpoint,
                              std::string_view method, const Fields& fields, const Output& output,
                              std::string_view error_prefix = "query error: ") {
  ASSIGN_OR_RETURN(const HttpClientOptions options, ClientOptions(flags));
  HttpRequest request;
  ASSIGN_OR_RETURN(request.url, ApiUrl(flags.server, endpoint));
  request.method = method;
  request.timeout = kTimeout;
  request.accept_gzip = true;
  if (method == "POST") {
    request.body = FormEncode(fields);
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  } else if (!fields.empty()) {
    StrAppend(&request.url, "?", FormEncode(fields));
  }
  HttpClient client;
  auto response = client.SendAndWait(std::move(request), options);
  absl::StatusOr<JsonValue> answer =
      response.ok() ? DataOf(*response) : absl::StatusOr<JsonValue>(response.status());
  if (!answer.ok()) {
    return absl::Status(answer.status().code(),
                        StrCat(error_prefix, ToStd(answer.status().message())));
  }
  for (const JsonValue& warning : answer->Get("warnings").Elements()) {
    output.err << "query warning: " << warning.String() << "\n";
  }
  return answer->Get("data");
}

// `what` begins the error: "error parsing start time".
absl::StatusOr<TimestampMs> TimeOr(const std::string& text, std::string_view what,
                                   TimestampMs otherwise) {
  if (text.empty()) return otherwise;
  if (const auto time = ParseTimestamp(text)) return *time;
  std::string quoted;
  AppendQuoted(text, &quoted);
  return absl::InvalidArgumentError(
      StrCat(what, ": cannot parse ", quoted, " to a valid timestamp"));
}

std::string Seconds(TimestampMs time) { return FormatFloat(static_cast<double>(time) / 1000); }

// Prints what `ask` gives, or its error. False for an error.
bool Print(const absl::StatusOr<std::string>& text, const Output& output) {
  if (text.ok()) {
    output.out << *text;
  } else {
    output.err << ToStd(text.status().message()) << "\n";
  }
  return text.ok();
}

absl::StatusOr<std::string> Result(const QueryFlags& flags, const JsonValue& data) {
  if (flags.as_json) return data.Get("result").Dump() + "\n";
  return FormatQueryResult(data);
}

absl::StatusOr<std::string> AskInstant(const QueryFlags& flags, const Clock& clock,
                                       const Output& output) {
  ASSIGN_OR_RETURN(const TimestampMs time,
                   TimeOr(flags.time, "error parsing evaluation time", clock.Now()));
  ASSIGN_OR_RETURN(
      const JsonValue data,
      Ask(flags, "query", "POST", {{"query", flags.query}, {"time", Seconds(time)}}, output));
  return Result(flags, data);
}

absl::StatusOr<std::string> AskRange(const QueryFlags& flags, const Clock& clock,
                                     const Output& output) {
  ASSIGN_OR_RETURN(const TimestampMs end, TimeOr(flags.end, "error parsing end time", clock.Now()));
  ASSIGN_OR_RETURN(const TimestampMs start,
                   TimeOr(flags.start, "error parsing start time", end - kDefaultRange));
  if (start >= end) return absl::InvalidArgumentError("start time is not before end time");
  DurationMs step =
      std::max<DurationMs>(SaturatingSubtract(end, start) / kDefaultSteps / kSecond, 1) * kSecond;
  if (!flags.step.empty()) {
    ASSIGN_OR_RETURN(step, ParseDuration(flags.step));
  }
  ASSIGN_OR_RETURN(const JsonValue data, Ask(flags, "query_range", "POST",
                                             {{"query", flags.query},
                                              {"start", Seconds(start)},
                                              {"end", Seconds(end)},
                                              {"step", Seconds(step)}},
                                             output));
  return Result(flags, data);
}

// A segment of a path: a blank is "%20" there.
std::string PathEscape(std::string_view text) {
  return absl::StrReplaceAll(QueryEscape(text), {{"+", "%20"}});
}

// `start`, `end` and `match[]`, as they were given.
absl::StatusOr<Fields> Selection(const QueryFlags& flags) {
  Fields fields;
  for (const std::string& selector : flags.selectors) fields.emplace_back("match[]", selector);
  for (const auto& [name, text] : {std::pair("start", flags.start), std::pair("end", flags.end)}) {
    if (text.empty()) continue;
    ASSIGN_OR_RETURN(const TimestampMs time,
                     TimeOr(text, StrCat("error parsing ", name, " time"), 0));
    fields.emplace_back(name, Seconds(time));
  }
  return fields;
}

absl::StatusOr<std::string> AskSeries(const QueryFlags& flags, const Output& output) {
  ASSIGN_OR_RETURN(const Fields fields, Selection(flags));
  ASSIGN_OR_RETURN(const JsonValue data, Ask(flags, "series", "POST", fields, output));
  if (flags.as_json) return data.Dump() + "\n";
  std::string text;
  for (const JsonValue& series : data.Elements()) {
    StrAppend(&text, FormatLabelObject(series), "\n");
  }
  return text;
}

absl::StatusOr<std::string> AskLabels(const QueryFlags& flags, const Output& output) {
  ASSIGN_OR_RETURN(const Fields fields, Selection(flags));
  ASSIGN_OR_RETURN(
      const JsonValue data,
      Ask(flags, StrCat("label/", PathEscape(flags.label), "/values"), "GET", fields, output));
  if (flags.as_json) return data.Dump() + "\n";
  std::string text;
  for (const JsonValue& value : data.Elements()) StrAppend(&text, value.String(), "\n");
  return text;
}

constexpr std::string_view kUsageHead =
    "Bucket stats for each histogram series over time\n"
    "------------------------------------------------\n"
    "First the min, avg, and max number of populated buckets, followed by the total\n"
    "number of buckets (only if different from the max number of populated buckets\n"
    "which is typical for classic but not native histograms).\n\n";
constexpr std::string_view kUsageSummaryHead =
    "\nAggregated bucket stats\n"
    "-----------------------\n"
    "Each line shows min/avg/max over the series above.\n";

absl::Status Analyze(const QueryFlags& flags, const Clock& clock, const Output& output) {
  if (flags.type != "histogram") {
    return absl::InvalidArgumentError(
        StrCat("analyze type is ", flags.type, ", must be 'histogram'"));
  }
  ASSIGN_OR_RETURN(
      const TimestampMs time,
      TimeOr(flags.time, StrCat("error parsing time '", flags.time, "'"), clock.Now()));
  ASSIGN_OR_RETURN(const DurationMs duration, ParseDuration(flags.duration));
  HistogramUsage usage;
  output.out << kUsageHead;
  for (const std::string& selector : flags.selectors) {
    const std::string query = StrCat(selector, "[", FormatDuration(duration), "]");
    ASSIGN_OR_RETURN(const JsonValue data,
                     Ask(flags, "query", "POST", {{"query", query}, {"time", Seconds(time)}},
                         output, /*error_prefix=*/""));
    std::string lines;
    const absl::Status added = usage.Add(data, &lines);
    output.out << lines;
    RETURN_IF_ERROR(added);
  }
  output.out << kUsageSummaryHead << usage.Summary();
  return absl::OkStatus();
}

}  // namespace

bool QueryInstant(const QueryFlags& flags, const Clock& clock, const Output& output) {
  return Print(AskInstant(flags, clock, output), output);
}
bool QueryRange(const QueryFlags& flags, const Clock& clock, const Output& output) {
  return Print(AskRange(flags, clock, output), output);
}
bool QuerySeries(const QueryFlags& flags, const Output& output) {
  return Print(AskSeries(flags, output), output);
}
bool QueryLabels(const QueryFlags& flags, const Output& output) {
  return Print(AskLabels(flags, output), output);
}
bool QueryAnalyze(const QueryFlags& flags, const Clock& clock, const Output& output) {
  const absl::Status analyzed = Analyze(flags, clock, output);
  if (!analyzed.ok()) output.err << ToStd(analyzed.message()) << "\n";
  return analyzed.ok();
}

}  // namespace tidemark::tidectl
