#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

// How an HTTP client presents itself: the `HTTP client` block of Prometheus's configuration. Where
// there is a field NAME_file, the text may be in that file instead. Files are read again for every
// request, so that a changed one counts at once; the blanks around a secret are left out.
namespace tidemark {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;  // name, value

enum class TlsVersion { kTls10, kTls11, kTls12, kTls13 };

struct TlsOptions {
  std::string ca = {}, cert = {}, key = {};  // PEM; without a CA those of the system
  std::string ca_file = {}, cert_file = {}, key_file = {};
  std::string server_name = {};  // that the certificate must be for; empty: the URL's host
  bool insecure_skip_verify = false;
  TlsVersion min_version = TlsVersion::kTls12;
  std::optional<TlsVersion> max_version = {};

  friend bool operator==(const TlsOptions&, const TlsOptions&) = default;
};

struct ProxyOptions {
  std::string url = {};              // see NormalProxyUrl; empty: none
  std::string no_proxy = {};         // hosts that are asked directly, see IsProxied
  bool from_environment = false;     // HTTP_PROXY, HTTPS_PROXY, NO_PROXY instead of the two above
  HttpHeaders connect_headers = {};  // of the CONNECT request only

  friend bool operator==(const ProxyOptions&, const ProxyOptions&) = default;
};

// The client credentials grant of RFC 6749, section 4.4.
struct OAuth2Options {
  std::string client_id = {};
  std::string client_secret = {}, client_secret_file = {};
  std::string token_url = {};
  std::vector<std::string> scopes = {};
  std::vector<std::pair<std::string, std::string>> endpoint_params = {};
  TlsOptions tls = {};  // towards token_url
  ProxyOptions proxy = {};

  friend bool operator==(const OAuth2Options&, const OAuth2Options&) = default;
};

struct HttpClientOptions {
  std::string user_agent;
  std::string username, username_file;  // basic auth, where any of these four is there
  std::string password, password_file;
  std::string authorization_type;  // empty: "Bearer"
  std::string authorization_credentials, authorization_credentials_file;
  std::optional<OAuth2Options> oauth2;
  ProxyOptions proxy;
  bool follow_redirects = true;
  bool enable_http2 = true;
  TlsOptions tls;
  HttpHeaders headers;       // sent with every request
  HttpHeaders header_files;  // the same; the values are paths

  friend bool operator==(const HttpClientOptions&, const HttpClientOptions&) = default;
};

}  // namespace tidemark
