#include "http/content_coding.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "base/io/compression.h"
#include "base/strings.h"

namespace tidemark::http {
namespace {

constexpr size_t kMinBytes = 1400;

// "gzip;q=0.5": the name, empty where the weight forbids it.
absl::string_view AcceptedName(absl::string_view coding) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(coding, absl::MaxSplits(';', 1));
  absl::string_view weight = absl::StripAsciiWhitespace(parts.second);
  const bool forbidden = absl::ConsumePrefix(&weight, "q=0") &&
                         weight.find_first_not_of(".0") == absl::string_view::npos;
  return forbidden ? absl::string_view() : absl::StripAsciiWhitespace(parts.first);
}

}  // namespace

void EncodeBody(std::string_view accept_encoding, Response& response) {
  if (response.body.size() < kMinBytes) return;
  for (const auto& [name, value] : response.headers) {
    if (absl::EqualsIgnoreCase(name, "Content-Encoding")) return;
  }
  for (const absl::string_view coding : absl::StrSplit(ToAbsl(accept_encoding), ',')) {
    const absl::string_view name = AcceptedName(coding);
    const bool gzip = absl::EqualsIgnoreCase(name, "gzip");
    if (!gzip && !absl::EqualsIgnoreCase(name, "deflate")) continue;
    std::string encoded;
    gzip ? GzipCompress(response.body, &encoded) : ZlibCompress(response.body, &encoded);
    response.body = std::move(encoded);
    response.headers.emplace_back("Content-Encoding", gzip ? "gzip" : "deflate");
    return;
  }
}

}  // namespace tidemark::http
