#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace tidemark::http {

// Reads requests from a non-blocking socket and writes responses to it, both buffered; waits with
// poll, so that descriptors of any number will do. One thread.
class ClientStream {
 public:
  // How long a client may take to send one request, and to take the next piece of a response.
  static constexpr std::chrono::seconds kRequestTimeout{300}, kSendTimeout{30};

  // `buffer` holds what was received and not read yet; it and the socket outlive the stream.
  ClientStream(int fd, std::span<char> buffer) : fd_(fd), buffer_(buffer) {}

  // A request begins: its timeout runs, and at most `max_bytes` may be read.
  void BeginRequest(size_t max_bytes);
  // At most `max_bytes` more may be read.
  void SetReadLimit(size_t max_bytes) { limit_ = max_bytes; }
  // True where a read failed for that bound.
  bool limit_reached() const { return limit_reached_; }

  // Bytes read; 0 where the client has closed, -1 on an error, the timeout or the bound. What was
  // written is sent first.
  ssize_t Read(char* out, size_t size);
  // False where the connection is broken or the client does not take it.
  bool Write(std::string_view bytes);
  bool Flush();

  // Ends the sending and waits a moment for the client to close: a socket that is closed with a
  // request still coming in is reset, which can take the response away from the client.
  void AwaitClose();

  // The client's IP address; empty where it has gone.
  std::string PeerAddress() const;

  // True where bytes beyond what was read are here already.
  bool has_received() const { return begin_ < end_; }

 private:
  ssize_t Receive();
  bool Send(std::string_view bytes);

  const int fd_;
  const std::span<char> buffer_;
  size_t begin_ = 0, end_ = 0;  // of what is received and not read
  std::string unsent_;
  size_t limit_ = 0;
  bool limit_reached_ = false;
  std::chrono::steady_clock::time_point deadline_;
};

}  // namespace tidemark::http
