#include "scrape/discovery_manager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_join.h"

#include "base/run/fake_clock.h"
#include "base/strings.h"
#include "scrape/discovery/provider.h"

namespace tidemark::scrape {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// What the runs of a test's providers are told to say. Outlives the manager.
class Script {
 public:
  // The provider of that name says `address` is all there is; none where empty.
  void Say(const std::string& provider, const std::string& address) {
    absl::MutexLock lock(&mu_);
    next_[provider] = address;
    for (DiscoveryRun* run : runs_) run->Wake();
  }
  int starts() {
    absl::MutexLock lock(&mu_);
    return starts_;
  }
  void Follow(const std::string& provider, DiscoveryRun& run) {
    {
      absl::MutexLock lock(&mu_);
      ++starts_;
      runs_.push_back(&run);
    }
    do {
      std::vector<SourceUpdate> updates;
      {
        absl::MutexLock lock(&mu_);
        const auto said = next_.extract(provider);
        if (said.empty()) continue;
        updates.push_back({provider, {}});
        if (!said.mapped().empty()) updates[0].groups = {{{said.mapped()}, {}}};
      }
      run.Publish(updates);
    } while (run.WaitUntil(kMaxTimestamp) != DiscoveryRun::Wait::kStopped);
    absl::MutexLock lock(&mu_);
    std::erase(runs_, &run);
  }

 private:
  absl::Mutex mu_;
  std::map<std::string, std::string> next_ ABSL_GUARDED_BY(mu_);
  std::vector<DiscoveryRun*> runs_ ABSL_GUARDED_BY(mu_);
  int starts_ ABSL_GUARDED_BY(mu_) = 0;
};

class ScriptedDiscovery : public ComparedDiscoveryConfig<ScriptedDiscovery> {
 public:
  ScriptedDiscovery(Script& script, std::string name) : script_(script), name_(std::move(name)) {}
  std::string_view mechanism() const override { return "scripted"; }
  void Run(DiscoveryRun& run) const override { script_.Follow(name_, run); }
  friend bool operator==(const ScriptedDiscovery& a, const ScriptedDiscovery& b) {
    return a.name_ == b.name_;
  }

 private:
  Script& script_;
  const std::string name_;
};

class DiscoveryManagerTest : public ::testing::Test {
 protected:
  DiscoveryManagerTest()
      : manager_("scrape", http_, clock_, metrics_, [this](const std::vector<std::string>& names) {
          absl::MutexLock lock(&mu_);
          notices_.push_back(absl::StrJoin(names, ","));
        }) {}

  DiscoverySet Set(std::string name, std::vector<std::string> providers) {
    DiscoverySet set{std::move(name), {}, {}};
    for (std::string& provider : providers) {
      set.discovery.push_back(std::make_shared<ScriptedDiscovery>(script_, std::move(provider)));
    }
    return set;
  }
  // Waits for the next notice.
  std::string Notice() {
    const auto more = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return !notices_.empty(); };
    absl::MutexLock lock(&mu_);
    mu_.Await(absl::Condition(&more));
    std::string notice = notices_.front();
    notices_.pop_front();
    return notice;
  }
  std::vector<std::string> Addresses(const std::string& set) {
    std::vector<std::string> addresses;
    for (const TargetGroup& group : manager_.Groups(set)) {
      addresses.insert(addresses.end(), group.addresses.begin(), group.addresses.end());
    }
    return addresses;
  }
  // Waits until the set has that many addresses, heard of or not.
  void WaitForAddresses(const std::string& set, const std::vector<std::string>& want) {
    while (Addresses(set) != want) std::this_thread::yield();
  }

  Script script_;
  HttpClient http_;
  FakeClock clock_{1'000'000};
  MetricRegistry metrics_;
  absl::Mutex mu_;
  std::deque<std::string> notices_ ABSL_GUARDED_BY(mu_);
  DiscoveryManager manager_;  // last: calls into the above
};

