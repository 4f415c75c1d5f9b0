#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/labels/label_set.h"
#include "base/model/timestamp.h"
#include "tsdb/block/interval_set.h"

// The slabs of a checkpoint: many small things of one kind, as columns of fixed width and the bytes
// of all of them, so that loading is copying. Layout: docs/storage-format.md. Reading takes any
// bytes: every count is checked against what is there.
namespace tidemark::tsdb {

// One column, where it stands in the bytes of a slab, which need not be aligned.
template <typename T>
class Column {
 public:
  Column() = default;
  Column(const char* at, size_t size) : at_(at), size_(size) {}
  T operator[](size_t i) const {
    T value;
    std::memcpy(&value, at_ + i * sizeof(T), sizeof(T));
    return value;
  }
  size_t size() const { return size_; }

 private:
  const char* at_ = nullptr;
  size_t size_ = 0;
};

// Label pairs. They are numbered within a file, those of a slab from `first` on.
class PairSlab {
 public:
  explicit PairSlab(uint32_t first = 0) : first_(first) {}
  void Add(const LabelView& pair);
  size_t bytes() const { return text_.size() + 8 * name_bytes_.size(); }
  bool empty() const { return name_bytes_.empty(); }
  // The slab; this one is then empty and goes on numbering.
  std::string Encode();
  // Hands each pair to `visit`.  DataLoss  not a slab: none was handed on
  static absl::Status Decode(std::string_view bytes,
                             absl::FunctionRef<void(uint32_t number, const LabelView&)> visit);

 private:
  uint32_t first_;
  std::vector<uint32_t> name_bytes_, value_bytes_;
  std::string text_;
};

// Series: place, generation, hash of the label set, labels as numbers of PairSlab. A place without
// labels was given up, and has only a generation.
class SeriesSlab {
 public:
  struct View {
    Column<uint32_t> numbers, generations, num_labels;
    Column<uint64_t> hashes;
    Column<uint32_t> labels;  // of all, one after another: as many as the sum of num_labels
  };
  void Add(uint32_t number, uint32_t generation, uint64_t hash, std::span<const uint32_t> labels);
  size_t size() const { return numbers_.size(); }
  std::string Encode();
  static absl::StatusOr<View> Decode(std::string_view bytes);

 private:
  std::vector<uint32_t> numbers_, generations_, num_labels_, labels_;
  std::vector<uint64_t> hashes_;
};

// Sealed chunks of series, ascending by series, then time.
class ChunkSlab {
 public:
  struct View {
    Column<uint32_t> numbers, sizes;
    std::string_view bytes;  // of all: as many as the sum of sizes
  };
  void Add(uint32_t number, std::string_view chunk);
  size_t bytes() const { return bytes_.size() + 8 * numbers_.size(); }
  bool empty() const { return numbers_.empty(); }
  std::string Encode();
  static absl::StatusOr<View> Decode(std::string_view bytes);

 private:
  std::vector<uint32_t> numbers_, sizes_;
  std::string bytes_;
};

// What changes with every append: the newest samples of series. Slab i has those of the series from
// i * kSeries on.
class StateSlab {
 public:
  static constexpr uint32_t kSeries = 512;
  static constexpr char kOutOfOrder = 1, kDeletions = 2, kHistograms = 4, kAdmittedHistogram = 8;
  static constexpr char kKnownParts = 15;
  struct View {
    uint64_t covers = 0;  // batches before this one are in what it says of its series
    Column<uint32_t> numbers;
    Column<int64_t> admitted_times;
    Column<uint64_t> admitted_bits;
    Column<int64_t> last_times;
    // For each series 1 byte: which of kOutOfOrder, kDeletions and kHistograms it has, and
    // kAdmittedHistogram where admitted_bits are of one; its open chunk; these.
    std::string_view images;
  };
  // Its images are appended to images() beside.
  void Add(uint32_t number, TimestampMs last_time);
  std::string* images() { return &images_; }
  std::span<const uint32_t> numbers() const { return numbers_; }
  // In the order of Add, before Encode.
  void AddAdmitted(TimestampMs time, uint64_t bits);
  std::string Encode(uint64_t covers);
  static absl::StatusOr<View> Decode(std::string_view bytes);

 private:
  std::vector<uint32_t> numbers_;
  std::vector<int64_t> admitted_times_, last_times_;
  std::vector<uint64_t> admitted_bits_;
  std::string images_;
};

// What was deleted of a series, in StateSlab: v number of ranges, then for each 8 min, 8 max.
void SaveDeletions(const IntervalSet& times, std::string* out);
//   DataLoss  not that; `bytes` is then anywhere
absl::StatusOr<IntervalSet> LoadDeletions(std::string_view& bytes);

}  // namespace tidemark::tsdb
