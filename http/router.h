#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/http_server.h"

namespace tidemark::http {

// Finds the handler of a path. Segments of a route that are `*` match any one segment that is not
// empty; a route without them comes first. Thread-compatible.
class Router {
 public:
  void Add(std::string_view method, std::string_view path, Handler handler);

  struct Match {
    const Handler* handler = nullptr;      // null where there is none for this method
    std::string allowed_methods;           // of the path: "GET, POST"; empty where it has none
    std::vector<std::string> path_params;  // unescaped
  };
  // `escaped_path` is as it was received, without the query. HEAD finds what GET would.
  Match Find(std::string_view method, std::string_view escaped_path) const;

 private:
  struct Method {
    std::string name;
    Handler handler;
  };
  struct Route {
    std::vector<std::string> segments;
    std::vector<Method> methods;
  };

  const Route* FindRoute(const std::vector<std::string>& segments) const;

  std::vector<Route> routes_;  // those without `*` first
};

}  // namespace tidemark::http
