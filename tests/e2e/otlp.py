"""OTLP metrics by hand, with nothing but the standard library. A request is a dict in the JSON form of OTLP; `protobuf`
makes the same message in the other encoding."""

import gzip
import json
import struct

from processes import http
from protobuf import bytes_field, double_field, signed_field, varint, varint_field

PATH = "/api/v1/otlp/v1/metrics"


def fixed64_field(number, value):
    return varint(number << 3 | 1) + struct.pack("<q" if value < 0 else "<Q", value)


def any_value(value):
    (kind, content), = value.items()
    if kind == "stringValue":
        return bytes_field(1, content.encode())
    if kind == "boolValue":
        return varint_field(2, int(content))
    if kind == "intValue":
        return varint_field(3, int(content))
    if kind == "doubleValue":
        return double_field(4, content)
    if kind == "arrayValue":
        return bytes_field(5, b"".join(bytes_field(1, any_value(v)) for v in content["values"]))
    return bytes_field(6, attributes(1, content["values"]))  # kvlistValue


def attributes(number, pairs):
    return b"".join(bytes_field(number, bytes_field(1, pair["key"].encode()) + bytes_field(2, any_value(pair["value"])))
                    for pair in pairs)


def common(point, attribute_field, flags_field):
    out = attributes(attribute_field, point.get("attributes", []))
    out += fixed64_field(2, int(point.get("startTimeUnixNano", 0))) + fixed64_field(3, int(point["timeUnixNano"]))
    return out + varint_field(flags_field, point.get("flags", 0))


def number_point(point):
    out = common(point, 7, 8)
    if "asInt" in point:
        return out + fixed64_field(6, int(point["asInt"]))
    return out + double_field(4, point["asDouble"])


def packed(number, layout, values):
    return bytes_field(number, b"".join(struct.pack(layout, value) for value in values))


def histogram_point(point):
    out = common(point, 9, 10) + fixed64_field(4, int(point["count"]))
    if "sum" in point:
        out += double_field(5, point["sum"])
    out += packed(6, "<Q", [int(count) for count in point.get("bucketCounts", [])])
    return out + packed(7, "<d", point.get("explicitBounds", []))


def buckets(side):
    counts = b"".join(varint(int(count)) for count in side["bucketCounts"])
    return signed_field(1, side["offset"]) + bytes_field(2, counts)


def exponential_point(point):
    out = common(point, 1, 10) + fixed64_field(4, int(point["count"]))
    if "sum" in point:
        out += double_field(5, point["sum"])
    out += signed_field(6, point["scale"]) + fixed64_field(7, int(point["zeroCount"]))
    out += bytes_field(8, buckets(point["positive"])) + bytes_field(9, buckets(point["negative"]))
    return out + double_field(14, point.get("zeroThreshold", 0.0))


def summary_point(point):
    out = common(point, 7, 8) + fixed64_field(4, int(point["count"])) + double_field(5, point["sum"])
    return out + b"".join(bytes_field(6, double_field(1, q["quantile"]) + double_field(2, q["value"]))
                          for q in point["quantileValues"])


KINDS = {"gauge": (5, number_point), "sum": (7, number_point), "histogram": (9, histogram_point),
         "exponentialHistogram": (10, exponential_point), "summary": (11, summary_point)}


def metric_message(metric):
    out = bytes_field(1, metric["name"].encode()) + bytes_field(3, metric.get("unit", "").encode())
    for kind, (field, point) in KINDS.items():
        if kind in metric:
            data = metric[kind]
            body = b"".join(bytes_field(1, point(p)) for p in data["dataPoints"])
            body += varint_field(2, data.get("aggregationTemporality", 0))
            out += bytes_field(field, body + varint_field(3, int(data.get("isMonotonic", False))))
    return out


def scope_message(scope_metrics):
    scope = scope_metrics.get("scope", {})
    out = bytes_field(1, bytes_field(1, scope.get("name", "").encode())
                      + bytes_field(2, scope.get("version", "").encode())
                      + attributes(3, scope.get("attributes", [])))
    return out + b"".join(bytes_field(2, metric_message(metric)) for metric in scope_metrics["metrics"])


def protobuf(request):
    return b"".join(
        bytes_field(1, bytes_field(1, attributes(1, resource["resource"]["attributes"]))
                    + b"".join(bytes_field(2, scope_message(scope)) for scope in resource["scopeMetrics"]))
        for resource in request["resourceMetrics"])


def attribute_list(values):
    """Of a dict of strings, booleans, numbers and lists."""
    kinds = {str: "stringValue", bool: "boolValue", int: "intValue", float: "doubleValue"}

    def wrapped(value):
        if isinstance(value, list):
            return {"arrayValue": {"values": [wrapped(v) for v in value]}}
        if isinstance(value, dict):
            return {"kvlistValue": {"values": attribute_list(value)}}
        return {kinds[type(value)]: str(value) if type(value) is int else value}

    return [{"key": key, "value": wrapped(value)} for key, value in values.items()]


def push(url, request, as_json=False, compressed=False, path=PATH):
    """Posts a request; (status, text) of the answer."""
    body = json.dumps(request).encode() if as_json else protobuf(request)
    headers = {"Content-Type": "application/json" if as_json else "application/x-protobuf"}
    if compressed:
        body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
    return http(url + path, body, headers)
