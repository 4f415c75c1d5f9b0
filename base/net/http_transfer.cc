#include "base/net/http_transfer.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <limits>

#include "base/net/ascii_text.h"
#include "base/net/content_encoding.h"
#include "base/net/proxy_choice.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark {
namespace {

constexpr size_t kMaxHeaderBytes = 1 << 20;  // of one response; Go's bound
constexpr long kMaxRedirects = 10;
constexpr long kIdleConnectionSeconds = 300;
constexpr long kReceiveBufferBytes = 1 << 15;  // a page of two thousand series, compressed
constexpr size_t kMaxFramingBytes = 1 << 16;   // of a compressed body
constexpr size_t kMaxReserved = 1 << 20;       // before there is any of a body

bool HasLineBreak(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

// "Get" of "GET": how Go's client begins an error.
std::string Capitalized(std::string_view method) {
  std::string text = LowerCase(method);
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

std::string WithoutPassword(const std::string& text) {
  absl::StatusOr<Url> url = Url::Parse(text);
  if (!url.ok()) return text;
  const size_t colon = url->user_info.find(':');
  if (colon == std::string::npos) return text;
  url->user_info.replace(colon + 1, std::string::npos, "xxxxx");
  return url->ToString();
}

std::string WithPort(const Url& url) {
  const size_t colon = url.host.rfind(':');
  const bool has_port =
      colon != std::string::npos && url.host.find(']', colon) == std::string::npos;
  return has_port ? url.host : StrCat(url.host, url.scheme == "https" ? ":443" : ":80");
}

std::string ErrnoText(long error) {
  std::string text = std::strerror(static_cast<int>(error));
  text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

void SetText(CURL* curl, CURLoption option, const std::string& text) {
  if (!text.empty()) curl_easy_setopt(curl, option, text.c_str());
}

// `pem` outlives what `curl` does next.
void SetPem(CURL* curl, CURLoption option, const std::string& pem) {
  if (pem.empty()) return;
  curl_blob blob{
      .data = const_cast<char*>(pem.data()), .len = pem.size(), .flags = CURL_BLOB_NOCOPY};
  curl_easy_setopt(curl, option, &blob);
}

long MinVersion(TlsVersion version) {
  switch (version) {
    case TlsVersion::kTls10:
      return CURL_SSLVERSION_TLSv1_0;
    case TlsVersion::kTls11:
      return CURL_SSLVERSION_TLSv1_1;
    case TlsVersion::kTls12:
      return CURL_SSLVERSION_TLSv1_2;
    case TlsVersion::kTls13:
      return CURL_SSLVERSION_TLSv1_3;
  }
  return CURL_SSLVERSION_DEFAULT;
}

long MaxVersion(std::optional<TlsVersion> version) {
  if (!version) return CURL_SSLVERSION_MAX_DEFAULT;
  switch (*version) {
    case TlsVersion::kTls10:
      return CURL_SSLVERSION_MAX_TLSv1_0;
    case TlsVersion::kTls11:
      return CURL_SSLVERSION_MAX_TLSv1_1;
    case TlsVersion::kTls12:
      return CURL_SSLVERSION_MAX_TLSv1_2;
    case TlsVersion::kTls13:
      return CURL_SSLVERSION_MAX_TLSv1_3;
  }
  return CURL_SSLVERSION_MAX_DEFAULT;
}

}  // namespace

HttpTransfer::HttpTransfer(HttpRequest request, HttpClientOptions options,
                           HttpClient::Callback done)
    : request_(std::move(request)),
      options_(std::move(options)),
      done_(std::move(done)),
      error_text_(CURL_ERROR_SIZE, '\0') {}

HttpTransfer::~HttpTransfer() {
  curl_slist_free_all(headers_);
  curl_slist_free_all(proxy_headers_);
  curl_slist_free_all(connect_to_);
}

void HttpTransfer::Refuse(const absl::Status& reason) {
  refusal_ = absl::Status(reason.code(), Prefixed(ToStd(reason.message())));
}

absl::Status HttpTransfer::Prepare(void* curl) {
  RETURN_IF_ERROR(refusal_);
  const absl::StatusOr<Url> url = Url::Parse(request_.url);
  if (!url.ok()) return absl::InvalidArgumentError(Prefixed(ToStd(url.status().message())));
  RETURN_IF_ERROR(SetAddress(curl, *url));
  RETURN_IF_ERROR(SetProxy(curl, *url));
  SetMethod(curl);
  SetAuthentication(curl);
  SetTls(curl);
  SetCallbacks(curl);
  return SetHeaders(curl);
}

absl::Status HttpTransfer::SetAddress(void* curl, const Url& url) {
  host_ = WithPort(url);
  Url asked = url;
  if (!options_.tls.server_name.empty() && url.scheme == "https") {
    // libcurl takes the name to verify from the URL, so the name goes there and the address
    // separately.
    const std::string port = host_.substr(host_.rfind(':'));
    asked.host = options_.tls.server_name + port;
    connect_to_ = curl_slist_append(nullptr, StrCat(asked.host, ":", host_).c_str());
    curl_easy_setopt(curl, CURLOPT_CONNECT_TO, connect_to_);
    headers_ = curl_slist_append(headers_, StrCat("Host: ", url.host).c_str());
  }
  if (curl_easy_setopt(curl, CURLOPT_URL, asked.ToString().c_str()) != CURLE_OK) {
    return absl::InvalidArgumentError(Prefixed("the URL cannot be used"));
  }
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, options_.follow_redirects ? 1L : 0L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, kMaxRedirects);
  curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, kIdleConnectionSeconds);
  // Names are resolved for each new connection, as Go does. libcurl looks through all of its cache
  // at the end of each transfer: with ten thousand hosts in it that took a core for itself.
  curl_easy_setopt(curl, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
  curl_easy_setopt(
      curl, CURLOPT_HTTP_VERSION,
      options_.enable_http2 ? long{CURL_HTTP_VERSION_2TLS} : long{CURL_HTTP_VERSION_1_1});
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, std::max<long>(1, request_.timeout));
  return absl::OkStatus();
}

absl::Status HttpTransfer::SetProxy(void* curl, const Url& url) {
  const absl::StatusOr<std::string> proxy = ProxyFor(options_.proxy, url);
  if (!proxy.ok()) return absl::InvalidArgumentError(Prefixed(ToStd(proxy.status().message())));
  proxy_ = *proxy;
  // Texts that are empty, unlike none, keep the proxy variables of the environment out.
  curl_easy_setopt(curl, CURLOPT_PROXY, proxy_.c_str());
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "");
  curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  // SOCKS in Prometheus leaves it to the proxy to resolve names, whatever it is called.
  if (proxy_.starts_with("socks5")) {
    curl_easy_setopt(curl, CURLOPT_PROXYTYPE, long{CURLPROXY_SOCKS5_HOSTNAME});
    proxy_.erase(0, proxy_.find("://") + 3);
    curl_easy_setopt(curl, CURLOPT_PROXY, proxy_.c_str());
  }
  // A request without CONNECT would carry them, too.
  if (url.scheme != "https") return absl::OkStatus();
  RETURN_IF_ERROR(AppendHeaders(options_.proxy.connect_headers, &proxy_headers_));
  curl_easy_setopt(curl, CURLOPT_PROXYHEADER, proxy_headers_);
  return absl::OkStatus();
}

