"""The check finds what it is there to find."""

import pathlib
import tempfile
import unittest

from check_layers import check


class CheckLayersTest(unittest.TestCase):
    def complaints(self, path, line):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / path
            file.parent.mkdir(parents=True)
            file.write_text(line + "\n")
            return check(pathlib.Path(folder))

    def test_cases(self):
        cases = [
            ("with the arrow", "promql/exec/rate.cc", '#include "tsdb/querier.h"', None),
            ("over two hops", "http/x.cc", '#include "tsdb/db.h"', None),
            ("against the arrow", "tsdb/db.cc", '#include "promql/engine.h"', "does not reach"),
            ("between siblings", "scrape/x.cc", '#include "promql/engine.h"', "does not reach"),
            ("private header", "promql/x.cc", '#include "tsdb/head/head.h"', "private to tsdb"),
            ("own private header", "tsdb/x.cc", '#include "tsdb/head/head.h"', None),
            ("all of base is public", "cmd/x.cc", '#include "base/labels/label_set.h"', None),
            ("library at its door", "tsdb/kv/kv_store.cc", "#include <rocksdb/db.h>", None),
            ("library by the window", "tsdb/db.cc", "#include <rocksdb/db.h>", "door in tsdb/kv"),
            ("library in a header", "base/log.h", "#include <spdlog/spdlog.h>", "behind a .cc"),
            ("tests are for tests", "tsdb/x.cc", '#include "tests/testing/memory_store.h"', "only tests"),
            ("a test may", "promql/x_test.cc", '#include "tests/testing/memory_store.h"', None),
        ]
        for name, path, line, want in cases:
            with self.subTest(name):
                got = self.complaints(path, line)
                if want is None:
                    self.assertEqual(got, [])
                else:
                    self.assertEqual(len(got), 1, got)
                    self.assertIn(want, got[0])


if __name__ == "__main__":
    unittest.main()
