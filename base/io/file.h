#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tidemark {

// All bytes of a file. NotFound, PermissionDenied, Internal, each with the path.
absl::StatusOr<std::string> ReadFile(const std::string& path);
// Replaces the file as a whole: written aside, synced, renamed, directory synced.
absl::Status WriteFileAtomically(const std::string& path, std::string_view text);
// Makes names that were added to or removed from a directory survive a power cut.
absl::Status SyncDirectory(const std::string& path);
// `errno` as a Status: "WHAT PATH: reason".
absl::Status ErrnoError(std::string_view what, std::string_view path);

}  // namespace tidemark