void HttpTransfer::SetMethod(void* curl) {
  if (request_.method == "GET" && request_.body.empty()) return;
  if (request_.method == "HEAD") {
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    return;
  }
  if (request_.method == "POST" || !request_.body.empty()) {
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request_.body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request_.body.data());
  }
  // Said again for POST it would also be said after a redirect that asks for GET.
  if (request_.method != "POST") {
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  }
}

absl::Status HttpTransfer::AppendHeaders(const HttpHeaders& headers, curl_slist** list) const {
  for (const auto& [name, value] : headers) {
    if (name.empty() || HasLineBreak(name) || HasLineBreak(value) ||
        name.find(':') != std::string::npos) {
      return absl::InvalidArgumentError(Prefixed(StrCat("bad header \"", name, "\"")));
    }
    // A header without a value is written with a semicolon, else libcurl leaves it out.
    const std::string line = value.empty() ? StrCat(name, ";") : StrCat(name, ": ", value);
    *list = curl_slist_append(*list, line.c_str());
  }
  return absl::OkStatus();
}

absl::Status HttpTransfer::SetHeaders(void* curl) {
  // libcurl would wait for a server's consent before it sends a large body.
  headers_ = curl_slist_append(headers_, "Expect:");
  HttpHeaders all = options_.headers;
  all.insert(all.end(), request_.headers.begin(), request_.headers.end());
  if (!options_.authorization_credentials.empty()) {
    const std::string& type = options_.authorization_type;
    all.emplace_back("Authorization", StrCat(type.empty() ? "Bearer" : type, " ",
                                             options_.authorization_credentials));
  }
  // libcurl, told of it, would undo it with zlib, in pieces, on the thread of all transfers.
  if (request_.accept_gzip) all.emplace_back("Accept-Encoding", "gzip");
  RETURN_IF_ERROR(AppendHeaders(all, &headers_));
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers_);
  SetText(curl, CURLOPT_USERAGENT, options_.user_agent);
  return absl::OkStatus();
}

