#include "tsdb/journal/checkpoint_file.h"

#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"

#include "base/io/hash.h"
#include "base/io/varint.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::tsdb {
namespace {

constexpr std::string_view kManifestName = "tidemark checkpoint ";
constexpr std::string_view kManifestVersion = "1";
constexpr std::string_view kSummaryKey = "\xff";
// A file without histograms can be read by versions that know none.
constexpr char kSummaryVersion = 1, kSummaryWithHistograms = 2;
// What bounds the work that a damaged summary can ask for.
constexpr size_t kMaxFiles = 1 << 16;

// Sorted as the section, then the number of the slab.
std::string SlabKey(CheckpointSection section, uint32_t slab) {
  std::string key(1, static_cast<char>(section));
  for (int shift = 24; shift >= 0; shift -= 8) key.push_back(static_cast<char>(slab >> shift));
  return key;
}

std::optional<uint32_t> SlabNumber(CheckpointSection section, std::string_view key) {
  if (key.size() != 5 || key[0] != static_cast<char>(section)) return std::nullopt;
  uint32_t slab = 0;
  for (const char c : key.substr(1)) slab = slab << 8 | static_cast<uint8_t>(c);
  return slab;
}

// Layout: docs/storage-format.md.
std::string EncodeSummary(const CheckpointSummary& summary) {
  std::string out(1, summary.has_histograms ? kSummaryWithHistograms : kSummaryVersion);
  AppendVarint(summary.files.covers, &out);
  AppendVarint(summary.files.state, &out);
  AppendVarint(summary.files.series.size(), &out);
  for (const uint64_t number : summary.files.series) AppendVarint(number, &out);
  AppendVarint(summary.num_series, &out);
  AppendVarint(ZigZag(summary.newest), &out);
  for (size_t s = 1; s < kNumCheckpointSections; ++s) AppendVarint(summary.num_slabs[s], &out);
  return out;
}

template <typename T>
bool Consume(std::string_view& bytes, T* value) {
  const std::optional<uint64_t> number = ConsumeVarint(bytes);
  if (!number || *number > std::numeric_limits<T>::max()) return false;
  *value = static_cast<T>(*number);
  return true;
}

bool ConsumeSummary(std::string_view bytes, CheckpointSummary* summary) {
  CheckpointFiles& files = summary->files;
  uint32_t num_files = 0;
  uint64_t newest = 0;
  if (!Consume(bytes, &files.covers) || !Consume(bytes, &files.state)) return false;
  if (!Consume(bytes, &num_files) || num_files > kMaxFiles) return false;
  files.series.resize(num_files);
  for (uint64_t& number : files.series) {
    if (!Consume(bytes, &number)) return false;
  }
  if (!Consume(bytes, &summary->num_series) || !Consume(bytes, &newest)) return false;
  summary->newest = UnZigZag(newest);
  for (size_t s = 1; s < kNumCheckpointSections; ++s) {
    if (!Consume(bytes, &summary->num_slabs[s])) return false;
  }
  return bytes.empty();
}

absl::StatusOr<CheckpointSummary> DecodeSummary(std::string_view bytes) {
  if (bytes.empty()) return absl::DataLossError("empty summary of a checkpoint file");
  if (bytes[0] > kSummaryWithHistograms) {
    return absl::FailedPreconditionError("a checkpoint file of a newer version");
  }
  CheckpointSummary summary;
  summary.has_histograms = bytes[0] == kSummaryWithHistograms;
  if (bytes[0] < kSummaryVersion || !ConsumeSummary(bytes.substr(1), &summary)) {
    return absl::DataLossError("damaged summary of a checkpoint file");
  }
  return summary;
}

absl::Status WithPath(const absl::Status& status, std::string_view path) {
  return absl::Status(status.code(), ToAbsl(StrCat(ToStd(status.message()), ": ", path)));
}

}  // namespace

std::string SeriesFileName(uint64_t number) { return absl::StrFormat("series-%06d.sst", number); }
std::string StateFileName(uint64_t number) { return absl::StrFormat("state-%06d.sst", number); }

std::string EncodeCheckpointManifest(const CheckpointFiles& files) {
  std::string text = StrCat(kManifestName, kManifestVersion, "\ncovers ", files.covers, "\nseries");
  for (const uint64_t number : files.series) StrAppend(&text, " ", number);
  StrAppend(&text, "\nstate ", files.state, "\n");
  StrAppend(&text, "checksum ", absl::StrFormat("%016x", StableHash64(text)), "\n");
  return text;
}

