#include "alerting/receivers/alertmanager_v2.h"

#include <gtest/gtest.h>

namespace tidemark::alerting {
namespace {

TEST(AlertmanagerV2Test, Message) {
  AlertmanagerConfig config;
  config.url = "http://am:9093/prefix/";
  config.timeout = 3 * kSecond;
  const AlertmanagerV2 protocol(config);
  const Notification alerts[] = {
      {LabelSet{{"alertname", "A"}, {"job", "q\"\n"}}, LabelSet{{"summary", "s"}}, 1500, 60'000,
       false, "http://t/graph"},
      {LabelSet{{"alertname", "B"}}, LabelSet(), 1000, 2000, true, ""},
  };
  const HttpRequest request = protocol.Message(alerts);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "http://am:9093/prefix/api/v2/alerts");
  EXPECT_EQ(request.timeout, 3 * kSecond);
  EXPECT_EQ(request.headers[0],
            std::pair(std::string("Content-Type"), std::string("application/json")));
  EXPECT_EQ(
      request.body,
      R"([{"annotations":{"summary":"s"},"endsAt":"1970-01-01T00:01:00Z",)"
      R"("startsAt":"1970-01-01T00:00:01.5Z","generatorURL":"http://t/graph",)"
      R"("labels":{"alertname":"A","job":"q\"\n"}},)"
      R"({"annotations":{},"endsAt":"1970-01-01T00:00:02Z","startsAt":"1970-01-01T00:00:01Z",)"
      R"("generatorURL":"","labels":{"alertname":"B"}}])");
}

}  // namespace
}  // namespace tidemark::alerting
