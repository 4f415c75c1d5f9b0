#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/testing/test_certificates.h"

namespace tidemark::testing {

struct TlsFrontOptions {
  Certificate certificate;
  std::string client_ca = {};  // PEM; clients must show a certificate of it, where not empty
  int max_version = 0;         // of TLS, 2 for 1.2; 0: the highest there is
};

// A port of 127.0.0.1 that speaks TLS and passes what it carries on to a port that does not:
// makes any server of a test one with TLS. A thread per connection. Thread-safe.
class TlsFront {
 public:
  TlsFront(int backend_port, const TlsFrontOptions& options);
  // Breaks all connections.
  ~TlsFront();

  std::string address() const;                   // "127.0.0.1:PORT"
  std::string Url(std::string_view path) const;  // "https://127.0.0.1:PORT" and `path`
  // Of each handshake that succeeded: the client's common name, empty without a certificate.
  std::vector<std::string> clients() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::testing
