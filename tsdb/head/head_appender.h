#pragma once

#include <memory>

#include "tsdb/appender.h"
#include "tsdb/head/head.h"

namespace tidemark::tsdb {

// Makes the appenders of a head. Thread-safe.
class HeadAppenders {
 public:
  // `head` outlives this, and is not used by appenders that outlive it.
  explicit HeadAppenders(Head& head);

  std::unique_ptr<Appender> New();

 private:
  class HeadAppender;
  class FreeBuffers;

  Head& head_;
  const std::shared_ptr<FreeBuffers> free_;
};

}  // namespace tidemark::tsdb
