#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "tsdb/querier.h"

namespace tidemark::tsdb {

// What checkpoint and journal of a data directory hold and blocks do not, read into memory as a
// start would; nothing on the disk is changed. Thread-safe.
class StoredHead : public Queryable {
 public:
  // Empty where there is neither. Reads and checks every byte of both. Holds the directory's lock
  // only while it reads. Memory: that of the head.
  //   FailedPrecondition  a server has the directory open, or a newer version wrote it
  //   others              it cannot be read; the message names the file
  static absl::StatusOr<std::unique_ptr<StoredHead>> Open(const std::string& directory);

  std::unique_ptr<Querier> NewQuerier() const override = 0;
  // What is damaged, by its file. Everything else is here, but for a journal that cannot be opened
  // as it is: what a start would save of it is not.
  virtual const std::vector<std::string>& damages() const = 0;
  // The directories that were read.
  virtual const std::vector<std::string>& parts() const = 0;
};

}  // namespace tidemark::tsdb
