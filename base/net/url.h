#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace tidemark {

// An absolute http or https URL in its parts.
struct Url {
  std::string scheme, host, path,
      query;              // host with the port where one was given; path begins with '/'
  std::string user_info;  // "user:password" or empty

  // InvalidArgument where `text` is not an absolute http(s) URL.
  static absl::StatusOr<Url> Parse(std::string_view text);
  std::string ToString() const;
};

// Percent-encoding for a query component (space as '+') and its inverse; a bad escape stays as it
// is.
std::string QueryEscape(std::string_view text);
std::string QueryUnescape(std::string_view text);

// "a=1&b=2", keys in the order given.
std::string FormEncode(const std::vector<std::pair<std::string, std::string>>& fields);

}  // namespace tidemark
