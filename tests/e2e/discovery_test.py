"""Targets from a file that changes and from an HTTP service: found, followed, and kept where an update is no good."""

import json
import unittest

from pages import Collector, PageServer
from processes import TestCase, Tidemark, eventually, http


class DiscoveryTest(TestCase):
    def write(self, text):
        """As a whole, as tools that write such files do."""
        aside = self.folder / "targets.tmp"
        aside.write_text(text)
        aside.rename(self.folder / "targets.json")

    def targets(self, job):
        """{address: its discovered labels} of the active targets of a job."""
        found = [t["discoveredLabels"] for t in self.server.data("targets", state="active")["activeTargets"]
                 if t["scrapePool"] == job]
        return {labels["__address__"]: labels for labels in found}

    def wait_for(self, job, *addresses):
        eventually(lambda: self.targets(job).keys() == set(addresses), f"{job}: {addresses}")
        return self.targets(job)

    def test_targets_follow_files_and_services(self):
        with PageServer() as page, PageServer() as service:
            page.page = "a 1\n"
            service.content_type = "application/json; charset=utf-8"
            service.page = json.dumps([{"targets": [page.address], "labels": {"zone": "b"}}])
            self.write(json.dumps([{"targets": [page.address], "labels": {"zone": "a"}}]))
            self.server = self.begin(Tidemark(self.folder, f"""
global: {{scrape_interval: 500ms}}
scrape_configs:
  - job_name: file
    file_sd_configs: [{{files: ["*.json"]}}]
  - job_name: http
    http_sd_configs: [{{url: "http://{service.address}/sd", refresh_interval: 500ms}}]
"""))
            path = str(self.folder / "targets.json")
            self.assertEqual(self.wait_for("file", page.address)[page.address]["__meta_filepath"], path)
            labels = self.wait_for("http", page.address)[page.address]
            self.assertEqual(labels["__meta_url"], f"http://{service.address}/sd")
            eventually(lambda: self.server.query('sum by (job, zone) (a)') == {
                (("job", "file"), ("zone", "a")): 1, (("job", "http"), ("zone", "b")): 1}, "samples of both")

            # Neither a broken file nor a broken service takes targets away.
            self.write("[{")
            service.page = "{}"
            for metric in ("prometheus_sd_file_read_errors_total", "prometheus_sd_http_failures_total"):
                eventually(lambda: self.own(metric) > 0, metric)
            self.assertEqual(set(self.targets("file")), {page.address})
            self.assertEqual(set(self.targets("http")), {page.address})

            self.write(json.dumps([{"targets": [page.address, "127.0.0.1:1"]}]))
            service.page = "[]"
            self.wait_for("file", page.address, "127.0.0.1:1")
            self.wait_for("http")
            (self.folder / "targets.json").unlink()
            self.wait_for("file")

    def test_alertmanagers_follow_files(self):
        (self.folder / "rules.yml").write_text(
            "groups: [{name: a, interval: 500ms, rules: [{alert: Always, expr: vector(1)}]}]")
        with Collector() as receiver:
            self.server = self.begin(Tidemark(self.folder, """
rule_files: [rules.yml]
alerting:
  alertmanagers:
    - file_sd_configs: [{files: [targets.json]}]
      path_prefix: /am
      relabel_configs: [{source_labels: [use], regex: "no", action: drop}]
""", "--rules.alert.resend-delay=1s"))  # the alert may fire before there is anybody to tell
            self.assertEqual(self.server.data("alertmanagers")["activeAlertmanagers"], [])
            self.write(json.dumps([{"targets": [receiver.address]}, {"targets": ["a:1"], "labels": {"use": "no"}}]))
            url = f"http://{receiver.address}/am/api/v2/alerts"
            eventually(lambda: self.server.data("alertmanagers")["activeAlertmanagers"] == [{"url": url}], "found")
            alerts = eventually(lambda: receiver.messages("/am/api/v2/alerts"), "alerts posted")[0]
            self.assertEqual(alerts[0]["labels"]["alertname"], "Always")

    def own(self, name):
        """The value of one of the server's own metrics without labels; 0 where it is not there yet."""
        _, text = http(self.server.url + "/metrics")
        values = [line.split()[1] for line in text.splitlines() if line.startswith(name + " ")]
        return float(values[0]) if values else 0


if __name__ == "__main__":
    unittest.main()