void HttpTransfer::SetAuthentication(void* curl) {
  if (options_.username.empty() && options_.password.empty()) return;
  curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
  curl_easy_setopt(curl, CURLOPT_USERNAME, options_.username.c_str());
  curl_easy_setopt(curl, CURLOPT_PASSWORD, options_.password.c_str());
}

void HttpTransfer::SetTls(void* curl) {
  const TlsOptions& tls = options_.tls;
  SetPem(curl, CURLOPT_CAINFO_BLOB, tls.ca);
  SetPem(curl, CURLOPT_SSLCERT_BLOB, tls.cert);
  SetPem(curl, CURLOPT_SSLKEY_BLOB, tls.key);
  SetPem(curl, CURLOPT_PROXY_CAINFO_BLOB, tls.ca);
  SetPem(curl, CURLOPT_PROXY_SSLCERT_BLOB, tls.cert);
  SetPem(curl, CURLOPT_PROXY_SSLKEY_BLOB, tls.key);
  if (!tls.ca.empty()) {
    // Else those of the system would be believed as well.
    curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
    curl_easy_setopt(curl, CURLOPT_PROXY_CAPATH, nullptr);
  }
  const long versions = MinVersion(tls.min_version) | MaxVersion(tls.max_version);
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, versions);
  curl_easy_setopt(curl, CURLOPT_PROXY_SSLVERSION, versions);
  // What the system's OpenSSL holds to be too weak.
  if (tls.min_version < TlsVersion::kTls12) {
    curl_easy_setopt(curl, CURLOPT_SSL_CIPHER_LIST, "DEFAULT@SECLEVEL=0");
  }
  if (tls.insecure_skip_verify) {
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(curl, CURLOPT_PROXY_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(curl, CURLOPT_PROXY_SSL_VERIFYHOST, 0L);
  }
}

void HttpTransfer::SetCallbacks(void* curl) {
  curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, kReceiveBufferBytes);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &HttpTransfer::OnBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &HttpTransfer::OnHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error_text_.data());
}

// What a body of the largest size may have on the wire: compression makes hardly any larger, but a
// stream that is flushed after every line has some bytes more for each.
size_t HttpTransfer::MaxWireBytes() const {
  const size_t bound = request_.max_body_bytes;
  constexpr size_t kNoBound = std::numeric_limits<size_t>::max();
  if (bound == 0) return kNoBound;
  if (!request_.accept_gzip || !IsCompressed(response_)) return bound;
  return bound < kNoBound / 4 ? 2 * bound + kMaxFramingBytes : kNoBound;
}

size_t HttpTransfer::OnBody(char* bytes, size_t size, size_t count, void* self) {
  auto* transfer = static_cast<HttpTransfer*>(self);
  const size_t length = size * count;
  std::string& body = transfer->response_.body;
  if (body.empty()) {
    transfer->max_wire_bytes_ = transfer->MaxWireBytes();
    transfer->ReserveBody();
  }
  if (length > transfer->max_wire_bytes_ - body.size()) {
    transfer->body_too_large_ = true;
    return 0;
  }
  body.append(bytes, length);
  return length;
}

// Room for what is announced, as far as that can be believed.
void HttpTransfer::ReserveBody() {
  uint64_t announced = 0;
  const std::string_view text = response_.Header("content-length");
  std::from_chars(text.data(), text.data() + text.size(), announced);
  response_.body.reserve(std::min<uint64_t>({announced, max_wire_bytes_, kMaxReserved}));
}

size_t HttpTransfer::OnHeader(char* bytes, size_t size, size_t count, void* self) {
  auto* transfer = static_cast<HttpTransfer*>(self);
  const std::string_view line(bytes, size * count);
  transfer->header_bytes_ += line.size();
  if (transfer->header_bytes_ > kMaxHeaderBytes) return 0;
  auto& headers = transfer->response_.headers;
  if (line.starts_with("HTTP/")) headers.clear();  // a redirect was followed, or "100 Continue"
  const size_t colon = line.find(':');
  if (colon != std::string_view::npos && !line.starts_with("HTTP/")) {
    headers.emplace_back(LowerCase(Trimmed(line.substr(0, colon))),
                         Trimmed(line.substr(colon + 1)));
  }
  return line.size();
}

