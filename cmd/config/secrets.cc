#include "cmd/config/secrets.h"

#include "base/net/url.h"
#include "base/strings.h"

namespace tidemark::config {
namespace {

constexpr std::string_view kSecret = "<secret>";

// A webhook's address is itself a credential with many services.
bool IsSecretKey(std::string_view key) {
  static const StringSet keys = {"password",      "credentials", "bearer_token", "secrets",
                                 "client_secret", "key",         "url"};
  return keys.contains(key);
}

std::string WithoutPassword(std::string text) {
  absl::StatusOr<Url> url = Url::Parse(text);
  if (!url.ok()) return text;
  const size_t colon = url->user_info.find(':');
  if (colon == std::string::npos) return text;
  url->user_info.replace(colon + 1, std::string::npos, kSecret);
  return url->ToString();
}

}  // namespace

std::string RedactedYaml(const YamlNode& node) {
  return node.Dump([](std::string_view key, std::string value) {
    if (IsSecretKey(key) && !value.empty()) return std::string(kSecret);
    return WithoutPassword(std::move(value));
  });
}

}  // namespace tidemark::config
