#include "tsdb/import/wal_reader.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "base/io/compression.h"
#include "base/io/crc32c.h"
#include "base/strings.h"
#include "tsdb/import/byte_decoder.h"
#include "tsdb/import/damage.h"

// A segment is a sequence of pages of 32 KiB, the last of which may be cut short. A page holds
// fragments, and zeros where the next one did not fit:
//   1  type: 0 what is left of the page is empty, 1 a whole record, 2 its first fragment, 3 a
//   middle
//      one, 4 its last; + 8 the record is compressed with snappy, + 16 with zstd
//   2  length of the data, big-endian
//   4  CRC-32C of the data, big-endian
//   .  data

namespace tidemark::tsdb {
namespace {

constexpr uint64_t kPageBytes = 32 * 1024;
constexpr uint64_t kHeaderBytes = 7;
constexpr size_t kMaxRecordBytes = size_t{1} << 30;

constexpr uint8_t kPositionMask = 7, kSnappy = 8, kZstd = 16;
constexpr uint8_t kPageEnd = 0, kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4;

}  // namespace

absl::Status ListNumberedFiles(const std::string& directory, std::vector<NumberedFile>& files) {
  files.clear();
  std::error_code error;
  for (std::filesystem::directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    uint64_t number = 0;
    const auto [after, bad] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (bad != std::errc() || after != name.data() + name.size()) continue;
    files.push_back({number, it->path().string()});
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return absl::DataLossError(StrCat(directory, ": ", error.message()));
  }
  std::sort(files.begin(), files.end(),
            [](const NumberedFile& a, const NumberedFile& b) { return a.number < b.number; });
  for (size_t i = 1; i < files.size(); ++i) {
    if (files[i].number == files[i - 1].number + 1) continue;
    return absl::DataLossError(
        StrCat(directory, ": no file between ", files[i - 1].number, " and ", files[i].number));
  }
  return absl::OkStatus();
}

bool WalReader::Next(Record& record) {
  while (true) {
    if (file_ == nullptr && !OpenNextSegment()) return false;
    Fragment fragment;
    if (!ReadFragment(fragment)) {
      if (in_record_) EndTorn("the last record is not finished");
      file_.reset();
    } else if (Assemble(fragment) && Uncompress(record)) {
      return true;
    }
  }
}

bool WalReader::OpenNextSegment() {
  while (next_segment_ < segments_.size()) {
    auto file = MappedFile::Open(segments_[next_segment_++].path);
    at_ = 0;
    in_record_ = skipping_ = false;
    if (file.ok()) {
      file_ = *std::move(file);
      return true;
    }
    damage_(file.status());
  }
  return false;
}

bool WalReader::ReadFragment(Fragment& fragment) {
  const std::string_view bytes = file_->bytes();
  while (at_ < bytes.size()) {
    const uint64_t page_left = kPageBytes - at_ % kPageBytes;
    const std::string_view rest = bytes.substr(at_, page_left);
    if (page_left < kHeaderBytes || rest[0] == kPageEnd) {
      if (rest.find_first_not_of('\0') != std::string_view::npos) {
        damage_(DamageAt(file_->path(), at_, "bytes in the empty end of a page"));
        skipping_ = true;
      }
      at_ += page_left;
      continue;
    }
    if (rest.size() < kHeaderBytes) return EndTorn("the last fragment is not finished");
    ByteDecoder decoder(rest);
    fragment.type = decoder.Byte();
    fragment.offset = at_;
    const uint16_t length = decoder.Be16();
    const uint32_t checksum = decoder.Be32();
    if (length > page_left - kHeaderBytes) {
      PassOver("a fragment reaches past the end of its page");
      continue;
    }
    if (length > decoder.rest().size()) return EndTorn("the last fragment is not finished");
    fragment.data = decoder.Bytes(length);
    if (Crc32c(fragment.data) != checksum) {
      PassOver("checksum mismatch in a fragment");
      continue;
    }
    at_ += kHeaderBytes + length;
    return true;
  }
  return false;
}

bool WalReader::EndTorn(std::string_view what) {
  const uint64_t offset = in_record_ ? record_offset_ : at_;
  const absl::Status status = DamageAt(file_->path(), offset, what);
  (next_segment_ == segments_.size() ? torn_ : damage_)(status);
  at_ = file_->bytes().size();
  in_record_ = false;
  return false;
}

void WalReader::PassOver(std::string_view what) {
  damage_(DamageAt(file_->path(), at_, what));
  at_ = (at_ / kPageBytes + 1) * kPageBytes;
  in_record_ = false;
  skipping_ = true;
}

bool WalReader::Assemble(const Fragment& fragment) {
  const uint8_t position = fragment.type & kPositionMask;
  const bool begins = position == kFull || position == kFirst;
  const bool known = (begins || position == kMiddle || position == kLast) &&
                     (fragment.type & ~(kPositionMask | kSnappy | kZstd)) == 0;
  if (!known || begins == in_record_) {
    if (!skipping_ || begins || !known) {
      damage_(DamageAt(file_->path(), fragment.offset,
                       known ? "a fragment does not follow the one before" : "unknown fragment"));
    }
    skipping_ = true;
    in_record_ = false;
    if (!known || !begins) return false;
  }
  if (begins) {
    record_offset_ = fragment.offset;
    first_type_ = fragment.type;
    skipping_ = false;
    assembled_.clear();
  }
  if (position == kFull) {
    payload_ = fragment.data;
    return true;
  }
  assembled_.append(fragment.data);
  in_record_ = position != kLast;
  payload_ = assembled_;
  return !in_record_;
}

bool WalReader::Uncompress(Record& record) {
  absl::Status status;
  if ((first_type_ & kSnappy) != 0) {
    status = SnappyUncompress(payload_, kMaxRecordBytes, &uncompressed_);
  } else if ((first_type_ & kZstd) != 0) {
    status = ZstdUncompress(payload_, kMaxRecordBytes, &uncompressed_);
  }
  if (!status.ok()) {
    damage_(DamageAt(file_->path(), record_offset_, ToStd(status.message())));
    return false;
  }
  const bool compressed = (first_type_ & (kSnappy | kZstd)) != 0;
  record.bytes = compressed ? std::string_view(uncompressed_) : payload_;
  record.path = segments_[next_segment_ - 1].path;
  record.offset = record_offset_;
  return true;
}

}  // namespace tidemark::tsdb
