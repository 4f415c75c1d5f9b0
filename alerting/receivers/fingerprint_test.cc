#include "alerting/receivers/fingerprint.h"

#include <gtest/gtest.h>

namespace tidemark::alerting {
namespace {

// The expected numbers are those of Alertmanager 0.33 for the same labels.
TEST(AlertFingerprintTest, IsAlertmanagers) {
  struct Case {
    LabelSet labels;
    std::string_view want;
  };
  const Case kCases[] = {
      {LabelSet{{"alertname", "Down"}, {"instance", "localhost:9100"}, {"job", "node"}},
       "67cc3a6a3447e0ad"},
      {LabelSet{{"alertname", "ünïcode \"q\"\n"}}, "d473b6b71cd3f10f"},
      {LabelSet{{"a", "1"}}, "d3b971819376d835"},
  };
  for (const Case& c : kCases) EXPECT_EQ(AlertFingerprint(c.labels), c.want);
}

}  // namespace
}  // namespace tidemark::alerting
