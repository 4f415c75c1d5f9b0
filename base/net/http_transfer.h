#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

#include "base/net/http_client.h"
#include "base/net/url.h"

struct curl_slist;

namespace tidemark {

// One exchange of HttpClient. The `void*` are libcurl easy handles: its header stays in the .cc
// files. One thread: the client's.
class HttpTransfer {
 public:
  // `options` name no files and no oauth2 any more.
  HttpTransfer(HttpRequest request, HttpClientOptions options, HttpClient::Callback done);
  HttpTransfer(const HttpTransfer&) = delete;
  HttpTransfer& operator=(const HttpTransfer&) = delete;
  ~HttpTransfer();

  // Makes Prepare fail, with `Get "URL": reason`.
  void Refuse(const absl::Status& reason);
  // Sets up `curl`, which is as new, to do the exchange; the handle refers to this until it is
  // reset. InvalidArgument for what cannot be sent.
  absl::Status Prepare(void* curl);
  // To whom the connection goes, the proxy or the host, with the port; after Prepare.
  std::string_view peer() const { return proxy_.empty() ? host_ : proxy_; }
  // Calls back with the response, or with the error that libcurl's `code` stands for.
  void Finish(void* curl, int code);
  // Calls back with an error of our own: `Get "URL": reason`.
  void Fail(absl::StatusCode code, std::string_view reason);
  void Fail(absl::Status status) { done_(std::move(status)); }

 private:
  absl::Status SetAddress(void* curl, const Url& url);
  absl::Status SetHeaders(void* curl);
  absl::Status SetProxy(void* curl, const Url& url);
  absl::Status AppendHeaders(const HttpHeaders& headers, curl_slist** list) const;
  void SetMethod(void* curl);
  void SetAuthentication(void* curl);
  void SetTls(void* curl);
  void SetCallbacks(void* curl);
  absl::Status ErrorOf(void* curl, int code) const;
  absl::Status ConnectError(void* curl) const;
  std::string Prefixed(std::string_view reason) const;

  size_t MaxWireBytes() const;
  void ReserveBody();
  static size_t OnBody(char* bytes, size_t size, size_t count, void* self);
  static size_t OnHeader(char* bytes, size_t size, size_t count, void* self);

  HttpRequest request_;
  const HttpClientOptions options_;
  HttpClient::Callback done_;
  absl::Status refusal_;
  std::string host_;   // with the port, as in the URL
  std::string proxy_;  // empty: none
  HttpResponse response_;
  size_t header_bytes_ = 0;
  size_t max_wire_bytes_ = 0;  // known with the first bytes of the body
  bool body_too_large_ = false;
  std::string error_text_;  // libcurl writes it
  curl_slist* headers_ = nullptr;
  curl_slist* proxy_headers_ = nullptr;
  curl_slist* connect_to_ = nullptr;
};

}  // namespace tidemark
