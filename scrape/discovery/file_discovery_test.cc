#include "scrape/discovery/file_discovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/io/file.h"
#include "base/run/fake_clock.h"
#include "base/strings.h"
#include "tests/testing/running_discovery.h"
#include "tests/testing/temp_directory.h"

namespace tidemark::scrape {
namespace {

using ::testing::HasSubstr;

// The clock stands still unless a test moves it: what is found before that, inotify told of.
class FileDiscoveryTest : public ::testing::Test {
 protected:
  std::string Path(std::string_view name) { return StrCat(directory_.path(), "/", name); }
  void Write(std::string_view name, std::string_view text) {
    ASSERT_TRUE(WriteFileAtomically(Path(name), text).ok());
  }
  // What one file with one target is as an update.
  std::string Found(std::string_view name, std::string_view address) {
    return StrCat(Path(name), " ", address, " {__meta_filepath=\"", Path(name), "\"}; ");
  }
  FileDiscovery Config(std::vector<std::string> patterns) {
    FileDiscovery config;
    for (const std::string& pattern : patterns) config.patterns.push_back(Path(pattern));
    return config;
  }

  testing::TempDirectory directory_;
  HttpClient http_;
  FakeClock clock_{1'000'000};
  MetricRegistry metrics_;
};

TEST_F(FileDiscoveryTest, FollowsFilesAsTheyComeChangeAndGo) {
  Write("a.json", R"([{"targets":["a:1"]}])");
  const FileDiscovery config = Config({"*.json", "b.yml", "a.json"});
  testing::RunningDiscovery run(config, http_, clock_, metrics_);
  run.WaitFor(Found("a.json", "a:1"));
  Write("b.yml", "- targets: [b:1]");
  run.WaitFor(Found("a.json", "a:1") + Found("b.yml", "b:1"));
  Write("a.json", R"([{"targets":["a:2"]}])");
  run.WaitFor(Found("a.json", "a:2") + Found("b.yml", "b:1"));
  EXPECT_THAT(metrics_.Expose(), HasSubstr("prometheus_sd_file_read_errors_total 0\n"));
  // In place: it may be read while it is empty, which leaves the groups as they were.
  std::ofstream(Path("a.json")) << R"([{"targets":["a:3"]}])";
  run.WaitFor(Found("a.json", "a:3") + Found("b.yml", "b:1"));
  Write("unrelated.txt", "x");
  std::filesystem::remove(Path("b.yml"));
  run.WaitFor(Found("a.json", "a:3") + Path("b.yml") + " gone; ");
  std::filesystem::create_symlink(Path("a.json"), Path("c.json"));
  run.WaitFor(Found("a.json", "a:3") + Found("c.json", "a:3"));
}

TEST_F(FileDiscoveryTest, AnInvalidFileIsNotTouchedUntilItIsMended) {
  Write("a.json", R"([{"targets":["a:1"]}])");
  Write("b.json", R"([{"targets":["b:1"]}])");
  const FileDiscovery config = Config({"*.json"});
  testing::RunningDiscovery run(config, http_, clock_, metrics_);
  run.WaitFor(Found("a.json", "a:1") + Found("b.json", "b:1"));
  Write("b.json", "[{");
  run.WaitFor(Found("a.json", "a:1"));
  EXPECT_THAT(metrics_.Expose(), Not(HasSubstr("prometheus_sd_file_read_errors_total 0\n")));
  Write("b.json", "[]");
  run.WaitFor(Found("a.json", "a:1") + Path("b.json") + " gone; ");
}

TEST_F(FileDiscoveryTest, LooksAgainEveryRefreshInterval) {
  const FileDiscovery config = Config({"later/a.json"});
  testing::RunningDiscovery run(config, http_, clock_, metrics_);
  run.WaitFor("");
  EXPECT_THAT(metrics_.Expose(), HasSubstr("prometheus_sd_file_watcher_errors_total 1\n"));
  std::filesystem::create_directory(Path("later"));
  Write("later/a.json", R"([{"targets":["a:1"]}])");
  clock_.Advance(2 * config.refresh_interval);  // whenever the wait began
  run.WaitFor(Found("later/a.json", "a:1"));
  Write("later/a.json", R"([{"targets":["a:2"]}])");  // the directory is watched by now
  run.WaitFor(Found("later/a.json", "a:2"));
}

}  // namespace
}  // namespace tidemark::scrape
