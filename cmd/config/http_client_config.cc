#include "cmd/config/http_client_config.h"

#include <algorithm>
#include <cctype>

#include "base/io/file.h"
#include "base/net/url.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "cmd/config/field_checks.h"

namespace tidemark::config {
namespace {

std::string Trimmed(const std::string& text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

// The text of the file that the value of `node` names, without the blanks around it.
absl::StatusOr<std::string> ReadSecretFile(const YamlNode& node) {
  ASSIGN_OR_RETURN(const std::string path, node.AsString());
  const absl::StatusOr<std::string> text = ReadFile(ResolvePath(node, path));
  if (!text.ok()) return node.Error(ToStd(text.status().message()));
  return Trimmed(*text);
}

// A secret that is given as `key` or in a file as `key`_file, never both.
void ReadSecret(YamlFields& fields, std::string_view section, const std::string& key,
                std::string* out) {
  const std::string file_key = key + "_file";
  const bool twice = fields.Has(key) && fields.Has(file_key);
  fields.Read(key, out).Read(file_key, [&](const YamlNode& node) -> absl::Status {
    if (twice) {
      return node.KeyError(
          StrCat("at most one of ", section, key, " & ", file_key, " must be configured"));
    }
    ASSIGN_OR_RETURN(*out, ReadSecretFile(node));
    return absl::OkStatus();
  });
}

absl::Status ReadBasicAuth(const YamlNode& node, HttpClientOptions* options) {
  YamlFields fields(node);
  ReadSecret(fields, "basic_auth ", "username", &options->username);
  ReadSecret(fields, "basic_auth ", "password", &options->password);
  return fields.Finish();
}

absl::Status ReadAuthorization(const YamlNode& node, HttpClientOptions* options) {
  YamlFields fields(node);
  options->authorization_type = "Bearer";
  fields.Read("type", [options](const YamlNode& n) -> absl::Status {
    ASSIGN_OR_RETURN(const std::string type, n.AsString());
    options->authorization_type = type.empty() ? "Bearer" : Trimmed(type);
    std::string lower = options->authorization_type;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    if (lower != "basic") return absl::OkStatus();
    return n.Error("authorization type cannot be set to \"basic\", use \"basic_auth\" instead");
  });
  ReadSecret(fields, "authorization ", "credentials", &options->authorization_credentials);
  return fields.Finish();
}

absl::Status ReadTlsVersion(const YamlNode& node) {
  ASSIGN_OR_RETURN(const std::string version, node.AsString());
  if (version.empty() || version == "TLS12") return absl::OkStatus();
  if (version == "TLS10" || version == "TLS11" || version == "TLS13") {
    return node.Error(StrCat("min_version ", version, " is not supported yet"));
  }
  return node.Error(StrCat("unknown TLS version: ", version));
}

absl::Status ReadTls(const YamlNode& node, TlsOptions* tls) {
  YamlFields fields(node);
  RETURN_IF_ERROR(RefuseUnsupported(
      fields, {"ca", "cert", "key", "ca_ref", "cert_ref", "key_ref", "max_version"}));
  fields.Read("ca_file", &tls->ca_file)
      .Read("cert_file", &tls->cert_file)
      .Read("key_file", &tls->key_file)
      .Read("server_name", &tls->server_name)
      .Read("insecure_skip_verify", &tls->insecure_skip_verify)
      .Read("min_version", ReadTlsVersion);
  RETURN_IF_ERROR(fields.Finish());
  for (std::string* path : {&tls->ca_file, &tls->cert_file, &tls->key_file}) {
    *path = ResolvePath(node, *path);
  }
  if (tls->cert_file.empty() && !tls->key_file.empty()) {
    return node.Error(
        "exactly one of cert or cert_file must be configured when a client key is configured");
  }
  if (!tls->cert_file.empty() && tls->key_file.empty()) {
    return node.Error(
        "exactly one of key or key_file must be configured when a client certificate is "
        "configured");
  }
  return absl::OkStatus();
}

// Headers that other settings or the client itself make.
bool IsReservedHeader(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  static const StringSet reserved = {"authorization",
                                     "host",
                                     "content-encoding",
                                     "content-length",
                                     "content-type",
                                     "user-agent",
                                     "connection",
                                     "keep-alive",
                                     "proxy-authenticate",
                                     "proxy-authorization",
                                     "www-authenticate",
                                     "accept-encoding",
                                     "x-prometheus-remote-write-version",
                                     "x-prometheus-remote-read-version",
                                     "x-prometheus-scrape-timeout-seconds",
                                     "x-amz-date",
                                     "x-amz-security-token",
                                     "x-amz-content-sha256"};
  return reserved.contains(name);
}

absl::Status ReadHeader(const std::string& name, const YamlNode& node, HttpClientOptions* options) {
  if (IsReservedHeader(name)) {
    return node.KeyError(StrCat("setting header \"", name, "\" is not allowed"));
  }
  std::vector<std::string> values, secrets;
  YamlFields fields(node);
  fields.Read("values", &values).Read("secrets", &secrets);
  values.insert(values.end(), secrets.begin(), secrets.end());
  fields.Read("files", [&](const YamlNode& files) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<YamlNode> nodes, files.AsSequence());
    for (const YamlNode& file : nodes) {
      ASSIGN_OR_RETURN(std::string value, ReadSecretFile(file));
      values.push_back(std::move(value));
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
  const absl::StatusOr<Url> url = Url::Parse(*out);
  return url.ok() ? absl::OkStatus() : node.Error(ToStd(url.status().message()));
}

absl::Status CheckOneAuthentication(YamlFields& fields) {
  std::optional<std::string_view> first;
  for (const std::string_view key :
       {"basic_auth", "authorization", "bearer_token", "bearer_token_file"}) {
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
  RETURN_IF_ERROR(RefuseUnsupported(
      fields, {"oauth2", "no_proxy", "proxy_from_environment", "proxy_connect_header"}));
  RETURN_IF_ERROR(CheckOneAuthentication(fields));
  fields.Read("basic_auth", [=](const YamlNode& n) { return ReadBasicAuth(n, options); })
      .Read("authorization", [=](const YamlNode& n) { return ReadAuthorization(n, options); })
      .Read("tls_config", [=](const YamlNode& n) { return ReadTls(n, &options->tls); })
      .Read("proxy_url", [=](const YamlNode& n) { return ReadProxyUrl(n, &options->proxy_url); })
      .Read("follow_redirects", &options->follow_redirects)
      .Read("enable_http2", &options->enable_http2)
      .Read("http_headers", [=](const YamlNode& n) { return ReadHeaders(n, options); });
  // The form of `authorization` from before it had that name.
  ReadSecret(fields, "", "bearer_token", &options->authorization_credentials);
  return fields.status();
}

}  // namespace tidemark::config
