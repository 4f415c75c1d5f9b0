#include "base/io/md5.h"

#include <openssl/evp.h>

namespace tidemark {

std::array<uint8_t, 16> Md5(std::string_view bytes) {
  std::array<uint8_t, 16> digest{};
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_md5(), nullptr);
  return digest;
}

}  // namespace tidemark