absl::StatusOr<CheckpointFiles> DecodeCheckpointManifest(std::string_view text) {
  const absl::Status damaged = absl::DataLossError("damaged manifest of a checkpoint");
  const size_t checked = text.rfind("checksum ");
  if (checked == std::string_view::npos) return damaged;
  if (text.substr(checked) !=
      absl::StrFormat("checksum %016x\n", StableHash64(text.substr(0, checked)))) {
    return damaged;
  }
  const std::vector<std::string> lines = absl::StrSplit(ToAbsl(text.substr(0, checked)), '\n');
  if (lines[0] != StrCat(kManifestName, kManifestVersion)) {
    return absl::FailedPreconditionError(
        StrCat("manifest of a checkpoint of another version: ", lines[0]));
  }
  if (lines.size() != 5) return damaged;
  CheckpointFiles files;
  const auto numbers = [](const std::string& line, std::string_view name,
                          std::vector<uint64_t>* out) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    if (words[0] != name) return false;
    for (size_t i = 1; i < words.size(); ++i) {
      if (!absl::SimpleAtoi(words[i], &out->emplace_back())) return false;
    }
    return true;
  };
  std::vector<uint64_t> covers, state;
  if (!numbers(lines[1], "covers", &covers) || !numbers(lines[2], "series", &files.series) ||
      !numbers(lines[3], "state", &state) || covers.size() != 1 || state.size() != 1) {
    return damaged;
  }
  files.covers = covers[0];
  files.state = state[0];
  return files;
}

absl::StatusOr<std::unique_ptr<CheckpointFileWriter>> CheckpointFileWriter::Create(
    const std::string& path) {
  ASSIGN_OR_RETURN(std::unique_ptr<SstWriter> sst, SstWriter::Create(path, {.compress = true}));
  return std::unique_ptr<CheckpointFileWriter>(new CheckpointFileWriter(std::move(sst)));
}

absl::Status CheckpointFileWriter::Put(CheckpointSection section, uint32_t slab,
                                       std::string_view bytes) {
  num_slabs_[static_cast<size_t>(section)] = slab + 1;
  return sst_->Put(SlabKey(section, slab), bytes);
}

absl::Status CheckpointFileWriter::Finish(CheckpointSummary summary) {
  summary.num_slabs = num_slabs_;
  RETURN_IF_ERROR(sst_->Put(kSummaryKey, EncodeSummary(summary)));
  return sst_->Finish();
}

absl::StatusOr<std::unique_ptr<CheckpointFile>> CheckpointFile::Open(const std::string& path) {
  ASSIGN_OR_RETURN(std::unique_ptr<SstReader> sst, SstReader::Open(path, nullptr));
  auto file = std::unique_ptr<CheckpointFile>(new CheckpointFile(path, std::move(sst)));
  const std::unique_ptr<KvIterator> it = file->sst_->NewIterator(/*fill_cache=*/false);
  it->Seek(kSummaryKey);
  if (!it->Valid()) {
    RETURN_IF_ERROR(it->status());
    return absl::DataLossError(StrCat("a checkpoint file without a summary: ", path));
  }
  absl::StatusOr<CheckpointSummary> summary = DecodeSummary(it->value());
  if (!summary.ok()) return WithPath(summary.status(), path);
  file->summary_ = *std::move(summary);
  return file;
}

uint64_t CheckpointFile::ForEach(CheckpointSection section, uint32_t first, uint32_t end,
                                 VisitSlab visit) const {
  end = std::min(end, slabs_end(section));
  uint64_t num_damaged = 0;
  const auto pass_over = [&](uint32_t slab, const absl::Status& status) {
    if (num_damaged++ > 0) return;  // one line a section tells enough
    log::Error("passing over a damaged slab of a checkpoint",
               {{"file", path_},
                {"section", StrCat(static_cast<int>(section))},
                {"slab", StrCat(slab)},
                {"err", status.ToString()}});
  };
  const std::unique_ptr<KvIterator> it = sst_->NewIterator(/*fill_cache=*/false);
  uint32_t next = first;  // all slabs below it have been seen
  it->Seek(SlabKey(section, next));
  while (next < end) {
    if (!it->Valid()) {
      if (it->status().ok()) break;
      // Each slab is a block of its own or shares one with its neighbours: try the next.
      pass_over(next, it->status());
      it->Seek(SlabKey(section, ++next));
      continue;
    }
    const std::optional<uint32_t> slab = SlabNumber(section, it->key());
    if (!slab || *slab < next || *slab >= end) break;
    if (absl::Status status = visit(*slab, it->value()); !status.ok()) pass_over(*slab, status);
    next = *slab + 1;
    it->Next();
  }
  return num_damaged;
}

}  // namespace tidemark::tsdb
