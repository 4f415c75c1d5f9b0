#include "http/active_queries.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "base/io/file.h"
#include "base/json_writer.h"
#include "base/labels/label_set.h"
#include "base/strings.h"

namespace tidemark::http {
namespace {

// At most `max_bytes` of `text`, in whole characters of UTF-8.
std::string_view Shortened(std::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  while (max_bytes > 0 && (text[max_bytes] & 0xc0) == 0x80) --max_bytes;
  return text.substr(0, max_bytes);
}

// The longest entry that begins with all or the first part of `query`.
std::string EntryText(std::string_view query, TimestampMs begun, size_t max_bytes) {
  std::string text;
  for (size_t length = std::min(query.size(), max_bytes);; length -= length / 8 + 1) {
    text.clear();
    JsonWriter json(&text);
    json.BeginObject().Key("query").String(Shortened(query, length));
    json.Key("timestamp_sec").Int(begun / kSecond).EndObject();
    if (text.size() < max_bytes || length == 0) return text + ",";
  }
}

// The entries in a file that a process left behind. What cannot be an entry is passed over.
std::vector<std::string> EntriesIn(std::string_view file, size_t entry_bytes) {
  std::vector<std::string> entries;
  for (size_t begin = 1; begin < file.size(); begin += entry_bytes) {
    const std::string_view place = file.substr(begin, entry_bytes);
    const size_t end = place.find_last_of('}');
    if (place.front() == '{' && end != std::string_view::npos && IsValidUtf8(place)) {
      entries.emplace_back(place.substr(0, end + 1));
    }
  }
  return entries;
}

}  // namespace

ActiveQueries::~ActiveQueries() {
  if (fd_ >= 0) close(fd_);
}

absl::StatusOr<std::vector<std::string>> ActiveQueries::Open(const std::string& path,
                                                             size_t max_queries) {
  const absl::StatusOr<std::string> before = ReadFile(path);
  const absl::MutexLock lock(&mu_);
  fd_ = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd_ < 0) return ErrnoError("open", path);
  if (pwrite(fd_, "[", 1, 0) != 1) return ErrnoError("write", path);
  for (size_t place = max_queries; place-- > 0;) {
    free_.push_back(place);
    WriteEntry(place, "");
  }
  return before.ok() ? EntriesIn(*before, kEntryBytes) : std::vector<std::string>();
}

size_t ActiveQueries::Insert(std::string_view query, TimestampMs begun) {
  const absl::MutexLock lock(&mu_);
  if (fd_ < 0 || free_.empty()) return kNoPlace;
  const size_t place = free_.back();
  free_.pop_back();
  WriteEntry(place, EntryText(query, begun, kEntryBytes));
  return place;
}

void ActiveQueries::Remove(size_t place) {
  if (place == kNoPlace) return;
  const absl::MutexLock lock(&mu_);
  WriteEntry(place, "");
  free_.push_back(place);
}

void ActiveQueries::WriteEntry(size_t place, std::string text) const {
  text.resize(kEntryBytes, ' ');
  // What cannot be written is missing after a crash, which is no reason to refuse a query.
  [[maybe_unused]] const ssize_t written =
      pwrite(fd_, text.data(), text.size(), static_cast<off_t>(1 + place * kEntryBytes));
}

ActiveQueries::Entry::Entry(ActiveQueries& queries, std::string_view query, TimestampMs begun)
    : queries_(queries), place_(queries.Insert(query, begun)) {}

ActiveQueries::Entry::~Entry() { queries_.Remove(place_); }

}  // namespace tidemark::http
