#include "cmd/config/http_client_config.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/net/ascii_text.h"
#include "base/net/proxy_choice.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "cmd/config/field_checks.h"

namespace tidemark::config {
namespace {

absl::Status ReadPath(const YamlNode& node, std::string* out) {
  ASSIGN_OR_RETURN(const std::string path, node.AsString());
  *out = ResolvePath(node, path);
  return absl::OkStatus();
}

// A secret that is given as `key` or in a file as `key`_file, never both.
void ReadSecret(YamlFields& fields, std::string_view section, const std::string& key,
                std::string* text, std::string* file) {
  const std::string file_key = key + "_file";
  const bool twice = fields.Has(key) && fields.Has(file_key);
  fields.Read(key, text).Read(file_key, [&](const YamlNode& node) -> absl::Status {
    if (twice) {
      return node.KeyError(
          StrCat("at most one of ", section, key, " & ", file_key, " must be configured"));
    }
    return ReadPath(node, file);
  });
}

absl::Status ReadBasicAuth(const YamlNode& node, HttpClientOptions* options) {
  YamlFields fields(node);
  ReadSecret(fields, "basic_auth ", "username", &options->username, &options->username_file);
  ReadSecret(fields, "basic_auth ", "password", &options->password, &options->password_file);
  return fields.Finish();
}

absl::Status ReadAuthorization(const YamlNode& node, HttpClientOptions* options) {
  YamlFields fields(node);
  options->authorization_type = "Bearer";
  fields.Read("type", [options](const YamlNode& n) -> absl::Status {
    ASSIGN_OR_RETURN(const std::string type, n.AsString());
    options->authorization_type = type.empty() ? "Bearer" : Trimmed(type);
    if (LowerCase(options->authorization_type) != "basic") return absl::OkStatus();
    return n.Error("authorization type cannot be set to \"basic\", use \"basic_auth\" instead");
  });
  ReadSecret(fields, "authorization ", "credentials", &options->authorization_credentials,
             &options->authorization_credentials_file);
  return fields.Finish();
}

absl::Status ReadTlsVersion(const YamlNode& node, std::optional<TlsVersion>* out) {
  static constexpr struct {
    std::string_view name;
    TlsVersion version;
  } kVersions[] = {{"TLS10", TlsVersion::kTls10},
                   {"TLS11", TlsVersion::kTls11},
                   {"TLS12", TlsVersion::kTls12},
                   {"TLS13", TlsVersion::kTls13}};
  ASSIGN_OR_RETURN(const std::string name, node.AsString());
  if (name.empty()) return absl::OkStatus();
  for (const auto& known : kVersions) {
    if (known.name == name) *out = known.version;
  }
  return *out ? absl::OkStatus() : node.Error(StrCat("unknown TLS version: ", name));
}

absl::Status ReadTls(const YamlNode& node, TlsOptions* tls) {
  YamlFields fields(node);
  RETURN_IF_ERROR(RefuseUnsupported(fields, {"ca_ref", "cert_ref", "key_ref"}));
  ReadSecret(fields, "", "ca", &tls->ca, &tls->ca_file);
  ReadSecret(fields, "", "cert", &tls->cert, &tls->cert_file);
  ReadSecret(fields, "", "key", &tls->key, &tls->key_file);
  std::optional<TlsVersion> min_version;
  fields.Read("server_name", &tls->server_name)
      .Read("insecure_skip_verify", &tls->insecure_skip_verify)
      .Read("min_version", [&](const YamlNode& n) { return ReadTlsVersion(n, &min_version); })
      .Read("max_version", [=](const YamlNode& n) { return ReadTlsVersion(n, &tls->max_version); });
  RETURN_IF_ERROR(fields.Finish());
  if (min_version && tls->max_version && *min_version > *tls->max_version) {
    return node.Error(
        "tls_config.max_version must be greater than or equal to tls_config.min_version if both "
        "are specified");
  }
  // Go's default is 1.2, whatever the highest is.
  tls->min_version = min_version.value_or(TlsVersion::kTls12);
  const bool has_cert = !tls->cert.empty() || !tls->cert_file.empty();
  const bool has_key = !tls->key.empty() || !tls->key_file.empty();
  if (!has_cert && has_key) {
    return node.Error(
        "exactly one of cert or cert_file must be configured when a client key is configured");
  }
  if (has_cert && !has_key) {
    return node.Error(
        "exactly one of key or key_file must be configured when a client certificate is "
        "configured");
  }
  return absl::OkStatus();
}

// Those that remote write has rules of its own for.
bool IsForClientAlone(std::string_view name) {
  const std::string lower = LowerCase(name);
  return lower == "authorization" || lower == "x-prometheus-scrape-timeout-seconds";
}

absl::Status ReadHeader(const std::string& name, const YamlNode& node, HttpClientOptions* options) {
  if (IsReservedHeader(name) || IsForClientAlone(name)) {
    return node.KeyError(StrCat("setting header \"", name, "\" is not allowed"));
  }
  std::vector<std::string> values, secrets;
  YamlFields fields(node);
  fields.Read("values", &values).Read("secrets", &secrets);
  values.insert(values.end(), secrets.begin(), secrets.end());
  fields.Read("files", [&](const YamlNode& files) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<YamlNode> nodes, files.AsSequence());
    for (const YamlNode& file : nodes) {
      options->header_files.emplace_back(name, "");
      RETURN_IF_ERROR(ReadPath(file, &options->header_files.back().second));
    }
    return absl::OkStatus();
  });
  RETURN_IF_ERROR(fields.Finish());
  for (std::string& value : values) options->headers.emplace_back(name, std::move(value));
  return absl::OkStatus();
}

