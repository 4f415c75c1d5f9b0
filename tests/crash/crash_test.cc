#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <random>

#include "base/run/clock.h"
#include "base/strings.h"
#include "tests/crash/batch_plan.h"
#include "tests/testing/histogram_series.h"
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
  // `failpoint` as in base/run/failpoint.h; empty for none.
  Writer(const std::string& directory, int fsync, const BatchCounts& first,
         const std::string& failpoint) {
    std::vector<std::string> arguments = {CRASH_WRITER, directory, StrCat(fsync)};
    for (const uint64_t number : first) arguments.push_back(StrCat(number));
    std::vector<char*> argv;
    for (std::string& a : arguments) argv.push_back(a.data());
    argv.push_back(nullptr);
    std::array<int, 2> ends;
    if (pipe(ends.data()) != 0) std::abort();
    pid_ = fork();
    if (pid_ == 0) {
      if (!failpoint.empty()) setenv("TIDEMARK_FAILPOINT", failpoint.c_str(), 1);
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
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        << "the writer ended by itself, with " << status;
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
    const LabelSet labels = (*set)->labels(i);
    auto& series = found[labels];
    const absl::Status status =
        testing::ForEachValue(labels, samples, [&](TimestampMs t, double value) {
          EXPECT_TRUE(series.emplace(t, value).second) << "twice";
        });
    EXPECT_TRUE(status.ok()) << status;
  }
  return found;
}

// What the one has and the other has not, by series, of the times the first few.
std::string Differences(const SeriesSamples& found, const SeriesSamples& expected) {
  std::string text;
  const auto compare = [&](std::string_view what, const SeriesSamples& a, const SeriesSamples& b) {
    for (const auto& [labels, samples] : a) {
      const auto other = b.find(labels);
      int count = 0;
      for (const auto& [t, v] : samples) {
        if (other != b.end() && other->second.contains(t) && other->second.at(t) == v) continue;
        if (++count <= 3) StrAppend(&text, what, " ", labels.ToString(), " ", t, "=", v, "\n");
      }
      if (count > 3) StrAppend(&text, "  and ", count - 3, " more\n");
    }
  };
  compare("missing", expected, found);
  compare("unexpected", found, expected);
  return text;
}

// A store that is written to by a process that dies, again and again.
class CrashTest : public ::testing::Test {
 protected:
  // Lets the writer go on where it was until it has acknowledged `num_reports` batches, perhaps
  // dying earlier at `failpoint`; then kills it. Whether it died by itself.
  bool Crash(uint64_t num_reports, useconds_t delay, const std::string& failpoint) {
    Writer writer(directory_->path(), static_cast<int>(num_crashes_++ % 3), done_, failpoint);
    bool alive = true;
    for (uint64_t i = 0; i < num_reports && alive; ++i) alive = writer.ReadReport(done_);
    if (alive) usleep(delay);  // so that any moment may be hit
    writer.Kill();
    while (writer.ReadReport(done_)) {
    }
    return !alive;
  }

  // Opens the store and looks for every acknowledged sample.
  void Check() {
    MetricRegistry metrics;
    const auto db = tsdb::Db::Open(CrashOptions(directory_->path()), Clock::Real(), metrics);
    ASSERT_TRUE(db.ok()) << db.status();
    for (int t = 0; t < kNumThreads; ++t) {
      const auto thread = static_cast<size_t>(t);
      AddBatches(t, checked_[thread], done_[thread], expected_[thread]);
      const SeriesSamples found = Contents(**db, t);
      if (found != expected_[thread]) {
        // One more batch may have been written and not been reported.
        AddBatches(t, done_[thread], done_[thread] + 1, expected_[thread]);
        ++done_[thread];
        ASSERT_TRUE(found == expected_[thread])
            << "thread " << t << " differs after " << done_[thread] - 1 << " acknowledged batches\n"
            << Differences(found, expected_[thread]);
      }
      checked_[thread] = done_[thread];
    }
  }

  void StartAnew() {
    directory_ = std::make_unique<testing::TempDirectory>();
    done_ = checked_ = {};
    expected_ = {};
  }

  std::unique_ptr<testing::TempDirectory> directory_ = std::make_unique<testing::TempDirectory>();
  uint64_t num_crashes_ = 0;
  BatchCounts done_{}, checked_{};
  std::array<SeriesSamples, kNumThreads> expected_;
};

TEST_F(CrashTest, NothingAcknowledgedIsLost) {
  constexpr uint64_t kRoundsPerStore = 25;  // what is checked grows with each
  const uint64_t num_rounds = FromEnvironment("TIDEMARK_CRASH_ROUNDS", 200);
  const uint64_t seed = FromEnvironment("TIDEMARK_CRASH_SEED", std::random_device()());
  SCOPED_TRACE(StrCat("TIDEMARK_CRASH_SEED=", seed));
  std::mt19937_64 random(seed);
  for (uint64_t round = 0; round < num_rounds; ++round) {
    SCOPED_TRACE(StrCat("round ", round));
    if (round % kRoundsPerStore == 0) StartAnew();
    const uint64_t num_reports = 1 + random() % 60;
    ASSERT_FALSE(Crash(num_reports, static_cast<useconds_t>(random() % 3000), ""));
    Check();
    if (HasFatalFailure()) return;
  }
}

// Killed between any two steps of what moves samples about.
TEST_F(CrashTest, NothingIsLostBetweenTwoSteps) {
  constexpr std::string_view kFailpoints[] = {
      "cut.block_written",
      "cut.written",
      "cut.published",
      "cut.marked",
      "cut.dropped",
      "checkpoint.written",
      "checkpoint.journal_dropped",
      "delete.journaled",
      "merge.written",
      "merge.published",
  };
  // More than enough for a cut, a checkpoint and a merge to have been.
  constexpr uint64_t kMaxReports = 3000;
  for (const std::string_view failpoint : kFailpoints) {
    for (const int pass : {1, 2}) {
      SCOPED_TRACE(StrCat(failpoint, ":", pass));
      EXPECT_TRUE(Crash(kMaxReports, 0, StrCat(failpoint, ":", pass))) << "it was not passed";
      Check();
      if (HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace tidemark::crash
