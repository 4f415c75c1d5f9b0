#pragma once

#include <string>
#include <vector>

#include "tsdb/import/head_chunks.h"
#include "tsdb/import/wal_reader.h"
#include "tsdb/import/wal_record.h"

namespace tidemark::tsdb {

// Takes what the files of a head hold.
class HeadSink {
 public:
  virtual ~HeadSink() = default;
  // `late`: of the log of out-of-order samples.
  virtual void OnRecord(const WalRecord& record, bool late) = 0;
  virtual void OnChunk(const HeadChunk& chunk) = 0;
};

// The files of the head in a data directory of Prometheus: `wal` with its newest checkpoint,
// `chunks_head` and `wbl`. Thread-compatible.
class HeadFiles {
 public:
  // Missing directories are empty. What else is missing goes to `damage`.
  static HeadFiles List(const std::string& directory, const DamageSink& damage);

  // Gives all there is: first the checkpoint and the log, which name the series, then the chunks
  // and the late samples, each in the order in which Prometheus wrote them. What a kill left
  // unfinished goes to `torn`.
  void Read(HeadSink& sink, const DamageSink& damage, const DamageSink& torn) const;

 private:
  std::vector<NumberedFile> checkpoint_, log_, chunks_, late_log_;
};

}  // namespace tidemark::tsdb
