#include "scrape/loop/scrape_request.h"

#include <algorithm>
#include <string_view>

#include "base/model/float_format.h"
#include "base/strings.h"
#include "scrape/expfmt/page_format.h"

namespace tidemark::scrape {
namespace {

constexpr int kOk = 200;

// What RFC 9110 and its companions call a status code; empty for others.
std::string_view ReasonPhrase(int status) {
  static constexpr struct {
    int status;
    std::string_view phrase;
  } kPhrases[] = {
      {201, "Created"},
      {202, "Accepted"},
      {203, "Non-Authoritative Information"},
      {204, "No Content"},
      {205, "Reset Content"},
      {206, "Partial Content"},
      {300, "Multiple Choices"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {402, "Payment Required"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {406, "Not Acceptable"},
      {407, "Proxy Authentication Required"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {410, "Gone"},
      {411, "Length Required"},
      {412, "Precondition Failed"},
      {413, "Request Entity Too Large"},
      {414, "Request URI Too Long"},
      {415, "Unsupported Media Type"},
      {416, "Requested Range Not Satisfiable"},
      {417, "Expectation Failed"},
      {418, "I'm a teapot"},
      {421, "Misdirected Request"},
      {422, "Unprocessable Entity"},
      {423, "Locked"},
      {425, "Too Early"},
      {426, "Upgrade Required"},
      {428, "Precondition Required"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {451, "Unavailable For Legal Reasons"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {505, "HTTP Version Not Supported"},
      {507, "Insufficient Storage"},
      {511, "Network Authentication Required"},
  };
  for (const auto& known : kPhrases) {
    if (known.status == status) return known.phrase;
  }
  return "";
}

}  // namespace

HttpRequest ScrapeRequest(const Target& target, const ScrapeConfig& config) {
  HttpRequest request;
  request.url = target.url;
  request.timeout = target.timeout;
  request.accept_gzip = config.enable_compression;
  request.headers = {{"Accept", AcceptHeader(config.formats)},
                     {"X-Prometheus-Scrape-Timeout-Seconds",
                      FormatFloat(static_cast<double>(target.timeout) / kSecond)}};
  if (!config.enable_compression) request.headers.emplace_back("Accept-Encoding", "identity");
  // A body as large as the limit is over it already; the client has no bound of zero bytes.
  if (config.body_size_limit > 0) {
    request.max_body_bytes = std::max<size_t>(config.body_size_limit - 1, 1);
  }
  return request;
}

absl::StatusOr<HttpResponse> CheckResponse(absl::StatusOr<HttpResponse> response) {
  if (!response.ok() || response->status == kOk) return response;
  const std::string_view phrase = ReasonPhrase(response->status);
  return absl::UnavailableError(
      StrCat("server returned HTTP status ", response->status, phrase.empty() ? "" : " ", phrase));
}

}  // namespace tidemark::scrape
