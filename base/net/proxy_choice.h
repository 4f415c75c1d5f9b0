#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "base/net/http_client_options.h"
#include "base/net/url.h"

// By which proxy a request goes. Source: Go, golang.org/x/net/http/httpproxy, which Prometheus
// uses. Thread-safe.
namespace tidemark {

// "http://[user:password@]host:port" with the scheme's port (80, 443, 1080) where `text` has none;
// schemes http, https, socks5 and socks5h. InvalidArgument for anything else.
absl::StatusOr<std::string> NormalProxyUrl(std::string_view text);

// Whether a request to `url` goes by a proxy where `no_proxy` lists what does not: "*", addresses
// and networks (10.0.0.0/8), names with all that is below them (example.com), or only what is below
// (.example.com, *.example.com), each but networks also with a port; separated by commas.
// "localhost" and loopback addresses never do.
bool IsProxied(const Url& url, std::string_view no_proxy);

// A variable of the environment; empty where it is not set.
using Environment = std::function<std::string(const char* name)>;
std::string ProcessEnvironment(const char* name);

// The normal URL of the proxy for a request to `url`; empty for none.
//   InvalidArgument  the environment or `options` name something that is no proxy
absl::StatusOr<std::string> ProxyFor(const ProxyOptions& options, const Url& url,
                                     const Environment& environment = ProcessEnvironment);

}  // namespace tidemark
