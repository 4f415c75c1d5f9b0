"""Random queries over random series, asked of Tidemark and of the real Prometheus 3.5: the same answers.

    QUERY_SEED=7 QUERY_COUNT=20000 python3 query_agreement_test.py

Without QUERY_SEED the seed is fixed. Every difference is printed with what asks for it again.
"""

import os
import random
import unittest

import random_promql
import remote_write
from agreement import AgreementTest

SEED = int(os.environ.get("QUERY_SEED", "20261121"))
COUNT = int(os.environ.get("QUERY_COUNT", "2000"))
MOST_SHOWN = int(os.environ.get("QUERY_SHOW", "20"))


class QueryAgreementTest(AgreementTest):
    def test_random_queries(self):
        print(f"QUERY_SEED={SEED} QUERY_COUNT={COUNT}")
        rng = random.Random(SEED)
        self.begin_both()
        series = random_promql.random_series(rng)
        for server in self.servers:
            self.assertEqual(remote_write.push(server.url, series)[0], 204)
        found = self.differences(rng, random_promql.Generator(rng), COUNT)
        self.assertFalse(found, f"QUERY_SEED={SEED}\n" + "\n".join(found[:MOST_SHOWN]))


if __name__ == "__main__":
    unittest.main()
