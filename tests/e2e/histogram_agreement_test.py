"""Random queries over random native histograms, asked of Tidemark and of the real Prometheus 3.5: the same answers.

    QUERY_SEED=7 QUERY_COUNT=20000 python3 histogram_agreement_test.py

Without QUERY_SEED the seed is fixed. Every difference is printed with what asks for it again.
"""

import os
import random
import unittest

import random_histogram_promql
import random_histograms
import random_promql
import remote_write
import remote_write_v2
from agreement import AgreementTest

SEED = int(os.environ.get("QUERY_SEED", "20261121"))
COUNT = int(os.environ.get("QUERY_COUNT", "800"))
MOST_SHOWN = int(os.environ.get("QUERY_SHOW", "20"))


class HistogramAgreementTest(AgreementTest):
    def test_random_queries(self):
        print(f"QUERY_SEED={SEED} QUERY_COUNT={COUNT}")
        rng = random.Random(SEED)
        self.begin_both()
        floats, histograms = random_promql.random_series(rng), random_histograms.random_series(rng)
        for server in self.servers:
            self.assertEqual(remote_write.push(server.url, floats)[0], 204)
            self.assertEqual(remote_write_v2.push(server.url, histograms), (204, ""))
        found = self.differences(rng, random_histogram_promql.Generator(rng), COUNT)
        self.assertFalse(found, f"QUERY_SEED={SEED}\n" + "\n".join(found[:MOST_SHOWN]))


if __name__ == "__main__":
    unittest.main()