absl::Status ReadHeaders(const YamlNode& node, HttpClientOptions* options) {
  ASSIGN_OR_RETURN(const auto entries, node.AsMap());
  for (const auto& [name, header] : entries) RETURN_IF_ERROR(ReadHeader(name, header, options));
  return absl::OkStatus();
}

absl::Status ReadProxyUrl(const YamlNode& node, std::string* out) {
  ASSIGN_OR_RETURN(*out, node.AsString());
  if (out->empty()) return absl::OkStatus();
  const absl::StatusOr<std::string> url = NormalProxyUrl(*out);
  return url.ok() ? absl::OkStatus() : node.Error(ToStd(url.status().message()));
}

absl::Status ReadConnectHeaders(const YamlNode& node, HttpHeaders* headers) {
  ASSIGN_OR_RETURN(const auto entries, node.AsMap());
  for (const auto& [name, values_node] : entries) {
    ASSIGN_OR_RETURN(std::vector<std::string> values, values_node.AsStrings());
    for (std::string& value : values) headers->emplace_back(name, std::move(value));
  }
  return absl::OkStatus();
}

// The fields about proxies, of the block and of its oauth2.
absl::Status ReadProxyFields(YamlFields& fields, ProxyOptions* proxy) {
  std::optional<YamlNode> headers = fields.Take("proxy_connect_header");
  std::optional<YamlNode> no_proxy = fields.Take("no_proxy");
  std::optional<YamlNode> from_environment = fields.Take("proxy_from_environment");
  fields.Read("proxy_url", [=](const YamlNode& n) { return ReadProxyUrl(n, &proxy->url); });
  RETURN_IF_ERROR(fields.status());
  if (from_environment && !from_environment->IsNull()) {
    ASSIGN_OR_RETURN(proxy->from_environment, from_environment->AsBool());
  }
  if (no_proxy) {
    ASSIGN_OR_RETURN(proxy->no_proxy, no_proxy->AsString());
  }
  if (headers) RETURN_IF_ERROR(ReadConnectHeaders(*headers, &proxy->connect_headers));
  if (!proxy->connect_headers.empty() && !proxy->from_environment && proxy->url.empty()) {
    return headers->KeyError(
        "if proxy_connect_header is configured, proxy_url or proxy_from_environment must also be "
        "configured");
  }
  if (proxy->from_environment && !proxy->url.empty()) {
    return from_environment->KeyError(
        "if proxy_from_environment is configured, proxy_url must not be configured");
  }
  if (proxy->from_environment && !proxy->no_proxy.empty()) {
    return from_environment->KeyError(
        "if proxy_from_environment is configured, no_proxy must not be configured");
  }
  if (proxy->url.empty() && !proxy->no_proxy.empty()) {
    return no_proxy->KeyError("if no_proxy is configured, proxy_url must also be configured");
  }
  return absl::OkStatus();
}

