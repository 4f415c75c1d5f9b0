#include "base/io/compression.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstring>
#include <random>

namespace tidemark {
namespace {

constexpr size_t kNoLimit = size_t{1} << 40;

// Text that compresses, bytes that do not, and the edges of the buffers.
std::vector<std::string> Samples() {
  std::vector<std::string> samples = {"", "a", std::string(100'000, 'x')};
  std::mt19937 random(42);
  for (const size_t size : {1000, 32767, 32768, 32769, 200'000}) {
    std::string bytes(size, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    samples.push_back(std::move(bytes));
  }
  return samples;
}

struct Format {
  const char* name;
  absl::Status (*uncompress)(std::string_view, size_t, std::string*);
  void (*compress)(std::string_view, std::string*);
};

class CompressionTest : public ::testing::TestWithParam<Format> {};

TEST_P(CompressionTest, RoundTripsWithinTheLimit) {
  for (const std::string& text : Samples()) {
    std::string compressed, again;
    GetParam().compress(text, &compressed);
    const absl::Status status = GetParam().uncompress(compressed, text.size(), &again);
    ASSERT_TRUE(status.ok()) << text.size() << ": " << status;
    EXPECT_EQ(again, text);
    if (text.empty()) continue;
    EXPECT_EQ(GetParam().uncompress(compressed, text.size() - 1, &again).code(),
              absl::StatusCode::kResourceExhausted);
  }
}

TEST_P(CompressionTest, TruncatedInputIsAnError) {
  std::string compressed, out;
  GetParam().compress(Samples()[3], &compressed);
  for (size_t size = 0; size < compressed.size(); ++size) {
    const std::string_view cut = std::string_view(compressed).substr(0, size);
    EXPECT_EQ(GetParam().uncompress(cut, kNoLimit, &out).code(), absl::StatusCode::kInvalidArgument)
        << size;
  }
}

TEST_P(CompressionTest, AnyBytesGiveOutputOrAnError) {
  std::mt19937 random(7);
  std::string compressed, out;
  GetParam().compress(std::string(5000, 'y'), &compressed);
  for (int i = 0; i < 2000; ++i) {
    std::string damaged = compressed;
    damaged[random() % damaged.size()] = static_cast<char>(random());
    const absl::Status status = GetParam().uncompress(damaged, 1 << 20, &out);
    EXPECT_TRUE(status.ok() || status.code() == absl::StatusCode::kInvalidArgument ||
                status.code() == absl::StatusCode::kResourceExhausted)
        << status;
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, CompressionTest,
                         ::testing::Values(Format{"snappy", SnappyUncompress, SnappyCompress},
                                           Format{"zstd", ZstdUncompress, ZstdCompress},
                                           Format{"gzip", GzipUncompress, GzipCompress},
                                           Format{"zlib", ZlibUncompress, ZlibCompress}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(GzipTest, ReadsSeveralMembers) {
  std::string one, two, out;
  GzipCompress("one ", &one);
  GzipCompress("two", &two);
  ASSERT_TRUE(GzipUncompress(one + two, kNoLimit, &out).ok());
  EXPECT_EQ(out, "one two");
  EXPECT_FALSE(GzipUncompress(one + "rubbish", kNoLimit, &out).ok());
  EXPECT_EQ(GzipUncompress(one + two, 6, &out).code(), absl::StatusCode::kResourceExhausted);
}

TEST(GzipTest, ABombStopsAtTheLimit) {
  std::string bomb, out;
  GzipCompress(std::string(50 << 20, '\0'), &bomb);
  EXPECT_EQ(GzipUncompress(bomb, 1 << 20, &out).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_LE(out.size(), size_t{1} << 20);
}

TEST(GzipTest, TheClaimedSizeIsNotBelieved) {
  const std::string text = "a text that is neither long nor short";
  std::string compressed, out;
  GzipCompress(text, &compressed);
  for (const uint32_t claimed : {0u, 1u, 36u, 38u, 1000u, 1u << 20, ~0u}) {
    std::string lying = compressed;
    std::memcpy(lying.data() + lying.size() - sizeof(claimed), &claimed, sizeof(claimed));
    EXPECT_EQ(GzipUncompress(lying, kNoLimit, &out).code(), absl::StatusCode::kInvalidArgument)
        << claimed;
  }
}

TEST(SnappyTest, ALengthThatCannotBeIsRefused) {
  std::string out;
  // Claims 2^31 bytes in six.
  EXPECT_EQ(SnappyUncompress("\x80\x80\x80\x80\x08\x01", kNoLimit, &out).code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(ZlibTest, IsWhatZlibReads) {
  const std::string text(100'000, 'x');
  std::string compressed;
  ZlibCompress(text, &compressed);
  std::string back(text.size(), '\0');
  uLongf size = back.size();
  ASSERT_EQ(uncompress(reinterpret_cast<Bytef*>(back.data()), &size,
                       reinterpret_cast<const Bytef*>(compressed.data()), compressed.size()),
            Z_OK);
  EXPECT_EQ(back, text);
}

}  // namespace
}  // namespace tidemark
