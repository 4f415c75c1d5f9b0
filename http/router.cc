#include "http/router.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_replace.h"

#include "base/net/url.h"
#include "base/strings.h"

namespace tidemark::http {
namespace {

constexpr std::string_view kAny = "*";

// In a path a plus is a plus.
std::string Unescape(std::string_view segment) {
  return QueryUnescape(absl::StrReplaceAll(ToAbsl(segment), {{"+", "%2B"}}));
}

// Split before unescaping: an escaped slash is part of its segment.
std::vector<std::string> Segments(std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  std::vector<std::string> segments;
  for (;;) {
    const size_t slash = path.find('/');
    segments.push_back(Unescape(path.substr(0, slash)));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

bool HasAny(const std::vector<std::string>& segments) {
  return std::find(segments.begin(), segments.end(), kAny) != segments.end();
}

}  // namespace

void Router::Add(std::string_view method, std::string_view path, Handler handler) {
  std::vector<std::string> segments = Segments(path);
  auto route = std::find_if(routes_.begin(), routes_.end(),
                            [&](const Route& r) { return r.segments == segments; });
  if (route == routes_.end()) {
    route = routes_.insert(HasAny(segments) ? routes_.end() : routes_.begin(),
                           Route{std::move(segments), {}});
  }
  route->methods.push_back({std::string(method), std::move(handler)});
}

const Router::Route* Router::FindRoute(const std::vector<std::string>& segments) const {
  const auto matches = [&](const Route& route) {
    return std::equal(route.segments.begin(), route.segments.end(), segments.begin(),
                      segments.end(), [](const std::string& want, const std::string& got) {
                        return want == kAny ? !got.empty() : want == got;
                      });
  };
  const auto found = std::find_if(routes_.begin(), routes_.end(), matches);
  return found == routes_.end() ? nullptr : &*found;
}

Router::Match Router::Find(std::string_view method, std::string_view escaped_path) const {
  Match match;
  const std::vector<std::string> segments = Segments(escaped_path);
  const Route* route = FindRoute(segments);
  if (route == nullptr) return match;
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  for (const Method& m : route->methods) {
    if (m.name == wanted) match.handler = &m.handler;
    if (!match.allowed_methods.empty()) match.allowed_methods += ", ";
    match.allowed_methods += m.name;
  }
  for (size_t i = 0; i < segments.size(); ++i) {
    if (route->segments[i] == kAny) match.path_params.push_back(segments[i]);
  }
  return match;
}

}  // namespace tidemark::http
