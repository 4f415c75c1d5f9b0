"""What is wrong is refused with a message that says what and where, and nothing else is lost."""

import subprocess
import unittest

import remote_write
from pages import PageServer
from processes import BIN, TestCase, Tidemark, eventually, http, labels_key

CONFIG = "global: {scrape_interval: 1s}\n"


class BadInputTest(TestCase):
    def tidectl(self, *arguments):
        return subprocess.run([BIN / "tidectl", *arguments], capture_output=True, text=True, timeout=60)

    def test_a_config_with_an_error_is_named_by_file_and_line(self):
        path = self.folder / "bad.yml"
        path.write_text("global:\n  scrape_interval: 15s\n  scrape_intervall: 15s\n")
        check = self.tidectl("check", "config", str(path))
        self.assertEqual(check.returncode, 1, check)
        self.assertIn("bad.yml:3", check.stdout + check.stderr)
        self.assertIn("scrape_intervall", check.stdout + check.stderr)

        server = subprocess.run(
            [BIN / "tidemark", f"--config.file={path}", f"--storage.tsdb.path={self.folder / 'data'}",
             "--web.listen-address=127.0.0.1:0"], capture_output=True, text=True, timeout=60)
        self.assertEqual(server.returncode, 2, server)
        self.assertIn("bad.yml:3", server.stdout + server.stderr)

    def test_a_rule_with_a_promql_error_is_refused_and_a_reload_keeps_what_was(self):
        rules = self.folder / "rules.yml"
        rules.write_text("groups: [{name: g, rules: [{record: good, expr: vector(1)}]}]\n")
        server = self.begin(Tidemark(self.folder, f"{CONFIG}rule_files: [{rules}]\n", "--web.enable-lifecycle"))

        rules.write_text("groups:\n- name: g\n  rules:\n  - record: bad\n    expr: sum(rate(x[5m])\n")
        check = self.tidectl("check", "rules", str(rules))
        self.assertEqual(check.returncode, 1, check)
        self.assertIn("unclosed left parenthesis", check.stdout + check.stderr)
        self.assertIn("rules.yml:", check.stdout + check.stderr)

        status, text = http(server.url + "/-/reload", b"")
        self.assertEqual(status, 500, text)
        self.assertIn("unclosed left parenthesis", text)
        groups = server.data("rules")["groups"]
        self.assertEqual([rule["name"] for group in groups for rule in group["rules"]], ["good"])

    def test_a_malformed_exposition_line_fails_its_scrape_alone(self):
        with PageServer() as good, PageServer() as bad:
            good.page = "good_total 1\n"
            bad.page = "fine_total 1\nbad{label=} 2\n"
            server = self.begin(Tidemark(self.folder, CONFIG + f"""
scrape_configs:
  - job_name: good
    static_configs: [{{targets: ["{good.address}"]}}]
  - job_name: bad
    static_configs: [{{targets: ["{bad.address}"]}}]
"""))
            up = eventually(lambda: (found := server.query("up")) and len(found) == 2 and found, "both scraped")
            by_job = {dict(labels)["job"]: value for labels, value in up.items()}
            self.assertEqual(by_job, {"good": 1.0, "bad": 0.0})
            self.assertEqual(server.query("fine_total"), {}, "a failed scrape is rolled back as a whole")
            self.assertEqual(list(server.query("good_total").values()), [1.0])
            targets = {t["scrapePool"]: t for t in server.data("targets")["activeTargets"]}
            self.assertEqual(targets["bad"]["health"], "down")
            self.assertIn("line 2", targets["bad"]["lastError"])

    def test_a_truncated_body_stores_nothing(self):
        server = self.begin(Tidemark(self.folder, CONFIG, "--web.enable-remote-write-receiver"))
        whole = remote_write.snappy(remote_write.write_request([({"__name__": "x"}, [(1000, 1.0), (2000, 2.0)])]))
        for cut in (1, len(whole) // 2, len(whole) - 1):
            status, text = http(server.url + "/api/v1/write", whole[:cut], remote_write.HEADERS)
            self.assertEqual(status, 400, text)
            self.assertTrue(text.strip())
        self.assertEqual(server.data("series", **{"match[]": "x", "start": 0, "end": 10}), [])
        self.assertEqual(http(server.url + "/api/v1/write", whole, remote_write.HEADERS)[0], 204)
        self.assertEqual(server.query("x", time=2), {labels_key({"__name__": "x"}): 2.0})

    def test_a_syntax_error_in_a_query_has_its_place(self):
        server = self.begin(Tidemark(self.folder, CONFIG))
        for path, params in (("query", {}), ("query_range", {"start": 0, "end": 10, "step": 1})):
            status, answer = server.api(path, query="sum(up", **params)
            self.assertEqual(status, 400)
            self.assertEqual(answer["errorType"], "bad_data")
            self.assertEqual(answer["error"],
                             'invalid parameter "query": 1:7: parse error: unclosed left parenthesis')


if __name__ == "__main__":
    unittest.main()
