#include "tests/testing/tls_front.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "base/strings.h"

namespace tidemark::testing {
namespace {

using BioPtr = std::unique_ptr<BIO, decltype(&BIO_free)>;

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int Listen(int* port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(fd, generic, size) != 0 || listen(fd, SOMAXCONN) != 0) abort();
  if (getsockname(fd, generic, &size) != 0) abort();
  *port = ntohs(address.sin_port);
  return fd;
}

int Connect(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(port);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) abort();
  return fd;
}

BioPtr Bytes(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free};
}

X509* ReadCertificate(const std::string& pem) {
  return PEM_read_bio_X509(Bytes(pem).get(), nullptr, nullptr, nullptr);
}

SSL_CTX* NewContext(const TlsFrontOptions& options) {
  SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
  X509* const cert = ReadCertificate(options.certificate.cert);
  EVP_PKEY* const key =
      PEM_read_bio_PrivateKey(Bytes(options.certificate.key).get(), nullptr, nullptr, nullptr);
  if (SSL_CTX_use_certificate(context, cert) != 1) abort();
  if (SSL_CTX_use_PrivateKey(context, key) != 1) abort();
  X509_free(cert);
  EVP_PKEY_free(key);
  if (options.max_version > 0) {
    SSL_CTX_set_max_proto_version(context, TLS1_VERSION + options.max_version);
    // Old versions only do without the system's idea of security.
    SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
    SSL_CTX_set_security_level(context, 0);
  }
  if (!options.client_ca.empty()) {
    X509* const ca = ReadCertificate(options.client_ca);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca);
    X509_free(ca);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return context;
}

std::string ClientName(const SSL* ssl) {
  X509* const cert = SSL_get1_peer_certificate(ssl);
  if (cert == nullptr) return "";
  char name[256] = {};
  X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, name, sizeof(name));
  X509_free(cert);
  return name;
}

// Passes bytes both ways until either side ends.
void Pump(SSL* ssl, int client, int backend) {
  char bytes[1 << 14];
  while (true) {
    pollfd ready[] = {{client, POLLIN, 0}, {backend, POLLIN, 0}};
    if (SSL_pending(ssl) == 0 && poll(ready, 2, -1) < 0) return;
    if (SSL_pending(ssl) > 0 || ready[0].revents != 0) {
      const int got = SSL_read(ssl, bytes, sizeof(bytes));
      if (got <= 0) return;
      if (send(backend, bytes, static_cast<size_t>(got), MSG_NOSIGNAL) != got) return;
    }
    if (ready[1].revents != 0) {
      const ssize_t got = recv(backend, bytes, sizeof(bytes), 0);
      if (got <= 0 || SSL_write(ssl, bytes, static_cast<int>(got)) != got) return;
    }
  }
}

}  // namespace

class TlsFront::Impl {
 public:
  Impl(int backend_port, const TlsFrontOptions& options)
      : backend_port_(backend_port), context_(NewContext(options)), listener_(Listen(&port_)) {
    acceptor_ = std::thread([this] { Accept(); });
  }

  ~Impl() {
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    std::vector<std::thread> threads;
    {
      absl::MutexLock lock(&mu_);
      for (const int fd : sockets_) shutdown(fd, SHUT_RDWR);
      threads = std::move(threads_);
    }
    for (std::thread& thread : threads) thread.join();
    absl::MutexLock lock(&mu_);
    for (const int fd : sockets_) close(fd);
    close(listener_);
    SSL_CTX_free(context_);
  }

  int port() const { return port_; }
  std::vector<std::string> clients() const ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    return clients_;
  }

 private:
  void Accept() ABSL_LOCKS_EXCLUDED(mu_) {
    while (true) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0 && errno == EINTR) continue;
      if (fd < 0) return;
      absl::MutexLock lock(&mu_);
      sockets_.push_back(fd);
      threads_.emplace_back([this, fd] { Serve(fd); });
    }
  }

  void Serve(int fd) ABSL_LOCKS_EXCLUDED(mu_) {
    // OpenSSL writes to a client that may have left in a way that raises SIGPIPE in this thread.
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    SSL* const ssl = SSL_new(context_);
    SSL_set_fd(ssl, fd);
    if (SSL_accept(ssl) == 1) {
      const int backend = Connect(backend_port_);
      {
        absl::MutexLock lock(&mu_);
        clients_.push_back(ClientName(ssl));
        sockets_.push_back(backend);
      }
      Pump(ssl, fd, backend);
      shutdown(backend, SHUT_RDWR);
    }
    SSL_free(ssl);
    shutdown(fd, SHUT_RDWR);
  }

  const int backend_port_;
  SSL_CTX* const context_;
  int port_ = 0;
  const int listener_;
  mutable absl::Mutex mu_;
  std::vector<int> sockets_ ABSL_GUARDED_BY(mu_);  // closed by the destructor only
  std::vector<std::string> clients_ ABSL_GUARDED_BY(mu_);
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(mu_);
  std::thread acceptor_;  // last: reads all of the above
};

TlsFront::TlsFront(int backend_port, const TlsFrontOptions& options)
    : impl_(std::make_unique<Impl>(backend_port, options)) {}
TlsFront::~TlsFront() = default;

std::string TlsFront::address() const { return StrCat("127.0.0.1:", impl_->port()); }

std::string TlsFront::Url(std::string_view path) const {
  return StrCat("https://", address(), path);
}

std::vector<std::string> TlsFront::clients() const { return impl_->clients(); }

}  // namespace tidemark::testing
