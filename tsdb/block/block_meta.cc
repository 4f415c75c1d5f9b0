#include "tsdb/block/block_meta.h"

#include <sys/random.h>

#include <algorithm>
#include <cstdio>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "base/io/hash.h"
#include "base/json_writer.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "base/yaml_document.h"

namespace tidemark::tsdb {
namespace {

constexpr int64_t kVersion = 1;
constexpr size_t kUlidLength = 26;
constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

// The last field of the object: the checksum of all text before the comma in front of it.
std::string ChecksumField(std::string_view text) {
  char field[32];
  std::snprintf(field, sizeof(field), ",\"checksum\":\"%08x\"}\n", Checksum32(text));
  return field;
}

void AppendUlids(std::string_view key, const std::vector<std::string>& ulids, JsonWriter& json) {
  json.Key(key).BeginArray();
  for (const std::string& ulid : ulids) json.String(ulid);
  json.EndArray();
}

absl::Status ReadCount(const YamlNode& node, uint64_t* count) {
  ASSIGN_OR_RETURN(const int64_t value, node.AsInt());
  if (value < 0) return node.Error("a count is not negative");
  *count = static_cast<uint64_t>(value);
  return absl::OkStatus();
}

absl::Status ReadStats(const YamlNode& node, BlockMeta::Stats* stats) {
  YamlFields fields(node);
  const auto read = [&fields](std::string_view key, uint64_t* count) {
    fields.Read(key, [count](const YamlNode& n) { return ReadCount(n, count); });
  };
  read("numSamples", &stats->num_samples);
  read("numSeries", &stats->num_series);
  read("numChunks", &stats->num_chunks);
  read("numTombstones", &stats->num_tombstones);
  return fields.Finish();
}

absl::Status ReadCompaction(const YamlNode& node, BlockMeta::Compaction* compaction) {
  YamlFields fields(node);
  int64_t level = 0;
  fields.Read("level", &level)
      .Read("sources", &compaction->sources)
      .Read("parents", &compaction->parents);
  RETURN_IF_ERROR(fields.Finish());
  if (level < 1 || level > 1000) return node.Error("no such level");
  compaction->level = static_cast<int>(level);
  return absl::OkStatus();
}

absl::Status CheckUlids(const YamlNode& node, const BlockMeta& meta) {
  const auto all_ulids = [](const std::vector<std::string>& names) {
    return std::all_of(names.begin(), names.end(), IsUlid);
  };
  if (!IsUlid(meta.ulid)) return node.Error("not a ULID");
  if (!all_ulids(meta.compaction.sources)) return node.Error("a source is not a ULID");
  if (!all_ulids(meta.compaction.parents)) return node.Error("a parent is not a ULID");
  return absl::OkStatus();
}

absl::StatusOr<BlockMeta> ReadMeta(const YamlNode& node) {
  YamlFields fields(node);
  BlockMeta meta;
  fields.Read("ulid", &meta.ulid)
      .Read("minTime", &meta.min_time)
      .Read("maxTime", &meta.max_time)
      .Read("stats", [&](const YamlNode& n) { return ReadStats(n, &meta.stats); })
      .Read("compaction", [&](const YamlNode& n) { return ReadCompaction(n, &meta.compaction); });
  fields.Take("version");
  RETURN_IF_ERROR(fields.Finish());
  RETURN_IF_ERROR(CheckUlids(node, meta));
  if (meta.min_time >= meta.max_time) return node.Error("no time between minTime and maxTime");
  return meta;
}

absl::StatusOr<int64_t> ReadVersion(const YamlNode& node) {
  YamlFields fields(node);
  int64_t version = 0;
  fields.Read("version", &version);
  RETURN_IF_ERROR(fields.status());
  return version;
}

absl::Status ToDataLoss(const absl::Status& status) {
  return absl::DataLossError(status.message());
}

// 128 bits, of which the upper 48 are the time.
struct UlidNumber {
  uint64_t high = 0, low = 0;

  static UlidNumber At(TimestampMs now) {
    struct {
      uint64_t low;
      uint16_t high;
    } random;
    // Never fails nor falls short for so few bytes once the system has started.
    if (getrandom(&random, sizeof(random), 0) < 0) random = {};
    const auto time = static_cast<uint64_t>(std::max<TimestampMs>(now, 0));
    return {time << 16 | random.high, random.low};
  }
  UlidNumber Next() const { return {high + (low + 1 == 0), low + 1}; }
  uint64_t time() const { return high >> 16; }

  std::string ToString() const {
    std::string text(kUlidLength, '0');
    UlidNumber rest = *this;
    for (size_t i = kUlidLength; i-- > 0;) {
      text[i] = kCrockford[rest.low & 31];
      rest.low = rest.low >> 5 | rest.high << 59;
      rest.high >>= 5;
    }
    return text;
  }
};

}  // namespace

bool IsUlid(std::string_view text) {
  return text.size() == kUlidLength && text.front() <= '7' &&
         text.find_first_not_of(kCrockford) == std::string_view::npos;
}

std::string FormatBlockMeta(const BlockMeta& meta) {
  const auto count = [](uint64_t n) { return static_cast<int64_t>(n); };
  std::string text;
  JsonWriter json(&text);
  json.BeginObject().Key("ulid").String(meta.ulid);
  json.Key("minTime").Int(meta.min_time).Key("maxTime").Int(meta.max_time);
  json.Key("stats").BeginObject();
  json.Key("numSamples").Int(count(meta.stats.num_samples));
  json.Key("numSeries").Int(count(meta.stats.num_series));
  json.Key("numChunks").Int(count(meta.stats.num_chunks));
  json.Key("numTombstones").Int(count(meta.stats.num_tombstones)).EndObject();
  json.Key("compaction").BeginObject().Key("level").Int(meta.compaction.level);
  AppendUlids("sources", meta.compaction.sources, json);
  AppendUlids("parents", meta.compaction.parents, json);
  json.EndObject().Key("version").Int(kVersion);
  return text.append(ChecksumField(text));
}

absl::StatusOr<BlockMeta> ParseBlockMeta(std::string_view text) {
  const size_t end = text.rfind(",\"checksum\"");
  if (end == std::string_view::npos) return absl::DataLossError("no checksum");
  if (text.substr(end) != ChecksumField(text.substr(0, end))) {
    return absl::DataLossError("the checksum fails");
  }
  const absl::StatusOr<YamlNode> node =
      YamlDocument::Parse(StrCat(text.substr(0, end), "}"), "line");
  if (!node.ok()) return ToDataLoss(node.status());
  const absl::StatusOr<int64_t> version = ReadVersion(*node);
  if (!version.ok()) return ToDataLoss(version.status());
  if (*version != kVersion) {
    return absl::FailedPreconditionError(StrCat("version ", *version, " is not known"));
  }
  absl::StatusOr<BlockMeta> meta = ReadMeta(*node);
  return meta.ok() ? meta : ToDataLoss(meta.status());
}

std::string NewUlid(TimestampMs now) {
  static absl::Mutex mu;
  static UlidNumber last ABSL_GUARDED_BY(mu);
  const UlidNumber fresh = UlidNumber::At(now);
  absl::MutexLock lock(&mu);
  // Within a millisecond, and where the clock went back, order is kept by counting.
  last = fresh.time() > last.time() ? fresh : last.Next();
  return last.ToString();
}

}  // namespace tidemark::tsdb
