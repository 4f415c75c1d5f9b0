#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/labels/label_set.h"

namespace tidemark::tsdb {

// Writes the file index.sst of a block: the labels of its series and, for each label pair, who has
// it. Layout: docs/storage-format.md. One thread. Memory: each label pair once, and some bytes per
// series and label until Finish. Errors of all calls:
//   ResourceExhausted  the disk is full
//   Unavailable        any other failure to write
//   Internal           series out of order, or none at all
class IndexWriter {
 public:
  // Makes the file, replacing an old one.
  static absl::StatusOr<std::unique_ptr<IndexWriter>> Create(const std::string& path);
  virtual ~IndexWriter() = default;

  // The next series, ascending by label set, each once; they are numbered from 0 in this order.
  virtual absl::Status Add(const LabelSet& labels) = 0;
  // Writes the postings and fsyncs the file (not its directory). Then only the destructor.
  virtual absl::Status Finish() = 0;
};

}  // namespace tidemark::tsdb
