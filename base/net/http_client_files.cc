#include "base/net/http_client_files.h"

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "base/io/file.h"
#include "base/net/ascii_text.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark {
namespace {

// As Go words it.
std::string OpenError(const std::string& path, const absl::Status& status) {
  if (absl::IsNotFound(status)) return StrCat("open ", path, ": no such file or directory");
  if (absl::IsPermissionDenied(status)) return StrCat("open ", path, ": permission denied");
  return std::string(status.message());
}

absl::StatusOr<std::string> Read(const std::string& path, std::string_view what) {
  absl::StatusOr<std::string> text = ReadFile(path);
  if (text.ok()) return text;
  return absl::UnavailableError(StrCat("unable to read ", what, OpenError(path, text.status())));
}

// `path` is empty afterwards.
absl::Status ReadText(std::string_view what, std::string* path, std::string* out) {
  if (path->empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(*out, Read(*path, StrCat(what, ": unable to read file ", *path, ": ")));
  path->clear();
  return absl::OkStatus();
}

absl::Status ReadSecret(std::string_view what, std::string* path, std::string* out) {
  RETURN_IF_ERROR(ReadText(what, path, out));
  *out = Trimmed(std::string(*out));
  return absl::OkStatus();
}

absl::Status ReadTlsFiles(TlsOptions* tls) {
  RETURN_IF_ERROR(ReadText("CA cert", &tls->ca_file, &tls->ca));
  RETURN_IF_ERROR(ReadText("client cert", &tls->cert_file, &tls->cert));
  return ReadText("client key", &tls->key_file, &tls->key);
}

}  // namespace

absl::Status ReadHttpClientFiles(HttpClientOptions* options) {
  RETURN_IF_ERROR(ReadSecret("basic auth username", &options->username_file, &options->username));
  RETURN_IF_ERROR(ReadSecret("basic auth password", &options->password_file, &options->password));
  RETURN_IF_ERROR(ReadSecret("authorization credentials", &options->authorization_credentials_file,
                             &options->authorization_credentials));
  for (const auto& [name, path] : options->header_files) {
    ASSIGN_OR_RETURN(const std::string value, Read(path, StrCat("headers file ", path, ": ")));
    options->headers.emplace_back(name, Trimmed(value));
  }
  options->header_files.clear();
  RETURN_IF_ERROR(ReadTlsFiles(&options->tls));
  if (!options->oauth2) return absl::OkStatus();
  OAuth2Options& oauth2 = *options->oauth2;
  RETURN_IF_ERROR(
      ReadSecret("oauth2 client secret", &oauth2.client_secret_file, &oauth2.client_secret));
  return ReadTlsFiles(&oauth2.tls);
}

}  // namespace tidemark
