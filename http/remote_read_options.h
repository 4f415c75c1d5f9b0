#pragma once

#include <cstddef>

namespace tidemark::http {

// What the server of remote read gives at most.
struct RemoteReadOptions {
  size_t sample_limit = 50'000'000;           // of a query that is answered with samples; 0: none
  size_t concurrent_limit = 10;               // requests at a time, others wait; 0: none
  size_t max_bytes_in_frame = 1 << 20;        // of chunks, about
  size_t max_answer_bytes = size_t{1} << 30;  // of an answer with samples, compressed
};

}  // namespace tidemark::http