TEST_F(DiscoveryManagerTest, SetsHaveStaticGroupsAndWhatTheirProvidersFind) {
  DiscoverySet a = Set("a", {"p", "q"});
  a.static_groups = {{{"s:1", "s:2"}, {}}};
  manager_.Apply({a, Set("b", {"q"}), Set("c", {})});
  EXPECT_THAT(Addresses("a"), ElementsAre("s:1", "s:2"));
  script_.Say("q", "q:1");
  EXPECT_EQ(Notice(), "a,b");  // one provider for both
  EXPECT_THAT(Addresses("a"), ElementsAre("s:1", "s:2", "q:1"));
  EXPECT_THAT(Addresses("b"), ElementsAre("q:1"));
  EXPECT_THAT(Addresses("c"), IsEmpty());
  EXPECT_THAT(Addresses("unknown"), IsEmpty());
  EXPECT_THAT(metrics_.Expose(),
              HasSubstr("prometheus_sd_discovered_targets{config=\"a\",name=\"scrape\"} 3\n"));
  manager_.Apply({});
  EXPECT_EQ(script_.starts(), 2);
  EXPECT_THAT(metrics_.Expose(),
              HasSubstr("prometheus_sd_discovered_targets{config=\"a\",name=\"scrape\"} 0\n"));
}

TEST_F(DiscoveryManagerTest, TellsOfChangesAtMostEveryFiveSeconds) {
  manager_.Apply({Set("a", {"p"}), Set("b", {"q"})});
  script_.Say("p", "p:1");
  EXPECT_EQ(Notice(), "a");
  script_.Say("p", "p:2");
  WaitForAddresses("a", {"p:2"});
  script_.Say("q", "q:1");
  WaitForAddresses("b", {"q:1"});
  clock_.Advance(DiscoveryManager::kMinUpdateInterval);
  EXPECT_EQ(Notice(), "a,b");
  clock_.Advance(DiscoveryManager::kMinUpdateInterval);
  script_.Say("p", "p:2");  // nothing new
  script_.Say("q", "");
  EXPECT_EQ(Notice(), "b");
  manager_.Stop();
  const std::string metrics = metrics_.Expose();
  EXPECT_THAT(metrics, HasSubstr("prometheus_sd_received_updates_total{name=\"scrape\"} "));
  EXPECT_THAT(metrics, HasSubstr("prometheus_sd_updates_total{name=\"scrape\"} 3\n"));
  EXPECT_THAT(metrics, HasSubstr("prometheus_sd_updates_delayed_total{name=\"scrape\"} 1\n"));
  EXPECT_THAT(metrics, HasSubstr("prometheus_sd_failed_configs{name=\"scrape\"} 0\n"));
}

TEST_F(DiscoveryManagerTest, AReloadKeepsWhatIsKnown) {
  manager_.Apply({Set("a", {"p", "q"})});
  script_.Say("p", "p:1");
  WaitForAddresses("a", {"p:1"});
  EXPECT_FALSE(manager_.WaitForAll(clock_.Now()));
  script_.Say("q", "q:1");
  EXPECT_TRUE(manager_.WaitForAll(kMaxTimestamp));
  WaitForAddresses("a", {"p:1", "q:1"});

  // q goes on; r takes the place of p and has what p found until it has found something.
  manager_.Apply({Set("a", {"r", "q"}), Set("b", {"q"})});
  EXPECT_THAT(Addresses("a"), ElementsAre("p:1", "q:1"));
  EXPECT_THAT(Addresses("b"), ElementsAre("q:1"));
  script_.Say("r", "r:1");
  WaitForAddresses("a", {"r:1", "q:1"});

  manager_.Apply({Set("a", {"q"})});
  EXPECT_THAT(Addresses("a"), ElementsAre("q:1"));
  EXPECT_THAT(Addresses("b"), IsEmpty());
  manager_.Stop();
  EXPECT_EQ(script_.starts(), 3);
}

}  // namespace
}  // namespace tidemark::scrape
