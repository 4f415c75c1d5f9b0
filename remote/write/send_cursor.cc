#include "remote/write/send_cursor.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/io/file.h"
#include "base/io/hash.h"
#include "base/io/varint.h"
#include "base/strings.h"

// Two slots that are written in turn, each (v = varint, integers little-endian):
//   4  length of the rest; 4  the low half of its XXH3-64
//   v  version, 1; v  how many writes there were; v  number of shards, then for each: v number of
//   the
//      batch, v index of the sample
// The slot that is sound and has seen more writes counts.

namespace tidemark::remote {
namespace {

constexpr size_t kSlotBytes = 64 << 10;
constexpr size_t kHeaderBytes = 8;
constexpr uint64_t kVersion = 1;

struct Slot {
  uint64_t sequence = 0;
  ShardPlaces places;
};

std::optional<Slot> ParseSlot(std::string_view bytes) {
  uint32_t size = 0, checksum = 0;
  if (bytes.size() < kHeaderBytes) return std::nullopt;
  std::memcpy(&size, bytes.data(), sizeof(size));
  std::memcpy(&checksum, bytes.data() + sizeof(size), sizeof(checksum));
  bytes.remove_prefix(kHeaderBytes);
  if (size > bytes.size() || Checksum32(bytes.substr(0, size)) != checksum) return std::nullopt;
  bytes = bytes.substr(0, size);
  Slot slot;
  const auto version = ConsumeVarint(bytes);
  const auto sequence = ConsumeVarint(bytes);
  const auto count = ConsumeVarint(bytes);
  if (version != kVersion || !sequence || !count || *count > SendCursor::kMaxShards) {
    return std::nullopt;
  }
  slot.sequence = *sequence;
  for (uint64_t i = 0; i < *count; ++i) {
    const auto number = ConsumeVarint(bytes);
    const auto index = ConsumeVarint(bytes);
    if (!number || !index) return std::nullopt;
    slot.places.push_back({*number, *index});
  }
  return slot;
}

std::string SlotBytes(uint64_t sequence, const ShardPlaces& places) {
  std::string bytes(kHeaderBytes, '\0');
  AppendVarint(kVersion, &bytes);
  AppendVarint(sequence, &bytes);
  AppendVarint(places.size(), &bytes);
  for (const JournalPlace& place : places) {
    AppendVarint(place.number, &bytes);
    AppendVarint(place.index, &bytes);
  }
  const auto size = static_cast<uint32_t>(bytes.size() - kHeaderBytes);
  const uint32_t checksum = Checksum32(std::string_view(bytes).substr(kHeaderBytes));
  std::memcpy(bytes.data(), &size, sizeof(size));
  std::memcpy(bytes.data() + sizeof(size), &checksum, sizeof(checksum));
  return bytes;
}

static_assert(SendCursor::kMaxShards * 2 * kMaxVarintBytes + 64 <= kSlotBytes);

}  // namespace

absl::StatusOr<std::unique_ptr<SendCursor>> SendCursor::Open(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return ErrnoError("open", path);
  std::unique_ptr<SendCursor> cursor(new SendCursor(path, fd));
  cursor->Read();
  return cursor;
}

SendCursor::~SendCursor() {
  Sync().IgnoreError();
  close(fd_);
}

void SendCursor::Read() {
  std::string bytes(kSlotBytes, '\0');
  for (off_t slot = 0; slot < 2; ++slot) {
    const ssize_t got =
        pread(fd_, bytes.data(), bytes.size(), slot * static_cast<off_t>(kSlotBytes));
    if (got <= 0) continue;
    auto parsed = ParseSlot(std::string_view(bytes).substr(0, static_cast<size_t>(got)));
    if (!parsed || parsed->places.empty() || parsed->sequence <= sequence_) continue;
    sequence_ = parsed->sequence;
    places_ = std::move(parsed->places);
  }
}

absl::Status SendCursor::Write(const ShardPlaces& places) {
  const std::string bytes = SlotBytes(sequence_ + 1, places);
  const auto offset = static_cast<off_t>((sequence_ + 1) % 2 * kSlotBytes);
  if (pwrite(fd_, bytes.data(), bytes.size(), offset) != static_cast<ssize_t>(bytes.size())) {
    return ErrnoError("write", path_);
  }
  ++sequence_;
  places_ = places;
  has_unsynced_ = true;
  return absl::OkStatus();
}

absl::Status SendCursor::Sync() {
  if (!has_unsynced_) return absl::OkStatus();
  if (fdatasync(fd_) != 0) return ErrnoError("sync", path_);
  has_unsynced_ = false;
  return absl::OkStatus();
}

}  // namespace tidemark::remote
