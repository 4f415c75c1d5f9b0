#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/labels/label_list.h"
#include "base/labels/label_matcher.h"
#include "base/labels/label_set.h"
#include "tsdb/index/posting_list.h"
#include "tsdb/kv/sst_reader.h"

namespace tidemark::tsdb {

// The file index.sst of a block, as IndexWriter wrote it. Holds next to nothing in memory but what
// is in the cache. Thread-safe. Errors of all calls:
//   DataLoss     the file is damaged; the message names it
//   Unavailable  it cannot be read
class IndexReader {
 public:
  // `cache` may be null.
  //   NotFound             there is no such file
  //   FailedPrecondition   a newer version wrote it
  static absl::StatusOr<std::unique_ptr<IndexReader>> Open(const std::string& path,
                                                           std::shared_ptr<BlockCache> cache);
  virtual ~IndexReader() = default;

  virtual uint32_t num_series() const = 0;  // their numbers are those below

  // The series that pass all matchers; all of them where there are none. Same meaning and cost as
  // LabelIndex::Select.
  virtual absl::StatusOr<PostingSet> Select(std::span<const LabelMatcher> matchers) const = 0;

  // The labels of the series with these numbers, which ascend and are below num_series(): as many
  // as there are numbers, in their order, in place of what `out` held. One read of a page serves
  // all series on it.
  virtual absl::Status ReadLabels(std::span<const uint32_t> numbers, LabelList& out) const = 0;

  // Label names; the values of `name`; sorted.
  virtual absl::StatusOr<std::vector<std::string>> Names() const = 0;
  virtual absl::StatusOr<std::vector<std::string>> Values(std::string_view name) const = 0;
  // The same, of the series in `among` only.
  virtual absl::StatusOr<std::vector<std::string>> NamesOf(const PostingSet& among) const = 0;
  virtual absl::StatusOr<std::vector<std::string>> ValuesOf(std::string_view name,
                                                            const PostingSet& among) const = 0;

  // Every label pair with the number of its series, sorted.
  struct PairCount {
    std::string name, value;
    uint64_t num_series = 0;
  };
  virtual absl::StatusOr<std::vector<PairCount>> CountPairs() const = 0;

  // Reads every byte: checksums, the order of the series, and the postings against the labels.
  virtual absl::Status Verify() const = 0;
};

}  // namespace tidemark::tsdb
