#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/io/mapped_file.h"
#include "tsdb/import/prometheus_index.h"

namespace tidemark::tsdb {

// Numbered files of a directory, ascending by number: the segments of a log, the files of head
// chunks. Anything else in the directory is not listed; one that is not there is empty.
//   DataLoss  a number between the first and the last one is missing; `files` has the others
struct NumberedFile {
  uint64_t number = 0;
  std::string path;
};
absl::Status ListNumberedFiles(const std::string& directory, std::vector<NumberedFile>& files);

// The records of a log of Prometheus, WAL, WBL or checkpoint, segment after segment. One thread.
// Memory: one record; segments are mapped. Layout: prometheus/tsdb/docs/format/wal.md, with two
// bits of the fragment's type that say how its record is compressed: 8 snappy, 16 zstd.
//
// What is damaged goes to `damage`, and reading goes on with the next record that begins in a later
// page of 32 KiB. A record that was not finished at the end of the last segment is what a kill
// leaves behind; it goes to `torn`.
class WalReader {
 public:
  struct Record {
    std::string_view bytes;  // valid until the next call
    std::string_view path;   // valid as long as the reader
    uint64_t offset = 0;     // where it begins
  };

  WalReader(std::vector<NumberedFile> segments, DamageSink damage, DamageSink torn)
      : segments_(std::move(segments)), damage_(std::move(damage)), torn_(std::move(torn)) {}

  // False at the end of the last segment.
  bool Next(Record& record);

 private:
  struct Fragment {
    uint64_t offset = 0;
    uint8_t type = 0;
    std::string_view data;
  };

  bool OpenNextSegment();
  // Reads the fragment at at_ and moves behind it. False where there is none in what is left of the
  // segment, which is reported where it should not be.
  bool ReadFragment(Fragment& fragment);
  // What is left of the segment is the beginning of something. Returns false.
  bool EndTorn(std::string_view what);
  // Reports damage at at_ and moves to the next page.
  void PassOver(std::string_view what);
  // Whether `fragment` completes the record that is under way.
  bool Assemble(const Fragment& fragment);
  bool Uncompress(Record& record);

  const std::vector<NumberedFile> segments_;
  const DamageSink damage_, torn_;
  size_t next_segment_ = 0;
  std::unique_ptr<MappedFile> file_;
  uint64_t at_ = 0;
  bool in_record_ = false;
  bool skipping_ = false;  // until a record begins: what comes before belongs to a damaged one
  uint8_t first_type_ = 0;
  uint64_t record_offset_ = 0;
  std::string assembled_, uncompressed_;
  std::string_view payload_;  // the whole record: in the file, or assembled_
};

}  // namespace tidemark::tsdb
