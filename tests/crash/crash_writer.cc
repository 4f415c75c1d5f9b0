#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"

#include "base/strings.h"
#include "tests/crash/batch_plan.h"
#include "tsdb/db.h"

// crash_writer DIRECTORY FSYNC FIRST_OF_THREAD_0 FIRST_OF_THREAD_1
// Appends planned batches until it is killed, and writes "THREAD NUMBER\n" to standard output after
// each acknowledgement.

namespace tidemark::crash {
namespace {

[[noreturn]] void Fail(const absl::Status& status) {
  std::fprintf(stderr, "crash_writer: %s\n", status.ToString().c_str());
  std::exit(1);
}

void AppendForEver(tsdb::Db& db, int thread, uint64_t first) {
  const auto appender = db.NewAppender();
  for (uint64_t number = first;; ++number) {
    size_t num_samples = 0;
    for (const PlannedSample& s : PlanBatch(thread, number)) {
      const auto ref = appender->GetOrCreate(s.labels);
      if (!ref.ok()) Fail(ref.status());
      appender->Append(*ref, s.timestamp, s.value);
      ++num_samples;
    }
    const auto result = appender->Commit(tsdb::CommitMode::kAllOrNothing);
    if (!result.ok()) Fail(result.status());
    if (result->stored != num_samples) {
      Fail(absl::InternalError(StrCat("batch ", number, " stored ", result->stored)));
    }
    // One write of less than PIPE_BUF: the threads' lines do not mix.
    const std::string line = StrCat(thread, " ", number, "\n");
    if (write(STDOUT_FILENO, line.data(), line.size()) < 0) std::exit(0);
  }
}

int Main(int argc, char** argv) {
  if (argc != 3 + kNumThreads) Fail(absl::InvalidArgumentError("wrong number of arguments"));
  MetricRegistry metrics;
  tsdb::Options options{.path = argv[1]};
  options.fsync = static_cast<tsdb::FsyncPolicy>(std::atoi(argv[2]));
  auto db = tsdb::Db::Open(options, Clock::Real(), metrics);
  if (!db.ok()) Fail(db.status());
  std::vector<std::thread> threads;
  for (int t = 0; t < kNumThreads; ++t) {
    threads.emplace_back(
        [&, t] { AppendForEver(**db, t, std::strtoull(argv[3 + t], nullptr, 10)); });
  }
  for (std::thread& t : threads) t.join();
  return 0;
}

}  // namespace
}  // namespace tidemark::crash

int main(int argc, char** argv) { return tidemark::crash::Main(argc, argv); }
