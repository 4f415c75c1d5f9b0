#include "tsdb/head/exemplar_store.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <tuple>
#include <utility>

#include "base/io/hash.h"
#include "base/io/varint.h"
#include "base/status_macros.h"
#include "base/strings.h"

// The bytes of Encode (v = varint, z = zig-zag varint, integers little-endian):
//   1  format version, 1
//   v  the number of the first batch of the journal that may have more
//   v  number of series, then for each: v length, label bytes
//   v  number of exemplars, the oldest first, then for each: v series, in order of the above, from
//      0; z time minus that of the one before, from 0; 8 value; v length, label bytes
//   4  the low half of XXH3-64 of everything above

namespace tidemark::tsdb {
namespace {

constexpr char kFormatVersion = 1;
constexpr size_t kChecksumBytes = 4, kMinExemplarBytes = 3 + sizeof(double);
constexpr size_t kMaxUtf8Bytes = 4;  // of a character

// Bytes that are no UTF-8 do not make labels shorter than they are.
bool AreTooLong(const LabelSet& labels) {
  if (labels.bytes().size() > 2 * kMaxUtf8Bytes * kMaxExemplarCharacters) return true;
  size_t num_characters = 0;
  for (const LabelView& label : labels) {
    for (const std::string_view text : {label.name, label.value}) {
      num_characters += static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<uint8_t>(c) & 0xC0) != 0x80;
      }));
    }
  }
  return num_characters > kMaxExemplarCharacters;
}

bool IsSame(const Exemplar& a, const Exemplar& b) {
  return a.timestamp == b.timestamp && a.value == b.value && a.labels == b.labels;
}

absl::Status Damaged() { return absl::DataLossError("exemplars are damaged"); }

// One exemplar as it was read.
struct ReadExemplar {
  uint64_t series;
  Exemplar exemplar;
};

std::optional<LabelSet> ConsumeLabels(std::string_view& rest) {
  const auto bytes = ConsumeLengthPrefixed(rest);
  if (!bytes) return std::nullopt;
  absl::StatusOr<LabelSet> labels = LabelSet::FromBytes(std::string(*bytes));
  if (!labels.ok()) return std::nullopt;
  return *std::move(labels);
}

std::optional<std::vector<LabelSet>> ConsumeSeries(std::string_view& rest) {
  const auto count = ConsumeVarint(rest);
  if (!count || *count > rest.size()) return std::nullopt;
  std::vector<LabelSet> series;
  for (uint64_t i = 0; i < *count; ++i) {
    std::optional<LabelSet> labels = ConsumeLabels(rest);
    if (!labels) return std::nullopt;
    series.push_back(*std::move(labels));
  }
  return series;
}

std::optional<std::vector<ReadExemplar>> ConsumeExemplars(std::string_view& rest,
                                                          size_t num_series) {
  const auto count = ConsumeVarint(rest);
  if (!count || *count > rest.size() / kMinExemplarBytes) return std::nullopt;
  std::vector<ReadExemplar> exemplars;
  uint64_t time = 0;
  for (uint64_t i = 0; i < *count; ++i) {
    const auto series = ConsumeVarint(rest);
    const auto delta = series ? ConsumeVarint(rest) : std::nullopt;
    if (!delta || *series >= num_series || rest.size() < sizeof(double)) return std::nullopt;
    ReadExemplar read{.series = *series, .exemplar = {}};
    time += static_cast<uint64_t>(UnZigZag(*delta));
    read.exemplar.timestamp = static_cast<TimestampMs>(time);
    std::memcpy(&read.exemplar.value, rest.data(), sizeof(double));
    rest.remove_prefix(sizeof(double));
    std::optional<LabelSet> labels = ConsumeLabels(rest);
    if (!labels) return std::nullopt;
    read.exemplar.labels = *std::move(labels);
    exemplars.push_back(std::move(read));
  }
  return exemplars;
}

}  // namespace