void HttpTransfer::Finish(void* curl, int code) {
  if (code != CURLE_OK) {
    done_(ErrorOf(curl, code));
    return;
  }
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
  if (request_.accept_gzip && !request_.keep_gzip && IsCompressed(response_)) {
    std::string buffer;
    const auto body = DecodedBody(response_, request_.max_body_bytes, &buffer);
    if (!body.ok()) {
      done_(body.status());
      return;
    }
    if (body->data() == buffer.data()) response_.body = std::move(buffer);
  }
  done_(std::move(response_));
}

void HttpTransfer::Fail(absl::StatusCode code, std::string_view reason) {
  done_(absl::Status(code, Prefixed(reason)));
}

std::string HttpTransfer::Prefixed(std::string_view reason) const {
  return StrCat(Capitalized(request_.method), " \"", WithoutPassword(request_.url), "\": ", reason);
}

absl::Status HttpTransfer::ConnectError(void* curl) const {
  long error = 0;
  curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &error);
  const std::string reason = error != 0 ? ErrnoText(error) : std::string(error_text_.c_str());
  std::string dialed = StrCat("dial tcp ", host_);
  if (!proxy_.empty()) {
    const std::string_view address = std::string_view(proxy_).substr(proxy_.find_last_of("/@") + 1);
    dialed = StrCat("proxyconnect tcp: dial tcp ", address);
  }
  return absl::UnavailableError(Prefixed(StrCat(dialed, ": connect: ", reason)));
}

// The wording follows what Go's HTTP client, and so Prometheus, says where it has a wording.
absl::Status HttpTransfer::ErrorOf(void* curl, int code) const {
  if (body_too_large_) return absl::ResourceExhaustedError("body size limit exceeded");
  const std::string_view host_name = std::string_view(host_).substr(0, host_.rfind(':'));
  const char* const buffered = error_text_.c_str();
  const std::string_view text =
      *buffered != '\0' ? buffered : curl_easy_strerror(static_cast<CURLcode>(code));
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return absl::DeadlineExceededError(Prefixed("context deadline exceeded"));
    case CURLE_COULDNT_CONNECT:
      return ConnectError(curl);
    case CURLE_COULDNT_RESOLVE_HOST:
      return absl::UnavailableError(
          Prefixed(StrCat("dial tcp: lookup ", host_name, ": no such host")));
    case CURLE_COULDNT_RESOLVE_PROXY:
      return absl::UnavailableError(Prefixed(StrCat("proxyconnect tcp: ", text)));
    case CURLE_GOT_NOTHING:
      return absl::UnavailableError(Prefixed("EOF"));
    case CURLE_PARTIAL_FILE:
      return absl::UnavailableError(Prefixed("unexpected EOF"));
    case CURLE_RECV_ERROR:
      return absl::UnavailableError(Prefixed(StrCat("read tcp ", host_, ": ", text)));
    case CURLE_SEND_ERROR:
      return absl::UnavailableError(Prefixed(StrCat("write tcp ", host_, ": ", text)));
    case CURLE_TOO_MANY_REDIRECTS:
      return absl::UnavailableError(
          Prefixed(StrCat("stopped after ", kMaxRedirects, " redirects")));
    case CURLE_PEER_FAILED_VERIFICATION:
      return absl::UnavailableError(
          Prefixed(StrCat("tls: failed to verify certificate of ", host_name, ": ", text)));
    case CURLE_SSL_CACERT_BADFILE:
      return absl::InvalidArgumentError(Prefixed("unable to use specified CA cert"));
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
      return absl::InvalidArgumentError(Prefixed(StrCat(host_, ": ", text)));
    case CURLE_WRITE_ERROR:
      if (header_bytes_ > kMaxHeaderBytes) {
        return absl::UnavailableError(
            Prefixed(StrCat(host_, ": response headers exceed ", kMaxHeaderBytes, " bytes")));
      }
      [[fallthrough]];
    default:
      return absl::UnavailableError(Prefixed(StrCat(host_, ": ", text)));
  }
}

}  // namespace tidemark
