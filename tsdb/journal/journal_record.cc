#include "tsdb/journal/journal_record.h"

#include <bit>
#include <cstring>

#include "base/io/hash.h"
#include "base/io/varint.h"
#include "base/strings.h"
#include "tsdb/codec/histogram_row.h"

// A journal record (v = varint, z = zig-zag varint, integers little-endian; number and generation
// are the low and the high half of a reference, which change independently of each other):
//   1  format version, 2
//   v  number of new series, then for each: v number, v generation, v length, label bytes
//   v  number of samples, n
//   n  times z: number minus the one before, from 0
//      runs of equal generations until n are covered: z generation minus the one before, from 0;
//      v length of the run, at least 1
//      runs of equal timestamps, in the same way
//   8n values, the bits of the doubles
//      sections, kinds ascending: v kind, v length, payload
//   4  the low half of XXH3-64 of everything above
// One scrape has one timestamp and neighbouring refs: a byte and a value for each sample.
// Version 1 had no generations and no sections.

namespace tidemark::tsdb {
namespace {

constexpr uint8_t kFormatVersion = 2;
constexpr uint8_t kVersionWithoutGenerations = 1;
constexpr size_t kChecksumBytes = 4;
// Kinds of section. 3 metadata is spoken for; a reader that does not know a kind cannot tell what
// leaving it out would lose, so it refuses the record.
constexpr uint64_t kDeletions = 1, kExemplars = 2, kHistograms = 4;
constexpr size_t kMinDeletionBytes = 4, kMinHistogramBytes = 5,
                 kMinExemplarBytes = 4 + sizeof(double);
// What an entry of the section of histograms says of its kind.
constexpr char kIntegerHistogram = 1, kFloatHistogram = 2;

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

// The halves of a reference.
constexpr uint64_t kMaxHalf = ~uint32_t{0};
constexpr size_t kMaxHalfBytes = 5;  // of a varint of one, or of a difference of two
uint64_t Number(SeriesRef ref) { return static_cast<uint64_t>(ref) & kMaxHalf; }
uint64_t Generation(SeriesRef ref) { return static_cast<uint64_t>(ref) >> 32; }
SeriesRef Reference(uint64_t generation, uint64_t number) {
  return SeriesRef{generation << 32 | number};
}

absl::Status Damaged(std::string_view what) {
  return absl::DataLossError(StrCat("journal record is damaged: ", what));
}

// Reads the difference of a half of a reference to the one before it. False where the sum is
// not one.
bool ReadHalf(std::string_view& rest, uint64_t lowest, uint64_t& half) {
  const auto delta = ConsumeVarint(rest);
  if (!delta) return false;
  half += static_cast<uint64_t>(UnZigZag(*delta));
  return lowest <= half && half <= kMaxHalf;
}

bool ReadNewSeries(std::string_view& rest, bool has_generations, std::vector<NewSeries>& out) {
  const auto count = ConsumeVarint(rest);
  if (!count || *count > rest.size()) return false;
  out.reserve(*count);
  for (uint64_t i = 0; i < *count; ++i) {
    const auto number = ConsumeVarint(rest);
    if (!number || *number == 0 || *number > kMaxHalf) return false;
    const auto generation = has_generations ? ConsumeVarint(rest) : 0;
    if (!generation || *generation > kMaxHalf) return false;
    const auto labels = ConsumeLengthPrefixed(rest);
    if (!labels) return false;
    out.push_back({Reference(*generation, *number), *labels});
  }
  return true;
}

bool ReadNumbers(std::string_view& rest, std::vector<SeriesSample>& samples) {
  uint64_t number = 0;
  for (SeriesSample& sample : samples) {
    if (!ReadHalf(rest, 1, number)) return false;
    sample.series = SeriesRef{number};
  }
  return true;
}

// Reads runs of equal values until all samples have one, which `set` gives them. False where the
// runs do not add up or `set` refuses a value.
template <typename Set>
bool ReadRuns(std::string_view& rest, std::vector<SeriesSample>& samples, const Set& set) {
  uint64_t value = 0;  // unsigned: the difference of two times may wrap
  for (size_t i = 0; i < samples.size();) {
    const auto delta = ConsumeVarint(rest);
    const auto run = delta ? ConsumeVarint(rest) : std::nullopt;
    if (!run || *run == 0 || *run > samples.size() - i) return false;
    value += static_cast<uint64_t>(UnZigZag(*delta));
    for (const size_t end = i + *run; i < end; ++i) {
      if (!set(samples[i], value)) return false;
    }
  }
  return true;
}

bool ReadGenerations(std::string_view& rest, std::vector<SeriesSample>& samples) {
  return ReadRuns(rest, samples, [](SeriesSample& sample, uint64_t generation) {
    sample.series = Reference(generation, Number(sample.series));
    return generation <= kMaxHalf;
  });
}

bool ReadTimestamps(std::string_view& rest, std::vector<SeriesSample>& samples) {
  return ReadRuns(rest, samples, [](SeriesSample& sample, uint64_t timestamp) {
    sample.timestamp = static_cast<TimestampMs>(timestamp);
    return true;
  });
}

void ReadValues(std::string_view& rest, std::vector<SeriesSample>& samples) {
  const char* at = rest.data();
  for (SeriesSample& sample : samples) {
    std::memcpy(&sample.value, at, sizeof(double));
    at += sizeof(double);
  }
  rest.remove_prefix(samples.size() * sizeof(double));
}

// A section of deletions: v count, then for each, as differences to the one before (from 0):
// z number, z generation, z first time, z last time.
bool ReadDeletions(std::string_view rest, std::vector<SeriesDeletion>& out) {
  const auto count = ConsumeVarint(rest);
  if (!count || *count > rest.size() / kMinDeletionBytes) return false;
  out.reserve(*count);
  uint64_t number = 0, generation = 0, min = 0, max = 0;
  for (uint64_t i = 0; i < *count; ++i) {
    if (!ReadHalf(rest, 1, number) || !ReadHalf(rest, 0, generation)) return false;
    const auto min_delta = ConsumeVarint(rest);
    const auto max_delta = min_delta ? ConsumeVarint(rest) : std::nullopt;
    if (!max_delta) return false;
    min += static_cast<uint64_t>(UnZigZag(*min_delta));
    max += static_cast<uint64_t>(UnZigZag(*max_delta));
    const TimeRange times{static_cast<TimestampMs>(min), static_cast<TimestampMs>(max)};
    if (times.min > times.max) return false;
    out.push_back({Reference(generation, number), times});
  }
  return rest.empty();
}

// A section of histograms: v count, then for each, the first three as differences to the one before
// (from 0): z number, z generation, z time, 1 kind, v length, bytes.
bool ReadHistograms(std::string_view rest, std::vector<SeriesHistogram>& out) {
  const auto count = ConsumeVarint(rest);
  if (!count || *count > rest.size() / kMinHistogramBytes) return false;
  out.reserve(*count);
  uint64_t number = 0, generation = 0, timestamp = 0;
  HistogramRow row;
  for (uint64_t i = 0; i < *count; ++i) {
    if (!ReadHalf(rest, 1, number) || !ReadHalf(rest, 0, generation)) return false;
    const auto delta = ConsumeVarint(rest);
    if (!delta || rest.empty()) return false;
    timestamp += static_cast<uint64_t>(UnZigZag(*delta));
    const char kind = rest.front();
    rest.remove_prefix(1);
    const auto bytes = ConsumeLengthPrefixed(rest);
    if (!bytes) return false;
    std::string_view left = *bytes;
    row.layout.reset();
    if (!ConsumeHistogram(left, &row) || !left.empty()) return false;
    if (kind != (row.is_float ? kFloatHistogram : kIntegerHistogram)) return false;
    out.push_back({Reference(generation, number), static_cast<TimestampMs>(timestamp), *bytes});
  }
  return rest.empty();
}

// A section of exemplars: v count, then for each, the first three as differences to the one before
// (from 0): z number, z generation, z time, 8 value, v length, label bytes.
bool ReadExemplars(std::string_view rest, std::vector<SeriesExemplar>& out) {
  const auto count = ConsumeVarint(rest);
  if (!count || *count > rest.size() / kMinExemplarBytes) return false;
  out.reserve(*count);
  uint64_t number = 0, generation = 0, timestamp = 0;
  for (uint64_t i = 0; i < *count; ++i) {
    if (!ReadHalf(rest, 1, number) || !ReadHalf(rest, 0, generation)) return false;
    const auto delta = ConsumeVarint(rest);
    if (!delta || rest.size() < sizeof(double)) return false;
    timestamp += static_cast<uint64_t>(UnZigZag(*delta));
    SeriesExemplar exemplar;
    exemplar.series = Reference(generation, number);
    exemplar.timestamp = static_cast<TimestampMs>(timestamp);
    std::memcpy(&exemplar.value, rest.data(), sizeof(double));
    rest.remove_prefix(sizeof(double));
    const auto labels = ConsumeLengthPrefixed(rest);
    if (!labels) return false;
    exemplar.labels = *labels;
    out.push_back(exemplar);
  }
  return rest.empty();
}

// Writes a value as what is added to the one before.
void WriteDifference(uint64_t value, uint64_t& before, Writer& w) {
  w.Varint(ZigZag(static_cast<int64_t>(value - before)));
  before = value;
}

size_t HistogramsBound(std::span<const SeriesHistogram> histograms) {
  size_t bound = kMaxVarintBytes;
  for (const SeriesHistogram& h : histograms) bound += 4 * kMaxVarintBytes + 1 + h.bytes.size();
  return bound;
}

void WriteHistograms(std::span<const SeriesHistogram> histograms, Writer& w) {
  w.Varint(histograms.size());
  uint64_t number = 0, generation = 0, timestamp = 0;
  for (const SeriesHistogram& h : histograms) {
    WriteDifference(Number(h.series), number, w);
    WriteDifference(Generation(h.series), generation, w);
    WriteDifference(static_cast<uint64_t>(h.timestamp), timestamp, w);
    const char kind = IsFloatHistogram(h.bytes) ? kFloatHistogram : kIntegerHistogram;
    w.Bytes(&kind, 1);
    w.Varint(h.bytes.size());
    w.Bytes(h.bytes.data(), h.bytes.size());
  }
}

size_t ExemplarsBound(std::span<const SeriesExemplar> exemplars) {
  size_t bound = kMaxVarintBytes;
  for (const SeriesExemplar& e : exemplars) {
    bound += 4 * kMaxVarintBytes + sizeof(double) + e.labels.size();
  }
  return bound;
}

void WriteExemplars(std::span<const SeriesExemplar> exemplars, Writer& w) {
  w.Varint(exemplars.size());
  uint64_t number = 0, generation = 0, timestamp = 0;
  for (const SeriesExemplar& e : exemplars) {
    WriteDifference(Number(e.series), number, w);
    WriteDifference(Generation(e.series), generation, w);
    WriteDifference(static_cast<uint64_t>(e.timestamp), timestamp, w);
    w.Bytes(&e.value, sizeof(double));
    w.Varint(e.labels.size());
    w.Bytes(e.labels.data(), e.labels.size());
  }
}

void WriteDeletions(std::span<const SeriesDeletion> deletions, Writer& w) {
  w.Varint(deletions.size());
  uint64_t number = 0, generation = 0, min = 0, max = 0;
  for (const SeriesDeletion& d : deletions) {
    WriteDifference(Number(d.series), number, w);
    WriteDifference(Generation(d.series), generation, w);
    WriteDifference(static_cast<uint64_t>(d.times.min), min, w);
    WriteDifference(static_cast<uint64_t>(d.times.max), max, w);
  }
}

// The sections there are, each with its kind and length.
std::string WriteSections(const JournalContents& contents) {
  const auto& [series, samples, deletions, histograms, exemplars] = contents;
  std::string sections, section;
  const auto add = [&](uint64_t kind, size_t bound, const auto& write) {
    section.resize(bound);
    Writer w(section.data());
    write(w);
    section.resize(static_cast<size_t>(w.at() - section.data()));
    AppendVarint(kind, &sections);
    AppendLengthPrefixed(section, &sections);
  };
  if (!deletions.empty()) {
    add(kDeletions, (1 + 4 * deletions.size()) * kMaxVarintBytes,
        [&](Writer& w) { WriteDeletions(deletions, w); });
  }
  if (!exemplars.empty()) {
    add(kExemplars, ExemplarsBound(exemplars), [&](Writer& w) { WriteExemplars(exemplars, w); });
  }
  if (!histograms.empty()) {
    add(kHistograms, HistogramsBound(histograms),
        [&](Writer& w) { WriteHistograms(histograms, w); });
  }
  return sections;
}

absl::Status ReadSections(std::string_view rest, JournalBatch& out) {
  uint64_t before = 0;
  while (!rest.empty()) {
    const auto kind = ConsumeVarint(rest);
    const auto payload = kind ? ConsumeLengthPrefixed(rest) : std::nullopt;
    if (!payload || *kind <= before) return Damaged("sections");
    before = *kind;
    if (*kind == kDeletions) {
      if (!ReadDeletions(*payload, out.deletions)) return Damaged("deletions");
    } else if (*kind == kExemplars) {
      if (!ReadExemplars(*payload, out.exemplars)) return Damaged("exemplars");
    } else if (*kind == kHistograms) {
      if (!ReadHistograms(*payload, out.histograms)) return Damaged("histograms");
    } else {
      return absl::FailedPreconditionError(
          StrCat("journal record has a section of unknown kind ", *kind));
    }
  }
  return absl::OkStatus();
}

uint64_t GenerationOf(const SeriesSample& s) { return Generation(s.series); }
uint64_t TimestampOf(const SeriesSample& s) { return static_cast<uint64_t>(s.timestamp); }

// How many runs there are of equal generations and of equal timestamps.
struct NumRuns {
  size_t generations = 0, timestamps = 0;
};
NumRuns CountRuns(std::span<const SeriesSample> samples) {
  if (samples.empty()) return {};
  NumRuns runs{1, 1};
  for (size_t i = 1; i < samples.size(); ++i) {
    runs.generations += GenerationOf(samples[i]) != GenerationOf(samples[i - 1]) ? 1 : 0;
    runs.timestamps += TimestampOf(samples[i]) != TimestampOf(samples[i - 1]) ? 1 : 0;
  }
  return runs;
}

// Writes the runs of `get` of each sample.
template <typename Get>
void WriteRuns(std::span<const SeriesSample> samples, size_t num_runs, const Get& get, Writer& w) {
  uint64_t before = 0;
  for (size_t i = 0; i < samples.size();) {
    const uint64_t value = get(samples[i]);
    size_t end = num_runs == 1 ? samples.size() : i + 1;
    while (end < samples.size() && get(samples[end]) == value) ++end;
    w.Varint(ZigZag(static_cast<int64_t>(value - before)));
    w.Varint(end - i);
    before = value;
    i = end;
  }
}

}  // namespace

void EncodeJournalRecord(const JournalContents& contents, std::string* out) {
  const auto& [new_series, samples, deletions, histograms, exemplars] = contents;
  const std::string sections = WriteSections(contents);
  size_t bound = 1 + 2 * kMaxVarintBytes + sections.size() + kChecksumBytes;
  for (const NewSeries& s : new_series) bound += 3 * kMaxVarintBytes + s.labels.size();
  bound += samples.size() * (kMaxHalfBytes + sizeof(double));
  // Making room fills it, which costs as much as all else: so the room is no more than needed.
  const NumRuns runs = CountRuns(samples);
  bound += (runs.generations + runs.timestamps) * 2 * kMaxVarintBytes;
  out->resize(bound);

  Writer w(out->data());
  w.Bytes(&kFormatVersion, 1);
  w.Varint(new_series.size());
  for (const NewSeries& s : new_series) {
    w.Varint(Number(s.series));
    w.Varint(Generation(s.series));
    w.Varint(s.labels.size());
    w.Bytes(s.labels.data(), s.labels.size());
  }
  w.Varint(samples.size());
  uint64_t number = 0;
  for (const SeriesSample& s : samples) {
    const uint64_t next = Number(s.series);
    w.Varint(ZigZag(static_cast<int64_t>(next - number)));
    number = next;
  }
  WriteRuns(samples, runs.generations, GenerationOf, w);
  WriteRuns(samples, runs.timestamps, TimestampOf, w);
  for (const SeriesSample& s : samples) w.Bytes(&s.value, sizeof(double));
  w.Bytes(sections.data(), sections.size());
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
  const auto version = static_cast<uint8_t>(rest[0]);
  const bool is_first_version = version == kVersionWithoutGenerations;
  if (version != kFormatVersion && !is_first_version) {
    return absl::FailedPreconditionError(
        StrCat("journal record has unknown version ", static_cast<int>(version)));
  }
  rest.remove_prefix(1);
  if (!ReadNewSeries(rest, !is_first_version, out.new_series)) return Damaged("new series");
  const auto count = ConsumeVarint(rest);
  if (!count || *count > rest.size() / sizeof(double)) return Damaged("number of samples");
  out.samples.resize(*count);
  if (!ReadNumbers(rest, out.samples)) return Damaged("references");
  if (!is_first_version && !ReadGenerations(rest, out.samples)) return Damaged("generations");
  if (!ReadTimestamps(rest, out.samples)) return Damaged("timestamps");
  if (rest.size() < *count * sizeof(double)) return Damaged("values");
  ReadValues(rest, out.samples);
  if (is_first_version) return rest.empty() ? absl::OkStatus() : Damaged("values");
  return ReadSections(rest, out);
}

}  // namespace tidemark::tsdb
