"""The example service stops and comes back: the alert goes pending, firing, out to both kinds of receiver, resolved."""

import unittest

from pages import Collector
from processes import TestCase, Tidemark, eventually, free_port, order_service

RULES = """
groups:
  - name: shop
    interval: 500ms
    rules:
      - record: job:up:count
        expr: count by (job) (up)
      - alert: OrderServiceDown
        expr: up{job="order_service"} == 0
        for: 4s
        labels: {severity: page}
        annotations:
          summary: "{{ $labels.instance }} of {{ $labels.job }} is down, up is {{ $value }}"
"""


class AlertLifecycleTest(TestCase):
    def alert(self):
        alerts = self.server.data("alerts")["alerts"]
        return alerts[0] if alerts else None

    def wait_for_state(self, state):
        return eventually(lambda: (alert := self.alert()) and alert["state"] == state and alert, state)

    def test_from_pending_to_resolved(self):
        port = free_port()
        service = order_service(self.folder, port)
        (self.folder / "rules.yml").write_text(RULES)
        with Collector() as receiver:
            receiver.fail_next = 2  # the first post to each is tried again
            self.begin(service)
            self.server = self.begin(Tidemark(self.folder, f"""
global: {{scrape_interval: 500ms, external_labels: {{site: test}}}}
rule_files: [rules.yml]
scrape_configs:
  - job_name: order_service
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
alerting:
  alertmanagers:
    - static_configs: [{{targets: ["{receiver.address}"]}}]
  webhook_configs:
    - url: http://{receiver.address}/hook
"""))
            eventually(lambda: list(self.server.query('up{job="order_service"}').values()) == [1.0], "service up")
            eventually(lambda: list(self.server.query("job:up:count").values()) == [1.0], "recorded series")
            # A scrape may have come before the service, or waited too long for it.
            eventually(lambda: self.alert() is None, "no alert")

            service.stop()
            pending = self.wait_for_state("pending")
            self.assertEqual(pending["labels"]["severity"], "page")
            firing = self.wait_for_state("firing")
            self.assertEqual(firing["activeAt"], pending["activeAt"])
            summary = f"127.0.0.1:{port} of order_service is down, up is 0"
            self.assertEqual(firing["annotations"]["summary"], summary)
            self.assertEqual(len(self.server.query('ALERTS{alertstate="firing"}')), 1)
            rule = next(r for g in self.server.data("rules")["groups"] for r in g["rules"]
                        if r["name"] == "OrderServiceDown")
            self.assertEqual(rule["state"], "firing")

            hook = eventually(lambda: receiver.messages("/hook"), "webhook posted")[0]
            self.assertEqual((hook["version"], hook["status"]), ("4", "firing"))
            self.assertEqual(hook["alerts"][0]["annotations"]["summary"], summary)
            self.assertEqual(hook["alerts"][0]["labels"]["site"], "test")
            posted = eventually(lambda: receiver.messages("/api/v2/alerts"), "Alertmanager posted")[0]
            self.assertEqual(posted[0]["labels"]["alertname"], "OrderServiceDown")

            service.start()
            eventually(lambda: self.alert() is None, "alert gone")
            resolved = eventually(
                lambda: [m for m in receiver.messages("/hook") if m["status"] == "resolved"], "resolved notice")[0]
            self.assertEqual(resolved["alerts"][0]["status"], "resolved")
            self.assertEqual(resolved["alerts"][0]["startsAt"], hook["alerts"][0]["startsAt"])
            ends = eventually(
                lambda: [a for m in receiver.messages("/api/v2/alerts") for a in m
                         if a["endsAt"] < posted[0]["endsAt"]], "Alertmanager told of the end")
            self.assertEqual(ends[-1]["labels"], posted[0]["labels"])
            self.assertEqual(self.server.query("ALERTS"), {})


if __name__ == "__main__":
    unittest.main()
