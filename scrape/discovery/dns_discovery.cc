#include "scrape/discovery/dns_discovery.h"

#include <cctype>
#include <limits>
#include <utility>

#include "base/log.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "scrape/discovery/refresh_loop.h"

namespace tidemark::scrape {
namespace {

struct RecordType {
  std::string_view name;
  DnsType type;
  std::string_view target_label;  // empty: the record has no name of its own
};
constexpr RecordType kRecordTypes[] = {
    {"SRV", DnsType::kSrv, "__meta_dns_srv_record_target"},
    {"A", DnsType::kA, ""},
    {"AAAA", DnsType::kAaaa, ""},
    {"MX", DnsType::kMx, "__meta_dns_mx_record_target"},
    {"NS", DnsType::kNs, "__meta_dns_ns_record_target"},
};

absl::Status ReadType(const YamlNode& node, DnsType* out) {
  ASSIGN_OR_RETURN(std::string name, node.AsString());
  for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  for (const RecordType& type : kRecordTypes) {
    if (type.name != name) continue;
    *out = type.type;
    return absl::OkStatus();
  }
  return node.Error(StrCat("invalid DNS-SD records type ", name));
}

absl::Status ReadPort(const YamlNode& node, uint16_t* out) {
  ASSIGN_OR_RETURN(const int64_t port, node.AsInt());
  if (port < 0 || port > std::numeric_limits<uint16_t>::max()) {
    return node.Error(StrCat(port, " is not a port"));
  }
  *out = static_cast<uint16_t>(port);
  return absl::OkStatus();
}

// The target that a record of `name` stands for, as a group: its labels are its own.
TargetGroup RecordTarget(const std::string& name, const DnsRecord& record, DnsType type,
                         uint16_t default_port) {
  const uint16_t port = type == DnsType::kSrv ? record.port : default_port;
  const bool is_v6 = type == DnsType::kAaaa;
  LabelSetBuilder labels;
  labels.Set("__meta_dns_name", name);
  for (const RecordType& t : kRecordTypes) {
    // Prometheus shows names as the server wrote them, rooted.
    if (t.type == type && !t.target_label.empty()) {
      labels.Set(t.target_label, StrCat(record.target, "."));
    }
  }
  if (type == DnsType::kSrv) labels.Set("__meta_dns_srv_record_port", StrCat(port));
  return {{StrCat(is_v6 ? "[" : "", record.target, is_v6 ? "]" : "", ":", port)}, labels.Build()};
}

}  // namespace

absl::StatusOr<DnsDiscovery> DnsDiscovery::Read(const YamlNode& node, const DiscoveryReaders&) {
  DnsDiscovery config;
  YamlFields fields(node);
  fields.Read("names", &config.question.names)
      .Read("type", [&](const YamlNode& n) { return ReadType(n, &config.question.type); })
      .Read("port", [&](const YamlNode& n) { return ReadPort(n, &config.port); })
      .ReadDuration("refresh_interval", &config.refresh_interval);
  RETURN_IF_ERROR(fields.Finish());
  if (config.question.names.empty()) {
    return node.Error("DNS-SD config must contain at least one SRV record name");
  }
  if (config.question.type != DnsType::kSrv && config.port == 0) {
    return node.Error("a port is required in DNS-SD configs for all record types except SRV");
  }
  if (config.refresh_interval <= 0) return node.Error("refresh_interval must be greater than zero");
  return config;
}

void DnsDiscovery::Run(DiscoveryRun& run) const {
  Counter& lookups =
      run.metrics().AddCounter("prometheus_sd_dns_lookups_total", "The number of DNS-SD lookups.");
  Counter& failures = run.metrics().AddCounter("prometheus_sd_dns_lookup_failures_total",
                                               "The number of DNS-SD lookup failures.");
  const auto refresh = [&]() -> absl::StatusOr<std::vector<SourceUpdate>> {
    const auto answers = LookUpDns(question, [&run] { return run.stopped(); });
    std::vector<SourceUpdate> updates;
    for (size_t i = 0; i < answers.size(); ++i) {
      const std::string& name = question.names[i];
      lookups.Increment();
      if (!answers[i].ok()) {
        if (run.stopped()) break;
        failures.Increment();
        log::Error(
            "Error refreshing DNS targets",
            {{"config", run.config_name()}, {"err", std::string(answers[i].status().message())}});
        continue;
      }
      updates.push_back({name, {}});
      for (const DnsRecord& record : *answers[i]) {
        updates.back().groups.push_back(RecordTarget(name, record, question.type, port));
      }
    }
    return updates;
  };
  RefreshLoop(run, kMechanism, refresh_interval, refresh);
}

}  // namespace tidemark::scrape
