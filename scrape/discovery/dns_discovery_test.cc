#include "scrape/discovery/dns_discovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/run/fake_clock.h"
#include "base/strings.h"
#include "tests/testing/dns_server.h"
#include "tests/testing/running_discovery.h"

namespace tidemark::scrape {
namespace {

using testing::DnsServer;
using ::testing::HasSubstr;
using testing::RunningDiscovery;

class DnsDiscoveryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!DnsServer::IsInstalled()) GTEST_SKIP() << "dnsmasq is not installed";
  }
  DnsDiscovery Config(const DnsServer& server, std::vector<std::string> names, DnsType type,
                      uint16_t port = 0) {
    DnsDiscovery config;
    config.question = {std::move(names), type, server.address()};
    config.port = port;
    return config;
  }

  HttpClient http_;
  FakeClock clock_{1'000'000};
  MetricRegistry metrics_;
};

TEST_F(DnsDiscoveryTest, TargetsOfEveryType) {
  DnsServer server({"--host-record=one.test,127.0.0.1,::1", "--srv-host=_web._tcp.test,one.test,81",
                    "--mx-host=zone.test,mail.test,10",
                    "--dns-rr=zone.test,2,036e7331047465737400"});
  struct Case {
    DnsType type;
    std::string name, address, labels;
  };
  const Case cases[] = {
      {DnsType::kSrv, "_web._tcp.test", "one.test:81",
       "__meta_dns_srv_record_port=\"81\", __meta_dns_srv_record_target=\"one.test.\""},
      {DnsType::kA, "one.test", "127.0.0.1:80", ""},
      {DnsType::kAaaa, "one.test", "[::1]:80", ""},
      {DnsType::kMx, "zone.test", "mail.test:80", "__meta_dns_mx_record_target=\"mail.test.\""},
      {DnsType::kNs, "zone.test", "ns1.test:80", "__meta_dns_ns_record_target=\"ns1.test.\""},
  };
  for (const Case& c : cases) {
    const DnsDiscovery config = Config(server, {c.name, "nobody.test"}, c.type, 80);
    RunningDiscovery run(config, http_, clock_, metrics_);
    const bool name_is_last = c.labels.starts_with("__meta_dns_mx");
    const std::string name = StrCat("__meta_dns_name=\"", c.name, "\"");
    const std::string labels = c.labels.empty() ? name
                               : name_is_last   ? StrCat(c.labels, ", ", name)
                                                : StrCat(name, ", ", c.labels);
    run.WaitFor(StrCat(c.name, " ", c.address, " {", labels, "}; nobody.test gone; "));
  }
  EXPECT_THAT(metrics_.Expose(), HasSubstr("prometheus_sd_dns_lookups_total 10\n"));
  EXPECT_THAT(metrics_.Expose(), HasSubstr("prometheus_sd_dns_lookup_failures_total 0\n"));
}

TEST_F(DnsDiscoveryTest, AFailedLookupSaysNothingOfItsName) {
  DnsServer server({"--host-record=one.test,127.0.0.1"});
  const DnsDiscovery config = Config(server, {"refused.example", "one.test"}, DnsType::kA, 80);
  RunningDiscovery run(config, http_, clock_, metrics_);
  run.WaitFor("one.test 127.0.0.1:80 {__meta_dns_name=\"one.test\"}; ");
  EXPECT_THAT(metrics_.Expose(), HasSubstr("prometheus_sd_dns_lookup_failures_total 1\n"));
  server.Stop();
  clock_.Advance(2 * config.refresh_interval);  // whenever the wait began
  run.WaitFor("");
  EXPECT_THAT(metrics_.Expose(), HasSubstr("prometheus_sd_dns_lookup_failures_total 3\n"));
}

}  // namespace
}  // namespace tidemark::scrape