absl::Status CheckGrantType(const YamlNode& node) {
  ASSIGN_OR_RETURN(const std::string type, node.AsString());
  if (type.empty() || type == "client_credentials") return absl::OkStatus();
  return node.Error(StrCat("grant_type \"", type, "\" is not supported yet"));
}

absl::Status ReadOAuth2(const YamlNode& node, HttpClientOptions* options) {
  OAuth2Options oauth2;
  YamlFields fields(node);
  RETURN_IF_ERROR(RefuseUnsupported(
      fields, {"client_secret_ref", "client_certificate_key", "client_certificate_key_file",
               "client_certificate_key_ref", "client_certificate_key_id", "signature_algorithm",
               "iss", "audience", "claims"}));
  ReadSecret(fields, "oauth2 ", "client_secret", &oauth2.client_secret, &oauth2.client_secret_file);
  fields.Read("client_id", &oauth2.client_id)
      .Read("grant_type", CheckGrantType)
      .Read("scopes", &oauth2.scopes)
      .Read("token_url", &oauth2.token_url)
      .Read("endpoint_params", &oauth2.endpoint_params)
      .Read("tls_config", [&](const YamlNode& n) { return ReadTls(n, &oauth2.tls); });
  RETURN_IF_ERROR(fields.status());
  RETURN_IF_ERROR(ReadProxyFields(fields, &oauth2.proxy));
  RETURN_IF_ERROR(fields.Finish());
  if (oauth2.client_id.empty()) return node.KeyError("oauth2 client_id must be configured");
  if (oauth2.token_url.empty()) return node.KeyError("oauth2 token_url must be configured");
  options->oauth2 = std::move(oauth2);
  return absl::OkStatus();
}

absl::Status CheckOneAuthentication(YamlFields& fields) {
  std::optional<std::string_view> first;
  for (const std::string_view key :
       {"basic_auth", "authorization", "oauth2", "bearer_token", "bearer_token_file"}) {
    if (!fields.Has(key)) continue;
    if (first) {
      return fields.Take(key)->KeyError(
          StrCat("at most one of ", *first, " & ", key, " must be configured"));
    }
    first = key;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadHttpClientFields(YamlFields& fields, HttpClientOptions* options) {
  RETURN_IF_ERROR(CheckOneAuthentication(fields));
  fields.Read("basic_auth", [=](const YamlNode& n) { return ReadBasicAuth(n, options); })
      .Read("authorization", [=](const YamlNode& n) { return ReadAuthorization(n, options); })
      .Read("tls_config", [=](const YamlNode& n) { return ReadTls(n, &options->tls); })
      .Read("oauth2", [=](const YamlNode& n) { return ReadOAuth2(n, options); })
      .Read("follow_redirects", &options->follow_redirects)
      .Read("enable_http2", &options->enable_http2)
      .Read("http_headers", [=](const YamlNode& n) { return ReadHeaders(n, options); });
  // The form of `authorization` from before it had that name.
  ReadSecret(fields, "", "bearer_token", &options->authorization_credentials,
             &options->authorization_credentials_file);
  RETURN_IF_ERROR(fields.status());
  return ReadProxyFields(fields, &options->proxy);
}

}  // namespace tidemark::config
