"""Remote write 2.0 by hand: floats and native histograms of all kinds."""

import struct

from metric_family import spans
from processes import http
from protobuf import bytes_field, double_field, signed_field, varint, varint_field
from random_histograms import Histogram
from remote_write import snappy

HEADERS = {
    "Content-Type": "application/x-protobuf;proto=io.prometheus.write.v2.Request",
    "Content-Encoding": "snappy",
    "X-Prometheus-Remote-Write-Version": "2.0.0",
}


def layout_of(buckets):
    """The spans of {index: count}: (offset, length) each."""
    layout, end = [], 0
    for index in sorted(buckets):
        if layout and index == end:
            layout[-1][1] += 1
        else:
            layout.append([index - end, 1])
        end = index + 1
    return layout


def packed(number, payload):
    return bytes_field(number, payload) if payload else b""


def doubles(values):
    return b"".join(struct.pack("<d", value) for value in values)


def zigzag(value):
    return value << 1 if value >= 0 else -value * 2 - 1


def side(first, buckets, is_float):
    """The fields `first` to `first` + 2 of one sign: spans, deltas, counts."""
    counts = [buckets[index] for index in sorted(buckets)]
    if is_float:
        return spans(first, layout_of(buckets)) + packed(first + 2, doubles(counts))
    deltas = (count - before for count, before in zip(counts, (0, *counts)))
    return spans(first, layout_of(buckets)) + packed(first + 1, b"".join(varint(zigzag(delta)) for delta in deltas))


def histogram_message(time, h):
    """The same in remote write 1.0 and 2.0."""
    if h.is_float:
        numbers = double_field(2, h.count) + double_field(7, h.zero_count)
    else:
        numbers = varint_field(1, h.count) + varint_field(6, h.zero_count)
    return (numbers + double_field(3, h.sum) + signed_field(4, h.schema) + double_field(5, h.zero_threshold) +
            side(8, h.negative, h.is_float) + side(11, h.positive, h.is_float) + varint_field(14, h.hint) +
            varint_field(15, time) + packed(16, doubles(h.bounds)))


def write_request(series):
    """`series`: list of (labels dict, [(timestamp in ms, float or Histogram), ...])."""
    symbols, message = {"": 0}, b""
    for labels, samples in series:
        refs = [symbols.setdefault(text, len(symbols)) for label in sorted(labels.items()) for text in label]
        body = bytes_field(1, b"".join(varint(ref) for ref in refs))
        for time, value in samples:
            if isinstance(value, Histogram):
                body += bytes_field(3, histogram_message(time, value))
            else:
                body += bytes_field(2, double_field(1, value) + varint_field(2, time))
        message += bytes_field(5, body)
    return b"".join(bytes_field(4, symbol.encode()) for symbol in symbols) + message


def rounds(series):
    """Requests that together hold all samples: each has one kind of sample of a series, because receivers take the
    floats of a request before its histograms, whatever their times are."""
    requests = []
    for labels, samples in series:
        runs = []
        for time, value in samples:
            kind = (type(value), getattr(value, "is_float", None))
            if not runs or runs[-1][0] != kind:
                runs.append((kind, []))
            runs[-1][1].append((time, value))
        for i, (_, run) in enumerate(runs):
            if i == len(requests):
                requests.append([])
            requests[i].append((labels, run))
    return requests


def push(url, series):
    """Posts the samples; the first answer that is not a success, else the last: (status, text)."""
    for request in rounds(series):
        answer = http(url + "/api/v1/write", snappy(write_request(request)), HEADERS)
        if answer[0] != 204:
            break
    return answer
