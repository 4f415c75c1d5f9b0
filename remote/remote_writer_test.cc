#include "remote/remote_writer.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/strings.h"
#include "tests/testing/fake_journal_feed.h"
#include "tests/testing/loopback_http_server.h"
#include "tests/testing/temp_directory.h"

namespace tidemark::remote {
namespace {

using testing::FakeJournalFeed;
using testing::LoopbackHttpServer;
using testing::LoopbackReply;
using testing::LoopbackRequest;

// The queues themselves: write_queue_test.cc. Here they run against a server, in real time.
class RemoteWriterTest : public ::testing::Test {
 protected:
  RemoteWriterTest() : server_([](const LoopbackRequest&) { return LoopbackReply{204, ""}; }) {}

  RemoteWriteConfig Entry(const std::string& path, const std::string& settings = "") {
    RemoteWriteConfig config;
    config.url = server_.Url(path);
    config.queue.batch_send_deadline = 10;
    config.settings = StrCat(path, settings);
    return config;
  }
  void Apply(RemoteWriter& writer, std::vector<RemoteWriteConfig> configs) {
    const absl::Status applied = writer.ApplyConfig(std::move(configs), {}, feed_, kMinute);
    ASSERT_TRUE(applied.ok()) << applied;
  }
  std::unique_ptr<RemoteWriter> NewWriter() {
    return std::make_unique<RemoteWriter>(
        directory_.path() + "/remote", client_, [] { return std::vector<FamilyMetadata>(); },
        Clock::Real(), metrics_);
  }
  void Add() { feed_.Add({{LabelSet{{"__name__", "m"}}, ++time_, 1}}); }
  size_t NumRequests(std::string_view path) const {
    size_t count = 0;
    for (const LoopbackRequest& request : server_.requests()) count += request.target == path;
    return count;
  }
  size_t NumCursors() const {
    size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path() + "/remote")) {
      count += entry.path().extension() == ".cursor";
    }
    return count;
  }

  testing::TempDirectory directory_;
  LoopbackHttpServer server_;
  HttpClient client_;
  MetricRegistry metrics_;
  FakeJournalFeed feed_;
  TimestampMs time_ = 0;
};

TEST_F(RemoteWriterTest, ReceiversComeStayAndGo) {
  auto writer = NewWriter();
  Add();  // before anybody wanted it
  Apply(*writer, {Entry("/a")});
  Add();
  server_.WaitForRequests(1);
  Apply(*writer, {Entry("/a"), Entry("/b")});
  Add();
  server_.WaitForRequests(3);
  EXPECT_EQ(NumRequests("/a"), 2u);
  EXPECT_EQ(NumRequests("/b"), 1u);
  // Another setting goes on where the one before was.
  Apply(*writer, {Entry("/a", "changed")});
  EXPECT_EQ(NumCursors(), 1u);
  Add();
  server_.WaitForRequests(4);
  EXPECT_EQ(NumRequests("/a"), 3u);
  writer->Stop(kMinute);

  // What is stored while nothing runs is sent by the next start.
  Add();
  writer = NewWriter();
  Apply(*writer, {Entry("/a")});
  writer->Stop(kMinute);
  EXPECT_EQ(NumRequests("/a"), 4u);
  EXPECT_EQ(server_.requests().size(), 5u);
}

TEST_F(RemoteWriterTest, TwoEntriesOfOneUrlAreTwoReceivers) {
  auto writer = NewWriter();
  RemoteWriteConfig tenant = Entry("/a", "tenant");
  tenant.http.headers = {{"X-Scope-OrgID", "7"}};
  RemoteWriteConfig named = Entry("/a", "named");
  named.name = "n";
  Apply(*writer, {Entry("/a"), Entry("/a", "again"), tenant, named});
  Add();
  writer->Stop(kMinute);
  EXPECT_EQ(NumRequests("/a"), 4u);
  EXPECT_EQ(NumCursors(), 4u);
}

TEST_F(RemoteWriterTest, APlaceAfterTheEndOfTheJournalIsItsEnd) {
  for (int i = 0; i < 5; ++i) Add();
  auto writer = NewWriter();
  Apply(*writer, {Entry("/a")});
  writer->Stop(kMinute);
  // A power cut took the end of the journal, and the numbers are given again.
  FakeJournalFeed shorter;
  shorter.Add({{LabelSet{{"__name__", "m"}}, 1, 1}});
  writer = NewWriter();
  ASSERT_TRUE(writer->ApplyConfig({Entry("/a")}, {}, shorter, kMinute).ok());
  shorter.Add({{LabelSet{{"__name__", "m"}}, 2, 2}});
  writer->Stop(kMinute);
  EXPECT_EQ(NumRequests("/a"), 1u);
}

}  // namespace
}  // namespace tidemark::remote
