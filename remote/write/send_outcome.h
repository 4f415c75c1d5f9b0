#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

#include "base/model/timestamp.h"
#include "base/net/http_client.h"

namespace tidemark::remote {

// What the answer to a remote-write request means for what it carried.
struct SendOutcome {
  enum class Kind {
    kDelivered,
    kRetry,    // it may be taken later: 5xx, perhaps 429, no answer
    kRefused,  // it will never be taken
  };
  Kind kind = Kind::kDelivered;
  DurationMs retry_after = 0;  // what the receiver asks for, at most an hour; 0 where it does not
  std::string reason;          // for the log, where it was not delivered
  // Of a refused request: what the receiver says it has written all the same, in 2.0.
  uint64_t samples_written = 0, histograms_written = 0;
};

// `now` is what a date in Retry-After is compared with.
SendOutcome JudgeAnswer(const absl::StatusOr<HttpResponse>& answer, bool retry_on_http_429,
                        TimestampMs now);

}  // namespace tidemark::remote
