#include "tsdb/import/prometheus_meta.h"

#include <algorithm>
#include <optional>

#include "base/io/crc32c.h"
#include "base/io/file.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "base/yaml_document.h"
#include "tsdb/import/byte_decoder.h"
#include "tsdb/import/damage.h"

namespace tidemark::tsdb {
namespace {

constexpr int64_t kMetaVersion = 1;
constexpr uint32_t kTombstonesMagic = 0x0130BA30;
constexpr uint8_t kTombstonesVersion = 1;
constexpr size_t kTombstonesHeaderBytes = 5;
constexpr size_t kChecksumBytes = 4;
constexpr std::string_view kOutOfOrderHint = "from-out-of-order";

absl::Status ReadParent(const YamlNode& node, std::vector<std::string>& parents) {
  YamlFields fields(node);
  std::string ulid;
  fields.Read("ulid", &ulid);
  RETURN_IF_ERROR(fields.status());
  parents.push_back(std::move(ulid));
  return absl::OkStatus();
}

absl::Status ReadCompaction(const YamlNode& node, PrometheusMeta& meta) {
  YamlFields fields(node);
  std::vector<std::string> hints;
  fields.Read("hints", &hints).Read("parents", [&meta](const YamlNode& parents) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<YamlNode> elements, parents.AsSequence());
    for (const YamlNode& parent : elements) RETURN_IF_ERROR(ReadParent(parent, meta.parents));
    return absl::OkStatus();
  });
  meta.out_of_order = std::find(hints.begin(), hints.end(), kOutOfOrderHint) != hints.end();
  return fields.status();
}

// JSON is YAML. Fields that are not asked for are Prometheus's own business.
absl::StatusOr<PrometheusMeta> ParseMeta(std::string_view text, const std::string& path) {
  ASSIGN_OR_RETURN(const YamlNode root, YamlDocument::Parse(text, path));
  YamlFields fields(root);
  PrometheusMeta meta;
  int64_t version = 0;
  fields.Read("ulid", &meta.ulid)
      .Read("minTime", &meta.min_time)
      .Read("maxTime", &meta.max_time)
      .Read("version", &version)
      .Read("compaction", [&](const YamlNode& node) { return ReadCompaction(node, meta); });
  RETURN_IF_ERROR(fields.status());
  if (version > kMetaVersion) {
    return absl::FailedPreconditionError(
        StrCat(path, ": version ", version, " of a block is not known"));
  }
  if (version < kMetaVersion || meta.min_time >= meta.max_time) {
    return absl::DataLossError(StrCat(path, ": not the description of a block"));
  }
  return meta;
}

}  // namespace

absl::StatusOr<PrometheusMeta> ReadPrometheusMeta(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  absl::StatusOr<PrometheusMeta> meta = ParseMeta(text, path);
  if (absl::IsInvalidArgument(meta.status())) return absl::DataLossError(meta.status().message());
  return meta;
}

absl::StatusOr<std::map<uint64_t, IntervalSet>> ReadPrometheusTombstones(const std::string& path) {
  std::map<uint64_t, IntervalSet> tombstones;
  const absl::StatusOr<std::string> file = ReadFile(path);
  if (absl::IsNotFound(file.status())) return tombstones;
  RETURN_IF_ERROR(file.status());
  const std::string_view bytes = *file;
  if (bytes.size() < kTombstonesHeaderBytes + kChecksumBytes) {
    return DamageAt(path, 0, "too short for tombstones");
  }
  ByteDecoder header(bytes);
  if (header.Be32() != kTombstonesMagic) return DamageAt(path, 0, "not a file of tombstones");
  if (header.Byte() != kTombstonesVersion) return DamageAt(path, 4, "unknown version");
  const std::string_view content =
      bytes.substr(kTombstonesHeaderBytes, bytes.size() - kTombstonesHeaderBytes - kChecksumBytes);
  const size_t checksum_at = bytes.size() - kChecksumBytes;
  if (ByteDecoder(bytes.substr(checksum_at)).Be32() != Crc32c(content)) {
    return DamageAt(path, checksum_at, "checksum mismatch in tombstones");
  }
  ByteDecoder decoder(content);
  while (!decoder.empty()) {
    const uint64_t ref = decoder.Uvarint();
    const TimestampMs min = decoder.Varint(), max = decoder.Varint();
    if (!decoder.ok()) return DamageAt(path, kTombstonesHeaderBytes, "bad tombstone");
    if (min <= max) tombstones[ref].Add({min, max});
  }
  return tombstones;
}

}  // namespace tidemark::tsdb