ExemplarStore::ExemplarStore(size_t capacity, MetricRegistry& metrics)
    : appended_(metrics.AddCounter("prometheus_tsdb_exemplar_exemplars_appended_total",
                                   "Total number of appended exemplars.")),
      out_of_order_(
          metrics.AddCounter("prometheus_tsdb_exemplar_out_of_order_exemplars_total",
                             "Total number of out of order exemplar ingestion failed attempts.")),
      stored_(metrics.AddGauge("prometheus_tsdb_exemplar_exemplars_in_storage",
                               "Number of exemplars currently in circular storage.")),
      series_with_exemplars_(
          metrics.AddGauge("prometheus_tsdb_exemplar_series_with_exemplars_in_storage",
                           "Number of series with exemplars currently in circular storage.")),
      oldest_seconds_(metrics.AddGauge("prometheus_tsdb_exemplar_last_exemplars_timestamp_seconds",
                                       "The time of the oldest exemplar in circular storage.")),
      max_(metrics.AddGauge("prometheus_tsdb_exemplar_max_exemplars",
                            "Number of exemplars that circular storage has room for.")),
      capacity_(std::min<size_t>(capacity, kNone)) {
  max_.Set(static_cast<double>(capacity_));
}

bool ExemplarStore::is_enabled() const {
  absl::ReaderMutexLock lock(&mu_);
  return capacity_ > 0;
}

uint64_t ExemplarStore::num_added() const {
  absl::ReaderMutexLock lock(&mu_);
  return num_added_;
}

ExemplarVerdict ExemplarStore::Check(const LabelSet& series, const Exemplar& exemplar) const {
  absl::ReaderMutexLock lock(&mu_);
  return CheckLocked(series, exemplar);
}

ExemplarVerdict ExemplarStore::CheckLocked(const LabelSet& series, const Exemplar& exemplar) const {
  if (capacity_ == 0) return ExemplarVerdict::kIgnored;
  if (AreTooLong(exemplar.labels)) return ExemplarVerdict::kLabelsTooLong;
  const auto found = series_.find(series);
  if (found == series_.end()) return ExemplarVerdict::kTaken;
  const Exemplar& newest = slots_[found->second.newest].exemplar;
  if (IsSame(newest, exemplar)) return ExemplarVerdict::kIgnored;
  // Several at one time are fine: a native histogram has some for each scrape.
  const bool ascends = std::tie(newest.timestamp, newest.value, newest.labels) <
                       std::tie(exemplar.timestamp, exemplar.value, exemplar.labels);
  return ascends ? ExemplarVerdict::kTaken : ExemplarVerdict::kOutOfOrder;
}

ExemplarVerdict ExemplarStore::Add(const LabelSet& series, Exemplar exemplar) {
  absl::MutexLock lock(&mu_);
  const ExemplarVerdict verdict = CheckLocked(series, exemplar);
  if (verdict == ExemplarVerdict::kOutOfOrder) out_of_order_.Increment();
  if (verdict != ExemplarVerdict::kTaken) return verdict;
  Put(series, std::move(exemplar));
  appended_.Increment();
  Publish();
  return verdict;
}

void ExemplarStore::Put(const LabelSet& series, Exemplar exemplar) {
  uint32_t place = static_cast<uint32_t>(slots_.size());
  if (slots_.size() < capacity_) {
    slots_.emplace_back();
  } else {
    place = static_cast<uint32_t>(oldest_);
    oldest_ = (oldest_ + 1) % slots_.size();
    Evict(place);
  }
  const auto [known, is_new] = series_.try_emplace(series, Ends{place, place});
  if (!is_new) {
    slots_[known->second.newest].next = place;
    known->second.newest = place;
  }
  slots_[place] = {std::move(exemplar), known, kNone};
  ++num_added_;
}

// It is the oldest one of all, and so of its series.
void ExemplarStore::Evict(uint32_t place) {
  const Slot& slot = slots_[place];
  if (slot.next == kNone) {
    series_.erase(slot.series);
  } else {
    slot.series->second.oldest = slot.next;
  }
}

void ExemplarStore::Resize(size_t capacity) {
  absl::MutexLock lock(&mu_);
  capacity = std::min<size_t>(capacity, kNone);
  if (capacity == capacity_) return;
  capacity_ = capacity;
  max_.Set(static_cast<double>(capacity_));
  const size_t num_kept = std::min(slots_.size(), capacity_);
  std::vector<std::pair<LabelSet, Exemplar>> kept;
  for (size_t i = slots_.size() - num_kept; i < slots_.size(); ++i) {
    Slot& slot = slots_[PlaceOf(i)];
    kept.emplace_back(slot.series->first, std::move(slot.exemplar));
  }
  slots_.clear();
  slots_.shrink_to_fit();
  series_.clear();
  oldest_ = 0;
  for (auto& [series, exemplar] : kept) Put(series, std::move(exemplar));
  Publish();
}

