#include "http/cors.h"

#include "base/status_macros.h"

namespace tidemark::http {

absl::StatusOr<Cors> Cors::Create(std::string_view origin_pattern) {
  ASSIGN_OR_RETURN(AnchoredRegex allowed, AnchoredRegex::Create(origin_pattern));
  return Cors(std::move(allowed), origin_pattern == ".*");
}

void Cors::AddHeaders(std::string_view origin, Response& response) const {
  response.headers.emplace_back("Vary", "Origin");
  if (origin.empty()) return;
  const auto allow = [&response](std::string_view allowed_origin) {
    response.headers.emplace_back("Access-Control-Allow-Headers",
                                  "Accept, Authorization, Content-Type, Origin");
    response.headers.emplace_back("Access-Control-Allow-Methods", "GET, POST, OPTIONS");
    response.headers.emplace_back("Access-Control-Allow-Origin", allowed_origin);
    response.headers.emplace_back("Access-Control-Expose-Headers", "Date");
  };
  if (any_) {
    allow("*");
  } else if (allowed_.Matches(origin)) {
    allow(origin);
  }
}

}  // namespace tidemark::http
