#include "base/net/proxy_choice.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "base/net/ascii_text.h"
#include "base/strings.h"

namespace tidemark {
namespace {

// An IPv4 address is four bytes, also where it is written as an IPv6 one.
struct IpAddress {
  std::array<uint8_t, 16> bytes{};
  size_t size = 0;

  friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

std::optional<IpAddress> ParseIp(std::string_view text) {
  const std::string terminated(text);
  IpAddress ip;
  if (inet_pton(AF_INET, terminated.c_str(), ip.bytes.data()) == 1) {
    ip.size = 4;
    return ip;
  }
  if (inet_pton(AF_INET6, terminated.c_str(), ip.bytes.data()) != 1) return std::nullopt;
  ip.size = 16;
  static constexpr std::array<uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::equal(kMapped.begin(), kMapped.end(), ip.bytes.begin())) {
    IpAddress v4;
    std::copy(ip.bytes.begin() + 12, ip.bytes.end(), v4.bytes.begin());
    v4.size = 4;
    return v4;
  }
  return ip;
}

bool IsLoopback(const IpAddress& ip) {
  if (ip.size == 4) return ip.bytes[0] == 127;
  return std::all_of(ip.bytes.begin(), ip.bytes.begin() + 15, [](uint8_t b) { return b == 0; }) &&
         ip.bytes[15] == 1;
}

// Whether the first `bits` of both are the same.
bool SamePrefix(const IpAddress& a, const IpAddress& b, size_t bits) {
  if (a.size != b.size || std::memcmp(a.bytes.data(), b.bytes.data(), bits / 8) != 0) return false;
  const auto mask = static_cast<uint8_t>(0xff00 >> bits % 8);
  return bits % 8 == 0 || ((a.bytes[bits / 8] ^ b.bytes[bits / 8]) & mask) == 0;
}

// Whether `entry` is a network, ADDRESS/BITS, that has `ip`; nullopt where it is none.
std::optional<bool> NetworkHas(std::string_view entry, const std::optional<IpAddress>& ip) {
  const size_t slash = entry.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::optional<IpAddress> network = ParseIp(entry.substr(0, slash));
  const std::string bits(entry.substr(slash + 1));
  const bool is_number =
      !bits.empty() && bits.size() <= 3 &&
      std::all_of(bits.begin(), bits.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!network || !is_number || std::stoul(bits) > network->size * 8) return std::nullopt;
  return ip && SamePrefix(*network, *ip, std::stoul(bits));
}

struct HostAndPort {
  std::string_view host, port;  // the host without brackets
};

HostAndPort Split(std::string_view text) {
  HostAndPort parts{text, {}};
  const size_t bracket = text.rfind(']');
  const size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  // Several colons outside brackets are an address without a port.
  if (colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos) {
    parts = {text.substr(0, colon), text.substr(colon + 1)};
  }
  if (parts.host.starts_with('[') && parts.host.ends_with(']')) {
    parts.host = parts.host.substr(1, parts.host.size() - 2);
  }
  return parts;
}

bool NameMatches(std::string_view pattern, std::string_view host) {
  if (pattern.starts_with("*.")) pattern.remove_prefix(1);
  if (pattern.starts_with('.')) return host.ends_with(pattern);
  return host == pattern ||
         (host.ends_with(pattern) && host[host.size() - pattern.size() - 1] == '.');
}

bool EntryMatches(std::string_view entry, const HostAndPort& asked,
                  const std::optional<IpAddress>& ip) {
  if (entry == "*") return true;
  if (const std::optional<bool> has = NetworkHas(entry, ip)) return *has;
  const HostAndPort excepted = Split(entry);
  if (excepted.host.empty()) return false;
  if (!excepted.port.empty() && excepted.port != asked.port) return false;
  if (const std::optional<IpAddress> other = ParseIp(excepted.host)) return ip == other;
  return NameMatches(excepted.host, asked.host);
}

std::string Either(const Environment& environment, const char* name, const char* other) {
  std::string value = environment(name);
  return value.empty() ? environment(other) : value;
}

}  // namespace

absl::StatusOr<std::string> NormalProxyUrl(std::string_view text) {
  const size_t colon = std::min(text.find("://"), text.size());
  const std::string scheme = LowerCase(text.substr(0, colon));
  const bool is_socks = scheme == "socks5" || scheme == "socks5h";
  // Beyond its scheme a SOCKS proxy is written as an HTTP one.
  absl::StatusOr<Url> url =
      Url::Parse(is_socks ? StrCat("http", text.substr(colon)) : std::string(text));
  if (!url.ok()) return url.status();
  if (is_socks) url->scheme = scheme;
  if (Split(url->host).port.empty()) {
    if (url->host.ends_with(':')) url->host.pop_back();
    StrAppend(&url->host, is_socks ? ":1080" : url->scheme == "https" ? ":443" : ":80");
  }
  return StrCat(url->scheme, "://", url->user_info, url->user_info.empty() ? "" : "@", url->host);
}

bool IsProxied(const Url& url, std::string_view no_proxy) {
  const std::string lower_host = LowerCase(url.host);
  HostAndPort asked = Split(lower_host);
  if (asked.port.empty()) asked.port = url.scheme == "https" ? "443" : "80";
  const std::optional<IpAddress> ip = ParseIp(asked.host);
  if (asked.host == "localhost" || (ip && IsLoopback(*ip))) return false;
  while (!no_proxy.empty()) {
    const std::string_view entry = no_proxy.substr(0, no_proxy.find(','));
    no_proxy.remove_prefix(std::min(no_proxy.size(), entry.size() + 1));
    if (EntryMatches(LowerCase(Trimmed(entry)), asked, ip)) return false;
  }
  return true;
}

std::string ProcessEnvironment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

absl::StatusOr<std::string> ProxyFor(const ProxyOptions& options, const Url& url,
                                     const Environment& environment) {
  if (!options.from_environment) {
    const bool proxied =
        !options.url.empty() && (options.no_proxy.empty() || IsProxied(url, options.no_proxy));
    return proxied ? NormalProxyUrl(options.url) : std::string();
  }
  std::string proxy = url.scheme == "https" ? Either(environment, "HTTPS_PROXY", "https_proxy")
                                            : Either(environment, "HTTP_PROXY", "http_proxy");
  if (proxy.empty() || !IsProxied(url, Either(environment, "NO_PROXY", "no_proxy"))) return "";
  if (proxy.find("://") == std::string::npos) proxy.insert(0, "http://");
  return NormalProxyUrl(proxy);
}

}  // namespace tidemark