void ExemplarStore::Publish() {
  stored_.Set(static_cast<double>(slots_.size()));
  series_with_exemplars_.Set(static_cast<double>(series_.size()));
  const double oldest =
      slots_.empty() ? 0 : static_cast<double>(slots_[oldest_].exemplar.timestamp) / kSecond;
  oldest_seconds_.Set(oldest);
}

std::vector<SeriesExemplars> ExemplarStore::Select(
    std::span<const std::vector<LabelMatcher>> selectors, TimeRange range) const {
  const auto passes = [&](const LabelSet& labels) {
    return std::any_of(selectors.begin(), selectors.end(), [&](const auto& matchers) {
      return std::all_of(matchers.begin(), matchers.end(),
                         [&](const LabelMatcher& m) { return m.Matches(labels.Get(m.name())); });
    });
  };
  std::vector<SeriesExemplars> out;
  absl::ReaderMutexLock lock(&mu_);
  for (const auto& [labels, ends] : series_) {
    if (slots_[ends.oldest].exemplar.timestamp > range.max ||
        slots_[ends.newest].exemplar.timestamp < range.min || !passes(labels)) {
      continue;
    }
    SeriesExemplars found;
    for (uint32_t place = ends.oldest; place != kNone; place = slots_[place].next) {
      const Exemplar& exemplar = slots_[place].exemplar;
      if (exemplar.timestamp > range.max) break;
      if (exemplar.timestamp >= range.min) found.exemplars.push_back(exemplar);
    }
    if (found.exemplars.empty()) continue;
    found.labels = labels;
    out.push_back(std::move(found));
  }
  return out;
}

std::string ExemplarStore::Encode(uint64_t covers) const {
  std::string out(1, kFormatVersion);
  AppendVarint(covers, &out);
  absl::ReaderMutexLock lock(&mu_);
  AppendVarint(series_.size(), &out);
  std::map<std::string_view, uint64_t> numbers;  // of series, by their bytes
  for (const auto& [labels, ends] : series_) {
    numbers.emplace(labels.bytes(), numbers.size());
    AppendLengthPrefixed(labels.bytes(), &out);
  }
  AppendVarint(slots_.size(), &out);
  uint64_t time = 0;
  for (size_t i = 0; i < slots_.size(); ++i) {
    const Slot& slot = slots_[PlaceOf(i)];
    const auto next = static_cast<uint64_t>(slot.exemplar.timestamp);
    AppendVarint(numbers.at(slot.series->first.bytes()), &out);
    AppendVarint(ZigZag(static_cast<int64_t>(next - time)), &out);
    time = next;
    out.append(reinterpret_cast<const char*>(&slot.exemplar.value), sizeof(double));
    AppendLengthPrefixed(slot.exemplar.labels.bytes(), &out);
  }
  const uint32_t checksum = Checksum32(out);
  out.append(reinterpret_cast<const char*>(&checksum), kChecksumBytes);
  return out;
}

absl::StatusOr<uint64_t> ExemplarStore::Load(std::string_view bytes) {
  if (bytes.size() < 1 + kChecksumBytes) return Damaged();
  std::string_view rest = bytes.substr(0, bytes.size() - kChecksumBytes);
  uint32_t checksum = 0;
  std::memcpy(&checksum, bytes.data() + rest.size(), kChecksumBytes);
  if (checksum != Checksum32(rest)) return Damaged();
  if (rest.front() != kFormatVersion) {
    return absl::FailedPreconditionError(
        StrCat("exemplars have unknown version ", static_cast<int>(rest.front())));
  }
  rest.remove_prefix(1);
  const auto covers = ConsumeVarint(rest);
  const auto series = covers ? ConsumeSeries(rest) : std::nullopt;
  auto exemplars = series ? ConsumeExemplars(rest, series->size()) : std::nullopt;
  if (!exemplars || !rest.empty()) return Damaged();
  absl::MutexLock lock(&mu_);
  for (ReadExemplar& read : *exemplars) {
    const LabelSet& labels = (*series)[read.series];
    if (CheckLocked(labels, read.exemplar) != ExemplarVerdict::kTaken) continue;
    Put(labels, std::move(read.exemplar));
  }
  Publish();
  return *covers;
}

}  // namespace tidemark::tsdb
