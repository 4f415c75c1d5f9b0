"""Pages in Prometheus's protobuf format, written by hand: io.prometheus.client.MetricFamily messages with their lengths."""

from protobuf import bytes_field, double_field, signed_field, varint, varint_field

CONTENT_TYPE = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
COUNTER, GAUGE, SUMMARY, UNTYPED, HISTOGRAM, GAUGE_HISTOGRAM = range(6)
VALUE_FIELD = {COUNTER: 3, GAUGE: 2, SUMMARY: 4, UNTYPED: 5, HISTOGRAM: 7, GAUGE_HISTOGRAM: 7}


def pair(name, value):
    return bytes_field(1, bytes_field(1, name.encode()) + bytes_field(2, value.encode()))


def family(name, kind, metrics, help=""):
    """`metrics`: list of (labels dict, the bytes of the value)."""
    message = bytes_field(1, name.encode()) + bytes_field(2, help.encode()) + varint_field(3, kind)
    for labels, value in metrics:
        message += bytes_field(4, b"".join(pair(*label) for label in labels.items()) +
                               bytes_field(VALUE_FIELD[kind], value))
    return varint(len(message)) + message


def exemplar(value, seconds, **labels):
    return (b"".join(pair(*label) for label in labels.items()) + double_field(2, value) +
            bytes_field(3, varint_field(1, seconds)))


def number(value, exemplar=None):
    """The value of a counter, a gauge or an untyped metric."""
    return double_field(1, value) + (bytes_field(2, exemplar) if exemplar else b"")


def summary(count, total, quantiles):
    return varint_field(1, count) + double_field(2, total) + b"".join(
        bytes_field(3, double_field(1, q) + double_field(2, value)) for q, value in quantiles)


def classic(count, total, buckets, exemplar=None):
    """`buckets`: (bound, cumulative count) each."""
    return varint_field(1, count) + double_field(2, total) + b"".join(
        bytes_field(3, varint_field(1, cumulative) + double_field(2, bound) +
                    (bytes_field(3, exemplar) if exemplar else b"")) for bound, cumulative in buckets)


def spans(number, layout):
    """`layout`: (offset, length) each."""
    return b"".join(bytes_field(number, signed_field(1, offset) + varint_field(2, length)) for offset, length in layout)


def native(schema, zero_threshold, zero_count, positive=((), ()), negative=((), ()), exemplar=None):
    """The native part of an integer histogram. A sign: its spans and the counts of its buckets."""
    out = signed_field(5, schema) + double_field(6, zero_threshold) + varint_field(7, zero_count)
    for first, (layout, counts) in ((9, negative), (12, positive)):
        out += spans(first, layout)
        for count, before in zip(counts, (0, *counts)):
            out += signed_field(first + 1, count - before)
    return out + (bytes_field(16, exemplar) if exemplar else b"")


def native_float(schema, count, zero_count, positive):
    """All of a float histogram but its sum."""
    layout, counts = positive
    return (double_field(4, count) + signed_field(5, schema) + double_field(6, 1e-9) + double_field(8, zero_count) +
            spans(12, layout) + b"".join(double_field(14, c) for c in counts))
