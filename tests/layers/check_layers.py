"""Prints every include that runs against the arrows between modules, or that takes a library in by another door.

    check_layers.py ROOT

An include follows an arrow over any number of hops; a file in a module's subfolder is visible only inside that
module (base/ is visible everywhere). Tests, benchmarks and their helpers may include anything of ours, but not go
round a library's door. Exit status 1 where anything is printed.
"""

import pathlib
import re
import sys

# Module -> the modules it may include, all hops spelled out by closure() below.
ARROWS = {
    "base": [],
    "tsdb": ["base"],
    "promql": ["tsdb"],
    "scrape": ["tsdb"],
    "alerting": ["promql"],
    "remote": ["tsdb"],
    "http": ["alerting", "scrape"],
    "cmd": ["http", "remote"],
}
# Header pattern -> the folders that may include it.
DOORS = {
    r"antlr4-runtime.*|(.*/)?PromQL(Lexer|Parser|Visitor|BaseVisitor)\.h": ["promql/parser"],
    r"rocksdb/.*": ["tsdb/kv"],
    r"roaring/.*": ["tsdb/index"],
    r"re2/.*": ["base/labels"],
    r"curl/.*": ["base/net"],
    r"ares.*\.h": ["base/net"],
    r"httplib\.h": ["http"],
    r"protozero/.*": ["base/io", "base/model", "http/otlp", "http/remote", "scrape/expfmt", "bench"],
    r"CLI/.*": ["cmd", "bench"],
    r"yaml-cpp/.*": ["base"],
    r"nlohmann/.*": ["base"],
    r"spdlog/.*": ["base"],
    r"prometheus/.*": ["base"],
    r"xxhash\.h": ["base"],
    r"snappy.*\.h": ["base/io"],
    r"zlib\.h|zstd\.h": ["base/io"],
    r"openssl/.*": ["base/io", "tests/testing"],
}
# Headers of ours must not hand a library on to whoever includes them.
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
FREE = ("tests", "bench")


def closure(module):
    reached = {module}
    for next_module in ARROWS[module]:
        reached |= closure(next_module)
    return reached


def is_test(path):
    return path.parts[0] in FREE or path.stem.endswith(("_test", "_benchmark"))


def complaint(path, header):
    """Why the file at `path` (from the root) may not include `header`; None where it may."""
    for pattern, folders in DOORS.items():
        if re.fullmatch(pattern, header):
            if not any(path.as_posix().startswith(folder + "/") for folder in folders):
                return f"{header} has its door in {', '.join(folders)}"
            if path.suffix == ".h" and path.parts[0] not in FREE:
                return f"{header} stays behind a .cc file"
            return None
    module = path.parts[0]
    parts = pathlib.PurePosixPath(header).parts
    target = parts[0]
    if target == "tests" and not is_test(path):
        return "only tests include tests"
    if target not in ARROWS or is_test(path):
        return None
    if target not in closure(module):
        return f"{module} does not reach {target}"
    if target != module and target != "base" and len(parts) > 2:
        return f"{header} is private to {target}"
    return None


def check(root):
    found = []
    for folder in [*ARROWS, *FREE]:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in (".h", ".cc"):
                continue
            relative = path.relative_to(root)
            for number, line in enumerate(path.read_text().splitlines(), 1):
                match = INCLUDE.match(line)
                reason = complaint(relative, match[2]) if match else None
                if reason:
                    found.append(f"{relative}:{number}: {reason}")
    return found


if __name__ == "__main__":
    complaints = check(pathlib.Path(sys.argv[1]))
    print("\n".join(complaints) or "every include follows the arrows")
    sys.exit(1 if complaints else 0)
