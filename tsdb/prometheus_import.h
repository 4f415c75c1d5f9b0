#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "tsdb/block/block_meta.h"
#include "tsdb/block_factory.h"

namespace tidemark::tsdb {

// What an import read, wrote and could not read.
struct ImportReport {
  std::vector<BlockMeta> blocks;  // written, or such as would be

  uint64_t num_source_blocks = 0;
  uint64_t num_head_series = 0;        // in the write-ahead log
  uint64_t num_duplicate_samples = 0;  // left out: another one of that series and time went first
  // What this version cannot store.
  uint64_t num_exemplar_records = 0, num_metadata_records = 0;
  // Samples and chunks of the head whose series the write-ahead log does not name.
  uint64_t num_orphaned_samples = 0, num_orphaned_chunks = 0;

  std::vector<std::string> notes;    // what is as it should be and still worth a line
  std::vector<std::string> damages;  // "FILE: byte N: what"; the first kMaxDamages of them
  uint64_t num_damages = 0;

  static constexpr size_t kMaxDamages = 1000;
  void AddDamage(const absl::Status& damage);
};

struct PrometheusImportOptions {
  std::string source;  // the data directory of a Prometheus 2 or 3 that is not running
  BlockFactory new_block;
  // Memory for samples of the head at one time; where there are more of them, the write-ahead log
  // is read that many times. Besides there are the label sets of the head's series, their
  // references and counters (about 100 bytes and the labels for each), and, of a block, its symbols
  // and what BlockWriter takes.
  size_t head_samples_bytes = size_t{256} << 20;
};

// Reads the blocks, write-ahead log, checkpoint, mapped head chunks and out-of-order log of a
// Prometheus and writes every sample in them, floats and native histograms, each once, into blocks: one for each block of
// the source, and for each two hours of the head; blocks of the source that overlap each other or
// samples of the head become one. Nothing of the source is changed.
//
// Damaged parts are passed over and listed in `report`; the rest goes on. Head samples that are
// older than the newest block of the source are in that block, as Prometheus has it, and are not
// read twice. As Prometheus does, of two samples in the log the later one must be newer.
//   NotFound, PermissionDenied   there is no such directory, or it cannot be read
//   FailedPrecondition           it is no data directory of Prometheus
//   and what `new_block` and its writers say
absl::Status ImportPrometheus(const PrometheusImportOptions& options, ImportReport& report);

}  // namespace tidemark::tsdb
