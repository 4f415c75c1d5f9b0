#include "tests/testing/test_certificates.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <cstdlib>

namespace tidemark::testing {
namespace {

using KeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using CertPtr = std::unique_ptr<X509, decltype(&X509_free)>;

KeyPtr NewKey() { return {EVP_EC_gen("P-256"), &EVP_PKEY_free}; }

template <typename Write>
std::string Pem(Write write) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
  if (write(bio.get()) != 1) abort();
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &bytes);
  return {bytes, static_cast<size_t>(size)};
}

void AddExtension(X509* cert, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, cert, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  if (extension == nullptr) abort();
  X509_add_ext(cert, extension, -1);
  X509_EXTENSION_free(extension);
}

// Signed by `issuer_key` in the name of `issuer`, or of itself where that is null.
CertPtr NewCertificate(const std::string& common_name, EVP_PKEY* key, X509* issuer,
                       EVP_PKEY* issuer_key, const std::string& alternative_names) {
  static std::atomic<long> serial{1};
  CertPtr cert(X509_new(), &X509_free);
  X509_set_version(cert.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(cert.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(cert.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(cert.get()), 86400);
  X509_set_pubkey(cert.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(cert.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
                             0);
  X509* const signer = issuer == nullptr ? cert.get() : issuer;
  X509_set_issuer_name(cert.get(), X509_get_subject_name(signer));
  AddExtension(cert.get(), signer, NID_basic_constraints,
               issuer == nullptr ? "critical,CA:TRUE" : "CA:FALSE");
  if (!alternative_names.empty()) {
    AddExtension(cert.get(), signer, NID_subject_alt_name, alternative_names);
  }
  if (X509_sign(cert.get(), issuer_key, EVP_sha256()) == 0) abort();
  return cert;
}

std::string CertificatePem(X509* cert) {
  return Pem([&](BIO* bio) { return PEM_write_bio_X509(bio, cert); });
}

}  // namespace

struct CertificateAuthority::Keys {
  static std::string NewName() {
    static std::atomic<int> count{0};
    return "Test CA " + std::to_string(++count);
  }

  KeyPtr key = NewKey();
  CertPtr cert = NewCertificate(NewName(), key.get(), nullptr, key.get(), "");
};

CertificateAuthority::CertificateAuthority()
    : keys_(std::make_unique<Keys>()), certificate_(CertificatePem(keys_->cert.get())) {}
CertificateAuthority::~CertificateAuthority() = default;

Certificate CertificateAuthority::Issue(const std::string& common_name,
                                        const std::vector<std::string>& alternative_names) const {
  std::string names;
  for (const std::string& name : alternative_names) {
    if (!names.empty()) names += ",";
    names += name;
  }
  const KeyPtr key = NewKey();
  const CertPtr cert =
      NewCertificate(common_name, key.get(), keys_->cert.get(), keys_->key.get(), names);
  return {CertificatePem(cert.get()), Pem([&](BIO* bio) {
            return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

}  // namespace tidemark::testing
