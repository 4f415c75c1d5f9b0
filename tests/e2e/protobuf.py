"""Protobuf messages by hand, field by field: bytes that are concatenated."""

import struct


def read_varint(data, at):
    """(value, where the next byte is)."""
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if data[at - 1] < 0x80:
            return value, at


def fields(message):
    """(number, value) of each field: bytes, or a number, of a fixed one its bits."""
    at = 0
    while at < len(message):
        tag, at = read_varint(message, at)
        if tag & 7 == 0:
            value, at = read_varint(message, at)
        elif tag & 7 == 1:
            value, at = int.from_bytes(message[at:at + 8], "little"), at + 8
        else:
            size, at = read_varint(message, at)
            value, at = message[at:at + size], at + size
        yield tag >> 3, value


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
