#pragma once

#include <string>

namespace tidemark {

// "404 Not Found": a status code with what RFC 9110 and its companions call it; "599" alone where
// they do not know it. As Go's net/http writes it.
std::string HttpStatusText(int status);

}  // namespace tidemark
