#include "cmd/config/secrets.h"

#include <algorithm>

#include "base/net/url.h"
#include "base/strings.h"

namespace tidemark::config {
namespace {

constexpr std::string_view kSecret = "<secret>";

bool IsSecret(const YamlNode::Keys& keys) {
  static const StringSet always = {"password", "credentials", "bearer_token", "secrets",
                                   "client_secret"};
  if (keys.empty()) return false;
  const std::string_view key = keys.back();
  const auto is_below = [&](std::string_view section) {
    return std::find(keys.begin(), keys.end() - 1, section) != keys.end() - 1;
  };
  // A webhook's address is itself a credential with many services.
  return always.contains(key) || (key == "key" && is_below("tls_config")) ||
         (key == "url" && is_below("webhook_configs")) || is_below("proxy_connect_header");
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
  return node.Dump([](const YamlNode::Keys& keys, std::string value) {
    if (IsSecret(keys) && !value.empty()) return std::string(kSecret);
    return WithoutPassword(std::move(value));
  });
}

}  // namespace tidemark::config
