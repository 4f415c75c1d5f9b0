"""Protobuf messages by hand, field by field: bytes that are concatenated."""

import struct


def varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def bytes_field(number, payload):
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def varint_field(number, value):
    return varint(number << 3) + varint(value)


def signed_field(number, value):
    """sint32, sint64."""
    return varint_field(number, value << 1 if value >= 0 else -value * 2 - 1)


def double_field(number, value):
    return varint(number << 3 | 1) + struct.pack("<d", value)
