#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tidemark {

// The MD5 digest of `bytes`: for formats that prescribe it, never for security. OpenSSL is behind
// it. Thread-safe.
std::array<uint8_t, 16> Md5(std::string_view bytes);

}  // namespace tidemark
