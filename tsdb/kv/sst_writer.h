#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tidemark::tsdb {

// Writes one sorted file of keys and values, the kind that SstReader opens: RocksDB's SstFileWriter
// behind it, every block of the file with a checksum. One thread. A file without Finish is
// unfinished: SstReader refuses it. After an error all calls fail. Errors of all calls:
//   ResourceExhausted  the disk is full; Put may leave it to Finish to say so
//   Unavailable        any other failure to write, likewise
//   Internal           keys out of order, or none at all
class SstWriter {
 public:
  struct Options {
    bool compress = true;            // zstd
    size_t block_bytes = 16 * 1024;  // before compression; what one read of a key costs
  };

  // Makes the file, replacing an old one.
  static absl::StatusOr<std::unique_ptr<SstWriter>> Create(const std::string& path,
                                                           const Options& options);
  virtual ~SstWriter() = default;

  // Keys come in ascending order of their bytes, each once.
  virtual absl::Status Put(std::string_view key, std::string_view value) = 0;
  // Writes what remains and fsyncs the file (not its directory). Then only the destructor.
  virtual absl::Status Finish() = 0;
  // Of the file so far; whole after Finish.
  virtual uint64_t file_bytes() const = 0;
};

}  // namespace tidemark::tsdb
