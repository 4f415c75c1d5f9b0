#pragma once

#include <memory>
#include <string>
#include <vector>

namespace tidemark::testing {

// A certificate with its key, both in PEM.
struct Certificate {
  std::string cert, key;
};

// Issues certificates, valid for a day, that only those trust who trust `certificate()`.
class CertificateAuthority {
 public:
  CertificateAuthority();
  ~CertificateAuthority();

  const std::string& certificate() const { return certificate_; }  // PEM
  // For a server at these names and addresses ("DNS:a.example", "IP:127.0.0.1"), or for a client.
  Certificate Issue(const std::string& common_name,
                    const std::vector<std::string>& alternative_names = {}) const;

 private:
  struct Keys;
  std::unique_ptr<Keys> keys_;
  std::string certificate_;
};

}  // namespace tidemark::testing
