#include "tests/testing/prometheus_files.h"

#include <algorithm>
#include <bit>
#include <map>

#include "base/io/crc32c.h"
#include "base/io/varint.h"

namespace tidemark::testing {
namespace {

// Bits, high ones first.
class BitWriter {
 public:
  void Write(uint64_t value, int count) {
    for (int i = count - 1; i >= 0; --i) {
      if (num_bits_ % 8 == 0) bytes_.push_back('\0');
      const auto bit = static_cast<uint8_t>((value >> i) & 1);
      bytes_.back() = static_cast<char>(bytes_.back() | bit << (7 - num_bits_ % 8));
      ++num_bits_;
    }
  }
  void WriteBytes(std::string_view bytes) {
    for (const char c : bytes) Write(static_cast<uint8_t>(c), 8);
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
  size_t num_bits_ = 0;
};

void WriteVarbit(uint64_t value, BitWriter& bits) {
  bits.Write(0xff, 8);
  bits.Write(value, 64);
}
void WriteSpans(const std::vector<BucketSpan>& spans, BitWriter& bits) {
  WriteVarbit(spans.size(), bits);
  for (const BucketSpan& span : spans) {
    WriteVarbit(span.length, bits);
    WriteVarbit(static_cast<uint64_t>(int64_t{span.offset}), bits);
  }
}

// A value as XOR with the one before, in a window of all bits.
void WriteXor(double value, double before, BitWriter& bits) {
  bits.Write(0b11, 2);
  bits.Write(0, 5 + 6);
  bits.Write(std::bit_cast<uint64_t>(value) ^ std::bit_cast<uint64_t>(before), 64);
}

// Count, zero count and buckets; those of integer histograms as differences to the one before.
std::vector<double> CountsOf(const HistogramView& h) {
  std::vector<double> counts = {h.count, h.zero_count};
  for (const auto& buckets : {h.positive_counts, h.negative_counts}) {
    double before = 0;
    for (const double bucket : buckets) {
      counts.push_back(h.is_float ? bucket : bucket - before);
      before = bucket;
    }
  }
  return counts;
}

std::string Varint(uint64_t value) {
  std::string out;
  AppendVarint(value, &out);
  return out;
}
std::string SignedVarint(int64_t value) { return Varint(ZigZag(value)); }

std::string BigEndian(uint64_t value, size_t num_bytes) {
  std::string out;
  AppendBigEndian(value, num_bytes, &out);
  return out;
}
std::string BigEndian(double value) { return BigEndian(std::bit_cast<uint64_t>(value), 8); }
std::string BigEndian(TimestampMs value) { return BigEndian(static_cast<uint64_t>(value), 8); }
std::string Checksum(std::string_view bytes) { return BigEndian(Crc32c(bytes), 4); }

// Length, bytes, checksum.
std::string Section(const std::string& content) {
  return BigEndian(content.size(), 4) + content + Checksum(content);
}

std::string ChunkRefs(const BlockFileSeries& series, std::string* segment) {
  std::string entry = Varint(series.chunks.size());
  TimestampMs last_time = 0;
  uint64_t last_ref = 0;
  for (size_t i = 0; i < series.chunks.size(); ++i) {
    const BlockFileChunk& chunk = series.chunks[i];
    const uint64_t ref = segment->size();
    entry += i == 0 ? SignedVarint(chunk.min_time)
                    : Varint(static_cast<uint64_t>(chunk.min_time - last_time));
    entry += Varint(static_cast<uint64_t>(chunk.max_time - chunk.min_time));
    entry += i == 0 ? Varint(ref) : SignedVarint(static_cast<int64_t>(ref - last_ref));
    last_time = chunk.max_time;
    last_ref = ref;
    const std::string body = std::string(1, static_cast<char>(chunk.encoding)) + chunk.data;
    *segment += Varint(chunk.data.size()) + body + Checksum(body);
  }
  return entry;
}

}  // namespace

void AppendBigEndian(uint64_t value, size_t num_bytes, std::string* out) {
  for (size_t i = num_bytes; i-- > 0;) out->push_back(static_cast<char>(value >> (8 * i)));
}

std::string XorChunkData(const SampleColumns& samples) {
  BitWriter bits;
  bits.Write(samples.size(), 16);
  uint64_t delta = 0;
  for (size_t i = 0; i < samples.size(); ++i) {
    const auto value = std::bit_cast<uint64_t>(samples.values[i]);
    if (i == 0) {
      bits.WriteBytes(SignedVarint(samples.timestamps[0]));
      bits.Write(value, 64);
      continue;
    }
    const auto next = static_cast<uint64_t>(samples.timestamps[i] - samples.timestamps[i - 1]);
    if (i == 1) {
      bits.WriteBytes(Varint(next));
    } else {
      bits.Write(0b1111, 4);
      bits.Write(next - delta, 64);
    }
    delta = next;
    bits.Write(0b11, 2);  // a new window: no leading zeros, 64 bits
    bits.Write(0, 5 + 6);
    bits.Write(value ^ std::bit_cast<uint64_t>(samples.values[i - 1]), 64);
  }
  return bits.bytes();
}

std::string HistogramChunkData(const HistogramColumns& histograms) {
  BitWriter bits;
  bits.Write(histograms.size(), 16);
  bits.Write(0, 8);
  const HistogramLayout& layout = *histograms[0].layout;
  bits.Write(255, 8);
  bits.Write(std::bit_cast<uint64_t>(layout.zero_threshold), 64);
  WriteVarbit(static_cast<uint64_t>(int64_t{layout.schema}), bits);
  WriteSpans(layout.positive_spans, bits);
  WriteSpans(layout.negative_spans, bits);
  if (layout.schema == kCustomBucketsSchema) {
    WriteVarbit(layout.custom_values.size(), bits);
    for (const double bound : layout.custom_values) {
      bits.Write(0, 1);
      bits.Write(std::bit_cast<uint64_t>(bound), 64);
    }
  }
  std::vector<int64_t> before(CountsOf(histograms[0]).size() + 1), delta(before.size());
  const auto write_delta = [&](size_t k, int64_t value) {
    WriteVarbit(static_cast<uint64_t>(value - before[k] - delta[k]), bits);
    delta[k] = value - before[k];
    before[k] = value;
  };
  for (size_t i = 0; i < histograms.size(); ++i) {
    const HistogramView h = histograms[i];
    const std::vector<double> counts = CountsOf(h);
    write_delta(counts.size(), histograms.timestamps()[i]);
    for (size_t k = 0; k < counts.size(); ++k) {
      if (i > 0 && h.is_float) {
        WriteXor(counts[k], CountsOf(histograms[i - 1])[k], bits);
      } else if (h.is_float) {
        bits.Write(std::bit_cast<uint64_t>(counts[k]), 64);
      } else {
        write_delta(k, static_cast<int64_t>(counts[k]));
      }
      if (k != 1) continue;
      if (i > 0) {
        WriteXor(h.sum, histograms[i - 1].sum, bits);
      } else {
        bits.Write(std::bit_cast<uint64_t>(h.sum), 64);
      }
    }
    if (i == 0) delta.assign(delta.size(), 0);
  }
  return bits.bytes();
}

std::string WalSeriesRecord(const std::vector<WalSeries>& series) {
  std::string record(1, '\x01');
  for (const WalSeries& s : series) {
    record += BigEndian(s.ref, 8) + Varint(s.labels.size());
    for (const LabelView& label : s.labels) {
      AppendLengthPrefixed(label.name, &record);
      AppendLengthPrefixed(label.value, &record);
    }
  }
  return record;
}

std::string WalSamplesRecord(const std::vector<WalSample>& samples) {
  std::string record(1, '\x02');
  record += BigEndian(samples[0].ref, 8) + BigEndian(samples[0].timestamp);
  for (const WalSample& s : samples) {
    record += SignedVarint(static_cast<int64_t>(s.ref - samples[0].ref));
    record += SignedVarint(s.timestamp - samples[0].timestamp) + BigEndian(s.value);
  }
  return record;
}

std::string WalHistogramsRecord(uint8_t type, uint64_t ref, const HistogramColumns& histograms) {
  std::string out(1, static_cast<char>(type));
  out += BigEndian(ref, 8) + BigEndian(TimestampMs{0});
  for (size_t i = 0; i < histograms.size(); ++i) {
    const HistogramView h = histograms[i];
    const HistogramLayout& layout = *h.layout;
    const auto count = [&](double value) {
      return h.is_float ? BigEndian(value) : Varint(static_cast<uint64_t>(value));
    };
    out += SignedVarint(0) + SignedVarint(histograms.timestamps()[i]);
    out += std::string(1, static_cast<char>(h.counter_reset_hint)) + SignedVarint(layout.schema) +
           BigEndian(layout.zero_threshold) + count(h.zero_count) + count(h.count) +
           BigEndian(h.sum);
    for (const auto* spans : {&layout.positive_spans, &layout.negative_spans}) {
      out += Varint(spans->size());
      for (const BucketSpan& span : *spans) out += SignedVarint(span.offset) + Varint(span.length);
    }
    for (const auto& buckets : {h.positive_counts, h.negative_counts}) {
      out += Varint(buckets.size());
      double before = 0;
      for (const double bucket : buckets) {
        out += h.is_float ? BigEndian(bucket) : SignedVarint(static_cast<int64_t>(bucket - before));
        before = bucket;
      }
    }
    if (layout.schema != kCustomBucketsSchema) continue;
    out += Varint(layout.custom_values.size());
    for (const double bound : layout.custom_values) out += BigEndian(bound);
  }
  return out;
}

std::string WalTombstoneRecord(uint64_t ref, TimestampMs min, TimestampMs max) {
  return "\x03" + BigEndian(ref, 8) + SignedVarint(min) + SignedVarint(max);
}

std::string WalSegment(const std::vector<std::string>& records, uint8_t compression) {
  constexpr size_t kPage = 32 * 1024, kHeader = 7;
  std::string segment;
  for (std::string_view rest : records) {
    bool first = true, last = false;
    while (!last) {
      if (kPage - segment.size() % kPage < kHeader) {
        segment.append(kPage - segment.size() % kPage, '\0');
      }
      const size_t room = kPage - segment.size() % kPage - kHeader;
      const std::string_view data = rest.substr(0, room);
      rest.remove_prefix(data.size());
      last = rest.empty();
      const int position = first ? (last ? 1 : 2) : (last ? 4 : 3);
      segment.push_back(static_cast<char>(position + compression));
      segment += BigEndian(data.size(), 2) + Checksum(data);
      segment += data;
      first = false;
    }
  }
  return segment;
}

std::string HeadChunkFile(const std::vector<HeadFileChunk>& chunks) {
  std::string file = BigEndian(0x0130BC91, 4) + std::string("\1\0\0\0", 4);
  for (const HeadFileChunk& c : chunks) {
    const std::string chunk = BigEndian(c.ref, 8) + BigEndian(c.min_time) + BigEndian(c.max_time) +
                              std::string(1, static_cast<char>(c.encoding)) +
                              Varint(c.data.size()) + c.data;
    file += chunk + Checksum(chunk);
  }
  return file;
}

BlockFiles MakeBlockFiles(const std::vector<BlockFileSeries>& series, int format) {
  std::map<std::string, uint64_t> symbols;
  for (const BlockFileSeries& s : series) {
    for (const LabelView& label : s.labels) {
      symbols[std::string(label.name)] = symbols[std::string(label.value)] = 0;
    }
  }
  BlockFiles files;
  files.index = BigEndian(0xBAAAD700, 4) + static_cast<char>(format);
  const size_t symbols_at = files.index.size();
  std::string table = BigEndian(symbols.size(), 4);
  uint64_t number = 0;
  for (auto& [text, ref] : symbols) {
    ref = format == 2 ? number++ : symbols_at + 4 + table.size();
    AppendLengthPrefixed(text, &table);
  }
  files.index += Section(table);

  files.chunks = BigEndian(0x85BD40DD, 4) + std::string("\1\0\0\0", 4);
  const auto pad = [&] { files.index.resize((files.index.size() + 15) / 16 * 16, '\0'); };
  pad();
  const size_t series_at = files.index.size();
  for (const BlockFileSeries& s : series) {
    std::string entry = Varint(s.labels.size());
    for (const LabelView& label : s.labels) {
      entry += Varint(symbols[std::string(label.name)]);
      entry += Varint(symbols[std::string(label.value)]);
    }
    entry += ChunkRefs(s, &files.chunks);
    pad();
    files.index += Varint(entry.size()) + entry + Checksum(entry);
  }
  const size_t label_indices_at = files.index.size();
  std::string contents = BigEndian(symbols_at, 8) + BigEndian(series_at, 8) +
                         BigEndian(label_indices_at, 8) + std::string(24, '\0');
  files.index += contents + Checksum(contents);
  return files;
}

std::string BlockTombstones(uint64_t ref, TimestampMs min, TimestampMs max) {
  const std::string content = Varint(ref) + SignedVarint(min) + SignedVarint(max);
  return BigEndian(0x0130BA30, 4) + "\1" + content + Checksum(content);
}

}  // namespace tidemark::testing
