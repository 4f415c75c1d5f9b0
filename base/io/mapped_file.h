#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace tidemark {

// A file's bytes, read as they are looked at and given back to the system under pressure: for large
// files of others that are read once. The file must not shrink meanwhile, and a disk that fails to
// read ends the process (SIGBUS). Thread-safe.
class MappedFile {
 public:
  // NotFound, PermissionDenied, Internal, each with the path.
  static absl::StatusOr<std::unique_ptr<MappedFile>> Open(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::string_view bytes() const { return bytes_; }  // valid as long as this
  const std::string& path() const { return path_; }

 private:
  MappedFile(std::string path, std::string_view bytes) : path_(std::move(path)), bytes_(bytes) {}

  const std::string path_;
  const std::string_view bytes_;
};

}  // namespace tidemark
