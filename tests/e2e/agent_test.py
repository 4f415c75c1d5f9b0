"""Agent mode: what is scraped and written is sent on and nothing else, over kills, in little memory."""

import subprocess
import time
import unittest

import remote_write
from processes import BIN, TestCase, Tidemark, eventually, http

CONFIG = """
global: {{scrape_interval: 1s}}
remote_write:
  - url: {url}/api/v1/write
    queue_config: {{batch_send_deadline: 100ms, max_backoff: 200ms}}
scrape_configs:
  - {{job_name: receiver, static_configs: [{{targets: ["{target}"]}}]}}
"""
RECEIVE = "--web.enable-remote-write-receiver"
SERIES, STEPS = 50, 200


class Agent(Tidemark):
    def __init__(self, folder, config, *flags):
        super().__init__(folder, config, "--agent", f"--storage.agent.path={folder / 'agent-data'}", *flags,
                         name="agent")
        self.command = [part for part in self.command if not part.startswith("--storage.tsdb.path")]


class AgentTest(TestCase):
    def refused(self, config, *flags):
        """Exit status and text of an agent that does not start."""
        path = self.folder / "refused.yml"
        path.write_text(config)
        run = subprocess.run([BIN / "tidemark", "--agent", f"--config.file={path}", *flags], capture_output=True,
                             text=True, timeout=60, cwd=self.folder)
        return run.returncode, run.stderr

    def test_forwards_and_nothing_else(self):
        (self.folder / "receiver").mkdir()
        receiver = self.begin(Tidemark(self.folder / "receiver", "global: {}\n", RECEIVE, name="receiver"))
        agent = self.begin(Agent(self.folder, CONFIG.format(url=receiver.url, target=receiver.url[7:]), RECEIVE))
        start = int(time.time() * 1000) - 600_000
        wanted = {}
        for step in range(STEPS):
            at = start + 1000 * step
            series = [({"__name__": "sent", "series": str(n)}, [(at, n + step / 4)]) for n in range(SERIES)]
            self.assertEqual(remote_write.push(agent.url, series)[0], 204)
            wanted.update({(str(n), at): n + step / 4 for n in range(SERIES)})
            if step % 70 == 69:
                agent.kill()
                agent.start()
                agent.wait_ready()

        def stored():
            result = receiver.data("query", query="sent[1h]", time=time.time())["result"]
            return {(s["metric"]["series"], round(float(t) * 1000)): float(v) for s in result for t, v in s["values"]}

        eventually(lambda: stored() == wanted, "everything written to the agent")
        eventually(lambda: receiver.query('up{job="receiver"}'), "what the agent scrapes")
        for path in ("query?query=up", "labels", "series?match[]=up", "rules", "alerts", "label/job/values"):
            status, answer = agent.api(path.partition("?")[0])
            self.assertEqual((status, answer["errorType"], answer["error"]),
                             (422, "execution", "unavailable with Prometheus Agent"), path)
        self.assertEqual(agent.api("targets")[0], 200)
        self.assertEqual(http(agent.url + "/federate?match[]=up")[0], 422)
        self.assertEqual(agent.stop(), 0)
        self.assertEqual(list((self.folder / "agent-data" / "blocks").iterdir()), [])

    def test_refuses_what_an_agent_does_not_do(self):
        for config, field in (("rule_files: [a.yml]", "rule_files"),
                              ("alerting: {alertmanagers: [{static_configs: [{targets: [a]}]}]}", "alerting")):
            status, text = self.refused(config)
            self.assertEqual(status, 2, text)
            self.assertIn(f"field {field} is not allowed in agent mode", text)
        self.assertEqual(self.refused("remote_read: [{url: http://a}]")[0], 2)
        status, text = self.refused("{}", "--storage.tsdb.path=x")
        self.assertEqual((status, text), (3, "The following flag(s) can not be used in agent mode: "
                                             "[\"--storage.tsdb.path\"]\n"))


if __name__ == "__main__":
    unittest.main()
