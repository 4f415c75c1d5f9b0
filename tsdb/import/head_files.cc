#include "tsdb/import/head_files.h"

#include <charconv>
#include <filesystem>
#include <optional>

#include "base/strings.h"
#include "tsdb/import/damage.h"

namespace tidemark::tsdb {
namespace {

constexpr std::string_view kCheckpointPrefix = "checkpoint.";

void ListInto(const std::string& directory, const DamageSink& damage,
              std::vector<NumberedFile>& files) {
  const absl::Status status = ListNumberedFiles(directory, files);
  if (!status.ok()) damage(status);
}

// The newest checkpoint: it holds what is still wanted of the segments up to its number.
std::optional<NumberedFile> FindCheckpoint(const std::string& log_directory) {
  std::optional<NumberedFile> newest;
  std::error_code error;
  for (std::filesystem::directory_iterator it(log_directory, error), end; !error && it != end;
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (!name.starts_with(kCheckpointPrefix)) continue;
    const char* const begin = name.data() + kCheckpointPrefix.size();
    const char* const name_end = name.data() + name.size();
    uint64_t number = 0;
    const auto [after, bad] = std::from_chars(begin, name_end, number);
    if (bad != std::errc() || after != name_end) continue;  // one that was not finished
    if (!newest || newest->number < number) newest = NumberedFile{number, it->path().string()};
  }
  return newest;
}

void ReadLog(const std::vector<NumberedFile>& segments, bool late, HeadSink& sink,
             const DamageSink& damage, const DamageSink& torn) {
  WalReader reader(segments, damage, torn);
  WalReader::Record bytes;
  WalRecord record;
  while (reader.Next(bytes)) {
    const absl::Status status = DecodeWalRecord(bytes.bytes, record);
    if (status.ok()) {
      sink.OnRecord(record, late);
    } else {
      damage(DamageAt(bytes.path, bytes.offset, ToStd(status.message())));
    }
  }
}

}  // namespace

HeadFiles HeadFiles::List(const std::string& directory, const DamageSink& damage) {
  HeadFiles files;
  const std::string log = StrCat(directory, "/wal");
  ListInto(log, damage, files.log_);
  if (const auto checkpoint = FindCheckpoint(log)) {
    ListInto(checkpoint->path, damage, files.checkpoint_);
    std::erase_if(files.log_,
                  [&](const NumberedFile& file) { return file.number <= checkpoint->number; });
  }
  ListInto(StrCat(directory, "/chunks_head"), damage, files.chunks_);
  ListInto(StrCat(directory, "/wbl"), damage, files.late_log_);
  return files;
}

void HeadFiles::Read(HeadSink& sink, const DamageSink& damage, const DamageSink& torn) const {
  ReadLog(checkpoint_, /*late=*/false, sink, damage, /*torn=*/damage);
  ReadLog(log_, /*late=*/false, sink, damage, torn);
  HeadChunkReader chunks(chunks_, damage, torn);
  for (HeadChunk chunk; chunks.Next(chunk);) sink.OnChunk(chunk);
  ReadLog(late_log_, /*late=*/true, sink, damage, torn);
}

}  // namespace tidemark::tsdb
