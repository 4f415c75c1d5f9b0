#include "tsdb/appender.h"

namespace tidemark::tsdb {

std::string_view RejectReasonText(RejectReason reason) {
  switch (reason) {
    case RejectReason::kOutOfOrder:
      return "out of order sample";
    case RejectReason::kDuplicate:
      return "duplicate sample for timestamp";
    case RejectReason::kTooOld:
      return "too old sample";
    case RejectReason::kOutOfBounds:
      break;
  }
  return "out of bounds";
}

}  // namespace tidemark::tsdb
