#include "tsdb/import/prometheus_index.h"

#include <algorithm>

#include "base/io/crc32c.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/import/byte_decoder.h"
#include "tsdb/import/damage.h"

namespace tidemark::tsdb {
namespace {

constexpr uint32_t kMagic = 0xBAAAD700;
constexpr size_t kHeaderBytes = 5;
constexpr size_t kChecksumBytes = 4;
constexpr size_t kContentsBytes = 6 * 8;  // six offsets: symbols, series, and four not read here
constexpr uint64_t kSeriesAlignment = 16;

bool ChecksumFits(std::string_view bytes, std::string_view checksum) {
  return ByteDecoder(checksum).Be32() == Crc32c(bytes);
}

// `value` = base + delta; false where that is no timestamp.
bool Add(TimestampMs base, uint64_t delta, TimestampMs* value) {
  return !__builtin_add_overflow(base, static_cast<DurationMs>(delta), value) && *value >= base;
}

}  // namespace

absl::StatusOr<std::unique_ptr<PrometheusIndex>> PrometheusIndex::Open(const std::string& path) {
  ASSIGN_OR_RETURN(std::unique_ptr<MappedFile> file, MappedFile::Open(path));
  std::unique_ptr<PrometheusIndex> index(new PrometheusIndex(std::move(file)));
  RETURN_IF_ERROR(index->ReadContents());
  return index;
}

absl::Status PrometheusIndex::DamageHere(uint64_t offset, std::string_view what) const {
  return DamageAt(file_->path(), offset, what);
}

absl::Status PrometheusIndex::ReadContents() {
  const std::string_view bytes = file_->bytes();
  if (bytes.size() < kHeaderBytes + kContentsBytes + kChecksumBytes) {
    return DamageHere(0, "too short for an index");
  }
  ByteDecoder header(bytes);
  if (header.Be32() != kMagic) return DamageHere(0, "not an index");
  format_ = header.Byte();
  if (format_ != 1 && format_ != 2) {
    return absl::FailedPreconditionError(
        StrCat(file_->path(), ": index format ", format_, " is not known"));
  }

  const uint64_t contents_at = bytes.size() - kContentsBytes - kChecksumBytes;
  const std::string_view contents = bytes.substr(contents_at, kContentsBytes);
  if (!ChecksumFits(contents, bytes.substr(contents_at + kContentsBytes))) {
    return DamageHere(contents_at, "checksum mismatch in the table of contents");
  }
  ByteDecoder offsets(contents);
  const uint64_t symbols = offsets.Be64();
  at_ = offsets.Be64();
  if (at_ < kHeaderBytes || at_ > contents_at) return DamageHere(contents_at, "bad offset");
  end_ = contents_at;
  while (!offsets.empty()) {  // the series end where the next section begins
    const uint64_t section = offsets.Be64();
    if (section > at_) end_ = std::min(end_, section);
  }
  return ReadSymbols(symbols);
}

absl::Status PrometheusIndex::ReadSymbols(uint64_t offset) {
  const std::string_view bytes = file_->bytes();
  if (offset < kHeaderBytes || offset > bytes.size()) return DamageHere(offset, "bad offset");
  ByteDecoder section(bytes.substr(offset));
  const std::string_view content = section.Bytes(section.Be32());
  const std::string_view checksum = section.Bytes(kChecksumBytes);
  if (!section.ok()) return DamageHere(offset, "symbols end too soon");
  if (!ChecksumFits(content, checksum)) return DamageHere(offset, "checksum mismatch in symbols");

  ByteDecoder table(content);
  const uint32_t count = table.Be32();
  symbols_begin_ = static_cast<uint64_t>(content.data() - bytes.data());
  symbols_end_ = symbols_begin_ + content.size();
  if (count > content.size()) return DamageHere(offset, "more symbols than bytes");
  if (format_ == 1) return absl::OkStatus();  // refs are offsets in the file
  symbols_.reserve(count);
  for (uint32_t i = 0; i < count; ++i) symbols_.push_back(table.LengthPrefixed());
  if (!table.ok()) return DamageHere(offset, "symbols end too soon");
  return absl::OkStatus();
}

bool PrometheusIndex::FindSymbol(uint64_t ref, std::string_view* symbol) const {
  if (format_ == 2) {
    if (ref >= symbols_.size()) return false;
    *symbol = symbols_[ref];
    return true;
  }
  if (ref < symbols_begin_ || ref >= symbols_end_) return false;
  ByteDecoder at(file_->bytes().substr(ref, symbols_end_ - ref));
  *symbol = at.LengthPrefixed();
  return at.ok();
}

bool PrometheusIndex::Next(IndexedSeries& series, const DamageSink& damage) {
  const std::string_view bytes = file_->bytes();
  bool in_damage = false;
  while (true) {
    while (at_ < end_ && bytes[at_] == 0) ++at_;  // padding
    if (at_ >= end_) return false;
    const absl::Status status = ReadSeries(series);
    if (status.ok()) return true;
    if (!in_damage) damage(status);
    in_damage = true;
    // Entries of format 2 are aligned, so the next one can be found again.
    at_ = format_ == 2 ? (at_ / kSeriesAlignment + 1) * kSeriesAlignment : end_;
  }
}

absl::Status PrometheusIndex::ReadSeries(IndexedSeries& series) {
  series.offset = at_;
  series.ref = format_ == 2 ? at_ / kSeriesAlignment : at_;
  ByteDecoder decoder(file_->bytes().substr(at_, end_ - at_));
  const std::string_view entry = decoder.LengthPrefixed();
  const std::string_view checksum = decoder.Bytes(kChecksumBytes);
  if (!decoder.ok()) return DamageHere(at_, "series entry ends too soon");
  if (!ChecksumFits(entry, checksum)) return DamageHere(at_, "checksum mismatch in series entry");
  RETURN_IF_ERROR(ReadEntry(entry, series));
  at_ += decoder.position();
  return absl::OkStatus();
}

absl::Status PrometheusIndex::ReadEntry(std::string_view entry, IndexedSeries& series) const {
  ByteDecoder decoder(entry);
  std::string labels;
  for (uint64_t left = decoder.Uvarint(); left > 0 && decoder.ok(); --left) {
    std::string_view name, value;
    if (!FindSymbol(decoder.Uvarint(), &name) || !FindSymbol(decoder.Uvarint(), &value)) {
      return DamageHere(at_, "series entry names a symbol that is not there");
    }
    AppendLengthPrefixed(name, &labels);
    AppendLengthPrefixed(value, &labels);
  }
  absl::StatusOr<LabelSet> label_set = LabelSet::FromBytes(std::move(labels));
  if (!label_set.ok()) return DamageHere(at_, "series entry with labels that are not sorted");
  series.labels = *std::move(label_set);

  series.chunks.clear();
  IndexedSeries::Chunk chunk;
  for (uint64_t left = decoder.Uvarint(); left > 0 && decoder.ok(); --left) {
    const bool first = series.chunks.empty();
    if (first) {
      chunk.min_time = decoder.Varint();
    } else if (!Add(chunk.max_time, decoder.Uvarint(), &chunk.min_time)) {
      return DamageHere(at_, "series entry with a bad time");
    }
    if (!Add(chunk.min_time, decoder.Uvarint(), &chunk.max_time)) {
      return DamageHere(at_, "series entry with a bad time");
    }
    chunk.ref = first ? decoder.Uvarint() : chunk.ref + static_cast<uint64_t>(decoder.Varint());
    series.chunks.push_back(chunk);
  }
  if (!decoder.ok()) return DamageHere(at_, "series entry ends too soon");
  return absl::OkStatus();
}

}  // namespace tidemark::tsdb
