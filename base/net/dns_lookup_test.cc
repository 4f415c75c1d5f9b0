#include "base/net/dns_lookup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/strings.h"
#include "tests/testing/dns_server.h"

namespace tidemark {
namespace {

using testing::DnsServer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

bool Never() { return false; }

// "target:port" of each record, sorted, or the code of the error.
std::vector<std::string> Texts(const absl::StatusOr<std::vector<DnsRecord>>& records) {
  if (!records.ok()) return {absl::StatusCodeToString(records.status().code())};
  std::vector<std::string> texts;
  for (const DnsRecord& record : *records) texts.push_back(StrCat(record.target, ":", record.port));
  std::sort(texts.begin(), texts.end());
  return texts;
}

class DnsLookupTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!DnsServer::IsInstalled()) GTEST_SKIP() << "dnsmasq is not installed";
  }
};

TEST_F(DnsLookupTest, EveryType) {
  DnsServer server({"--host-record=one.test,127.0.0.1,::1", "--host-record=four.test,127.0.0.4",
                    "--cname=alias.test,four.test", "--srv-host=_web._tcp.test,one.test,8080",
                    "--srv-host=_web._tcp.test,four.test,8081", "--mx-host=zone.test,mail.test,10",
                    "--dns-rr=zone.test,2,036e7331047465737400"});
  struct Case {
    std::string_view name;
    DnsType type;
    std::vector<std::string> want;
  };
  const Case cases[] = {
      {"one.test", DnsType::kA, {"127.0.0.1:0"}},
      {"one.test.", DnsType::kA, {"127.0.0.1:0"}},
      {"one.test", DnsType::kAaaa, {"::1:0"}},
      {"alias.test", DnsType::kA, {"127.0.0.4:0"}},
      {"four.test", DnsType::kAaaa, {}},
      {"nobody.test", DnsType::kA, {}},
      {"_web._tcp.test", DnsType::kSrv, {"four.test:8081", "one.test:8080"}},
      {"zone.test", DnsType::kMx, {"mail.test:0"}},
      {"zone.test", DnsType::kNs, {"ns1.test:0"}},
      {"one.example", DnsType::kA, {"UNAVAILABLE"}},
      {"a..test", DnsType::kA, {"INVALID_ARGUMENT"}},
  };
  for (const Case& c : cases) {
    const auto answers = LookUpDns({{std::string(c.name)}, c.type, server.address()}, Never);
    ASSERT_EQ(answers.size(), 1) << c.name;
    EXPECT_EQ(Texts(answers[0]), c.want) << c.name << ": " << answers[0].status();
  }
}

TEST_F(DnsLookupTest, SeveralNamesAndAnswersTooLongForADatagram) {
  constexpr int kServices = 100;
  std::vector<std::string> records = {"--host-record=one.test,127.0.0.1"};
  for (int i = 0; i < kServices; ++i) {
    records.push_back(StrCat("--srv-host=_many._tcp.test,one.test,", 1000 + i));
  }
  DnsServer server(records);
  const std::vector<std::string> names = {"_many._tcp.test", "nobody.test", "_many._tcp.test"};
  const auto answers = LookUpDns({names, DnsType::kSrv, server.address()}, Never);
  ASSERT_EQ(answers.size(), names.size());
  for (size_t i = 0; i < answers.size(); ++i) {
    ASSERT_TRUE(answers[i].ok()) << i << ": " << answers[i].status();
    EXPECT_EQ(answers[i]->size(), i == 1 ? 0 : kServices) << i;
  }
}

TEST_F(DnsLookupTest, NobodyThere) {
  DnsServer server({});
  const std::string address = server.address();
  server.Stop();
  const auto answers = LookUpDns({{"one.test"}, DnsType::kA, address}, Never);
  EXPECT_THAT(Texts(answers[0]), ElementsAre("UNAVAILABLE"));
  EXPECT_THAT(std::string(answers[0].status().message()), HasSubstr("lookup one.test: "));
}

TEST(DnsLookupCancelTest, EndsAtOnce) {
  // No answer can come: the first look at `cancelled` is before anything is waited for.
  const auto answers = LookUpDns({{"one.test"}, DnsType::kA, "127.0.0.1:9"}, [] { return true; });
  EXPECT_THAT(Texts(answers[0]), ElementsAre("CANCELLED"));
}

}  // namespace
}  // namespace tidemark
