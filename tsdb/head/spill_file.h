#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tidemark::tsdb {

// A file without a name that stands behind memory which is only read any more, so that the kernel
// may drop the pages and read them back. It ends with the process. Memory comes and goes in pieces
// of one size. One thread, but for reading the memory.
class SpillFile {
 public:
  // In a directory. `piece_bytes` are whole pages.  Unavailable  it cannot be made there
  static absl::StatusOr<std::unique_ptr<SpillFile>> Create(const std::string& directory,
                                                           size_t piece_bytes);
  ~SpillFile();

  // Writes a piece, which nobody changes meanwhile; its number.
  //   ResourceExhausted  the disk is nearly full: the store has better use for what is left
  //   Unavailable        it cannot be written
  absl::StatusOr<uint64_t> Write(const char* piece);
  // Puts what was written as `number` in the place of the same bytes at `piece`, an address of
  // memory that was mapped. Nobody reads there meanwhile.
  //   Unavailable  the kernel refuses; all is as before
  absl::Status Map(uint64_t number, char* piece);
  // Gives up the space of a piece that is not mapped any more.
  void Free(uint64_t number);

 private:
  SpillFile(std::string path, int fd, size_t piece_bytes)
      : path_(std::move(path)), fd_(fd), piece_bytes_(piece_bytes) {}

  const std::string path_;  // of the directory
  const int fd_;
  const size_t piece_bytes_;
  uint64_t num_pieces_ = 0;     // that the file ever had at once
  std::vector<uint64_t> free_;  // numbers
};

}  // namespace tidemark::tsdb
