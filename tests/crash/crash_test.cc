#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <random>

#include "base/run/clock.h"
#include "base/strings.h"
#include "tests/crash/batch_plan.h"
#include "tests/testing/temp_directory.h"
#include "tsdb/db.h"

// A writer is killed with SIGKILL at random moments. What it was told is stored must be there when
// the store is opened again; of what was under way, each batch wholly or not at all.
// TIDEMARK_CRASH_ROUNDS and TIDEMARK_CRASH_SEED make it longer or repeat a run.

namespace tidemark::crash {
namespace {

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

using BatchCounts = std::array<uint64_t, kNumThreads>;  // batches of each thread, from 0

// The writer process with the pipe it reports to.
class Writer {
 public:
  Writer(const std::string& directory, int fsync, const BatchCounts& first) {
    std::vector<std::string> arguments = {CRASH_WRITER, directory, StrCat(fsync)};
    for (const uint64_t number : first) arguments.push_back(StrCat(number));
    std::vector<char*> argv;
    for (std::string& a : arguments) argv.push_back(a.data());
    argv.push_back(nullptr);
    std::array<int, 2> ends;
    if (pipe(ends.data()) != 0) std::abort();
    pid_ = fork();
    if (pid_ == 0) {
      dup2(ends[1], STDOUT_FILENO);
      close(ends[0]);
      close(ends[1]);
      execv(argv[0], argv.data());
      _exit(127);
    }
    close(ends[1]);
    reports_ = fdopen(ends[0], "r");
  }
  ~Writer() { fclose(reports_); }

  // Takes the next report into `done`; false where there is none any more.
  bool ReadReport(BatchCounts& done) {
    int thread = 0;
    unsigned long long number = 0;
    if (std::fscanf(reports_, "%d %llu", &thread, &number) != 2) return false;
    done[static_cast<size_t>(thread)] = number + 1;
    return true;
  }
  void Kill() {
    kill(pid_, SIGKILL);
    int status = 0;
    waitpid(pid_, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself, with " << status;
  }

 private:
  pid_t pid_ = 0;
  FILE* reports_ = nullptr;
};

SeriesSamples Contents(const tsdb::Db& db, int thread) {
  SeriesSamples found;
  const auto set = db.NewQuerier()->Select(
      std::vector<LabelMatcher>{LabelMatcher::Equal("thread", StrCat(thread))}, TimeRange());
  EXPECT_TRUE(set.ok()) << set.status();
  SampleColumns samples;
  for (size_t i = 0; i < (*set)->size(); ++i) {
    EXPECT_TRUE((*set)->Read(i, samples).ok());
    auto& series = found[(*set)->labels(i)];
    for (size_t k = 0; k < samples.size(); ++k) series[samples.timestamps[k]] = samples.values[k];
  }
  return found;
}

TEST(CrashTest, NothingAcknowledgedIsLost) {
  const uint64_t num_rounds = FromEnvironment("TIDEMARK_CRASH_ROUNDS", 25);
  const uint64_t seed = FromEnvironment("TIDEMARK_CRASH_SEED", std::random_device()());
  SCOPED_TRACE(StrCat("TIDEMARK_CRASH_SEED=", seed));
  std::mt19937_64 random(seed);
  const testing::TempDirectory directory;
  BatchCounts done{};
  std::array<SeriesSamples, kNumThreads> expected;

  for (uint64_t round = 0; round < num_rounds; ++round) {
    SCOPED_TRACE(StrCat("round ", round));
    const BatchCounts before = done;
    {
      Writer writer(directory.path(), static_cast<int>(round % 3), done);
      const uint64_t num_reports = 1 + random() % 150;
      for (uint64_t i = 0; i < num_reports; ++i) ASSERT_TRUE(writer.ReadReport(done));
      usleep(static_cast<useconds_t>(random() % 3000));  // so that any moment may be hit
      writer.Kill();
      while (writer.ReadReport(done)) {
      }
    }
    MetricRegistry metrics;
    const auto db = tsdb::Db::Open({.path = directory.path()}, Clock::Real(), metrics);
    ASSERT_TRUE(db.ok()) << db.status();
    for (int t = 0; t < kNumThreads; ++t) {
      const auto thread = static_cast<size_t>(t);
      AddBatches(t, before[thread], done[thread], expected[thread]);
      const SeriesSamples found = Contents(**db, t);
      if (found == expected[thread]) continue;
      // One more batch may have been written and not been reported.
      AddBatches(t, done[thread], done[thread] + 1, expected[thread]);
      ++done[thread];
      ASSERT_TRUE(found == expected[thread])
          << "thread " << t << " differs after " << done[thread] - 1 << " acknowledged batches";
    }
  }
}

}  // namespace
}  // namespace tidemark::crash
