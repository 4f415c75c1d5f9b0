#include "tsdb/journal/journal_record.h"

#include <bit>
#include <cstring>

#include "base/io/hash.h"
#include "base/io/varint.h"
#include "base/strings.h"

// A journal record (v = varint, z = zig-zag varint, integers little-endian):
//   1  format version, 1
//   v  number of new series, then for each: v ref, v length, label bytes
//   v  number of samples, n
//   n  times z: ref minus the one before, from 0
//      runs of equal timestamps until n are covered: z timestamp minus the one before, from 0;
//      v length of the run, at least 1
//   8n values, the bits of the doubles
//   4  the low half of XXH3-64 of everything above
// One scrape has one timestamp and neighbouring refs: a byte and a value for each sample.

namespace tidemark::tsdb {
namespace {

constexpr uint8_t kFormatVersion = 1;
constexpr size_t kChecksumBytes = 4;

static_assert(std::endian::native == std::endian::little, "values are copied as they are");

// Writes into space that was made before, so that the loop over samples never grows a string.
class Writer {
 public:
  explicit Writer(char* at) : at_(at) {}
  void Varint(uint64_t value) {
    while (value >= 0x80) {
      *at_++ = static_cast<char>(value | 0x80);
      value >>= 7;
    }
    *at_++ = static_cast<char>(value);
  }
  void Bytes(const void* bytes, size_t size) {
    std::memcpy(at_, bytes, size);
    at_ += size;
  }
  char* at() const { return at_; }

 private:
  char* at_;
};

absl::Status Damaged(std::string_view what) {
  return absl::DataLossError(StrCat("journal record is damaged: ", what));
}

bool ReadNewSeries(std::string_view& rest, std::vector<NewSeries>& out) {
  const auto count = ConsumeVarint(rest);
  if (!count || *count > rest.size()) return false;
  out.reserve(*count);
  for (uint64_t i = 0; i < *count; ++i) {
    const auto ref = ConsumeVarint(rest);
    const auto labels = ref ? ConsumeLengthPrefixed(rest) : std::nullopt;
    if (!labels || *ref == 0) return false;
    out.push_back({SeriesRef{*ref}, *labels});
  }
  return true;
}

bool ReadRefs(std::string_view& rest, std::vector<SeriesSample>& samples) {
  uint64_t ref = 0;
  for (SeriesSample& sample : samples) {
    const auto delta = ConsumeVarint(rest);
    if (!delta) return false;
    ref += static_cast<uint64_t>(UnZigZag(*delta));
    if (ref == 0) return false;
    sample.series = SeriesRef{ref};
  }
  return true;
}

bool ReadTimestamps(std::string_view& rest, std::vector<SeriesSample>& samples) {
  uint64_t timestamp = 0;  // unsigned: the difference of two times may wrap
  for (size_t i = 0; i < samples.size();) {
    const auto delta = ConsumeVarint(rest);
    const auto run = delta ? ConsumeVarint(rest) : std::nullopt;
    if (!run || *run == 0 || *run > samples.size() - i) return false;
    timestamp += static_cast<uint64_t>(UnZigZag(*delta));
    for (const size_t end = i + *run; i < end; ++i) {
      samples[i].timestamp = static_cast<TimestampMs>(timestamp);
    }
  }
  return true;
}

}  // namespace

void EncodeJournalRecord(std::span<const NewSeries> new_series,
                         std::span<const SeriesSample> samples, std::string* out) {
  size_t bound = 1 + 2 * kMaxVarintBytes + kChecksumBytes;
  for (const NewSeries& s : new_series) bound += 2 * kMaxVarintBytes + s.labels.size();
  bound += samples.size() * (3 * kMaxVarintBytes + sizeof(double));
  out->resize(bound);

  Writer w(out->data());
  w.Bytes(&kFormatVersion, 1);
  w.Varint(new_series.size());
  for (const NewSeries& s : new_series) {
    w.Varint(static_cast<uint64_t>(s.series));
    w.Varint(s.labels.size());
    w.Bytes(s.labels.data(), s.labels.size());
  }
  w.Varint(samples.size());
  uint64_t ref = 0;
  for (const SeriesSample& s : samples) {
    const auto next = static_cast<uint64_t>(s.series);
    w.Varint(ZigZag(static_cast<int64_t>(next - ref)));
    ref = next;
  }
  uint64_t timestamp = 0;
  for (size_t i = 0; i < samples.size();) {
    size_t end = i + 1;
    while (end < samples.size() && samples[end].timestamp == samples[i].timestamp) ++end;
    const auto next = static_cast<uint64_t>(samples[i].timestamp);
    w.Varint(ZigZag(static_cast<int64_t>(next - timestamp)));
    w.Varint(end - i);
    timestamp = next;
    i = end;
  }
  for (const SeriesSample& s : samples) w.Bytes(&s.value, sizeof(double));
  const auto size = static_cast<size_t>(w.at() - out->data());
  const uint32_t checksum = Checksum32(std::string_view(out->data(), size));
  w.Bytes(&checksum, kChecksumBytes);
  out->resize(size + kChecksumBytes);
}

absl::Status DecodeJournalRecord(std::string_view record, JournalBatch& out) {
  out.clear();
  if (record.size() < 1 + kChecksumBytes) return Damaged("too short");
  std::string_view rest = record.substr(0, record.size() - kChecksumBytes);
  uint32_t checksum = 0;
  std::memcpy(&checksum, record.data() + rest.size(), kChecksumBytes);
  if (checksum != Checksum32(rest)) return Damaged("checksum mismatch");
  if (static_cast<uint8_t>(rest[0]) != kFormatVersion) {
    return absl::FailedPreconditionError(
        StrCat("journal record has unknown version ", static_cast<int>(rest[0])));
  }
  rest.remove_prefix(1);
  if (!ReadNewSeries(rest, out.new_series)) return Damaged("new series");
  const auto count = ConsumeVarint(rest);
  if (!count || *count > rest.size() / sizeof(double)) return Damaged("number of samples");
  out.samples.resize(*count);
  if (!ReadRefs(rest, out.samples)) return Damaged("references");
  if (!ReadTimestamps(rest, out.samples)) return Damaged("timestamps");
  if (rest.size() != *count * sizeof(double)) return Damaged("values");
  for (SeriesSample& sample : out.samples) {
    std::memcpy(&sample.value, rest.data(), sizeof(double));
    rest.remove_prefix(sizeof(double));
  }
  return absl::OkStatus();
}

}  // namespace tidemark::tsdb
