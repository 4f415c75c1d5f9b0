"""Native histograms as remote write 1.0 brings them: fields of `prometheus.TimeSeries`, by hand."""

import struct

from protobuf import bytes_field, double_field, signed_field, varint, varint_field

UNKNOWN, RESET, NO_RESET, GAUGE = range(4)


def packed_doubles(number, values):
    return bytes_field(number, struct.pack(f"<{len(values)}d", *values)) if values else b""


def packed_deltas(number, counts):
    out = b""
    for count, before in zip(counts, (0, *counts)):
        delta = count - before
        out += varint(delta << 1 if delta >= 0 else -delta * 2 - 1)
    return bytes_field(number, out) if out else b""


def spans(number, layout):
    """`layout`: (offset, length) each."""
    return b"".join(bytes_field(number, signed_field(1, offset) + varint_field(2, length)) for offset, length in layout)


def histogram_field(timestamp, schema, total, positive, negative=((), ()), zero=0, bounds=(), hint=UNKNOWN,
                    is_float=False):
    """One sample. A sign: its spans and the counts of its buckets; the count is that of all buckets."""
    count = zero + sum(positive[1]) + sum(negative[1])
    if is_float:
        out = (double_field(2, count) + double_field(7, zero) + packed_doubles(10, negative[1]) +
               packed_doubles(13, positive[1]))
    else:
        out = (varint_field(1, count) + varint_field(6, zero) + packed_deltas(9, negative[1]) +
               packed_deltas(12, positive[1]))
    out += double_field(3, total) + signed_field(4, schema) + double_field(5, 0 if bounds else 1e-6)
    out += spans(8, negative[0]) + spans(11, positive[0]) + packed_doubles(16, bounds)
    return bytes_field(4, out + varint_field(14, hint) + varint_field(15, timestamp))
