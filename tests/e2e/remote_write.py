"""Remote write 1.0 by hand, with nothing but the standard library: a second, independent writer of the format."""

import struct

from processes import http
from protobuf import bytes_field, varint

HEADERS = {
    "Content-Type": "application/x-protobuf",
    "Content-Encoding": "snappy",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
}


def write_request(series):
    """`series`: list of (labels dict, [(timestamp in ms, value), ...])."""
    message = b""
    for labels, samples in series:
        body = b"".join(
            bytes_field(1, bytes_field(1, name.encode()) + bytes_field(2, value.encode()))
            for name, value in sorted(labels.items()))
        for timestamp, value in samples:
            body += bytes_field(2, b"\x09" + struct.pack("<d", value) + b"\x10" + varint(timestamp))
        message += bytes_field(1, body)
    return message


def snappy(data):
    """The snappy block format, literals only: larger than need be, and valid."""
    out = varint(len(data))
    for start in range(0, len(data), 65536):
        piece = data[start:start + 65536]
        out += bytes([61 << 2]) + struct.pack("<H", len(piece) - 1) + piece
    return out


def push(url, series):
    """Posts the samples; (status, text) of the answer."""
    return http(url + "/api/v1/write", snappy(write_request(series)), HEADERS)
