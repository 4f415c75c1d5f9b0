#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"

#include "base/strings.h"
#include "tests/crash/batch_plan.h"
#include "tests/testing/histogram_series.h"
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

// Lets each thread append so many batches per round of maintenance, so that neither runs away.
class Pace {
 public:
  void AwaitTurn(uint64_t num_batches) {
    absl::MutexLock lock(&mu_);
    const auto may = [&] { return num_batches < kBatchesPerRound * (num_rounds_ + 1); };
    mu_.Await(absl::Condition(&may));
  }
  void EndRound() {
    absl::MutexLock lock(&mu_);
    ++num_rounds_;
  }

 private:
  static constexpr uint64_t kBatchesPerRound = 15;
  absl::Mutex mu_;
  uint64_t num_rounds_ ABSL_GUARDED_BY(mu_) = 0;
};

void AppendForEver(tsdb::Db& db, int thread, uint64_t first, Pace& pace) {
  const auto appender = db.NewAppender();
  for (uint64_t number = first;; ++number) {
    pace.AwaitTurn(number - first);
    size_t num_samples = 0;
    absl::StatusOr<tsdb::CommitResult> result;
    do {
      num_samples = 0;
      for (const PlannedSample& s : PlanBatch(thread, number)) {
        const auto ref = appender->GetOrCreate(s.labels);
        if (!ref.ok()) Fail(ref.status());
        testing::AppendValue(s.labels, *ref, s.timestamp, s.value, *appender);
        ++num_samples;
      }
      result = appender->Commit(tsdb::CommitMode::kAllOrNothing);
    } while (absl::IsNotFound(result.status()));  // a series left before it had its first sample
    if (!result.ok()) Fail(result.status());
    if (result->stored != num_samples) {
      Fail(absl::InternalError(StrCat("batch ", number, " stored ", result->stored)));
    }
    // One write of less than PIPE_BUF: the threads' lines do not mix.
    const std::string line = StrCat(thread, " ", number, "\n");
    if (write(STDOUT_FILENO, line.data(), line.size()) < 0) std::exit(0);
  }
}

// A series that the test does not look at comes and is deleted again.
void MaintainForEver(tsdb::Db& db, Pace& pace) {
  const auto appender = db.NewAppender();
  const auto matcher = LabelMatcher::Equal("__name__", "doomed");
  while (true) {
    const auto ref = appender->GetOrCreate({{"__name__", "doomed"}});
    if (!ref.ok()) Fail(ref.status());
    appender->Append(*ref, db.Stats().range.max, 1);
    appender->Commit(tsdb::CommitMode::kPartial).IgnoreError();  // it may have left meanwhile
    if (const auto deleted = db.Delete({&matcher, 1}, TimeRange()); !deleted.ok()) {
      Fail(deleted.status());
    }
    if (const absl::Status status = db.Maintain(); !status.ok()) Fail(status);
    pace.EndRound();
  }
}

int Main(int argc, char** argv) {
  if (argc != 3 + kNumThreads) Fail(absl::InvalidArgumentError("wrong number of arguments"));
  MetricRegistry metrics;
  tsdb::Options options = CrashOptions(argv[1]);
  options.fsync = static_cast<tsdb::FsyncPolicy>(std::atoi(argv[2]));
  auto db = tsdb::Db::Open(options, Clock::Real(), metrics);
  if (!db.ok()) Fail(db.status());
  Pace pace;
  std::vector<std::thread> threads;
  for (int t = 0; t < kNumThreads; ++t) {
    threads.emplace_back(
        [&, t] { AppendForEver(**db, t, std::strtoull(argv[3 + t], nullptr, 10), pace); });
  }
  threads.emplace_back([&] { MaintainForEver(**db, pace); });
  for (std::thread& t : threads) t.join();
  return 0;
}

}  // namespace
}  // namespace tidemark::crash

int main(int argc, char** argv) { return tidemark::crash::Main(argc, argv); }
