#include "tsdb/journal/checkpoint_file.h"

#include <gtest/gtest.h>

#include "base/io/hash.h"
#include "base/strings.h"
#include "tests/testing/temp_directory.h"

namespace tidemark::tsdb {
namespace {

TEST(CheckpointManifestTest, RoundTrip) {
  const CheckpointFiles kCases[] = {
      {}, {{1}, 2, 77}, {{1, 3, 5}, 6, 1ull << 60}, {{}, 9, 1}, {{4}, 0, 3}};
  for (const CheckpointFiles& files : kCases) {
    const auto decoded = DecodeCheckpointManifest(EncodeCheckpointManifest(files));
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(*decoded, files);
  }
}

TEST(CheckpointManifestTest, Damage) {
  const std::string text = EncodeCheckpointManifest({{1, 3, 5}, 6, 1000});
  for (size_t i = 0; i < text.size(); ++i) {
    EXPECT_TRUE(absl::IsDataLoss(DecodeCheckpointManifest(text.substr(0, i)).status())) << i;
    std::string flipped = text;
    flipped[i] ^= 1;
    EXPECT_TRUE(absl::IsDataLoss(DecodeCheckpointManifest(flipped).status())) << i;
  }
  const auto checked = [](const std::string& body) {
    std::string text = body;
    char sum[17];
    snprintf(sum, sizeof(sum), "%016llx", static_cast<unsigned long long>(StableHash64(body)));
    return StrCat(text, "checksum ", sum, "\n");
  };
  struct Case {
    std::string body;
    absl::StatusCode want;
  };
  const Case kCases[] = {
      {"tidemark checkpoint 1\ncovers 1\nseries 1\nstate 2\n", absl::StatusCode::kOk},
      {"tidemark checkpoint 2\nwhatever\n", absl::StatusCode::kFailedPrecondition},
      {"tidemark checkpoint 1\ncovers 1\nseries 1\n", absl::StatusCode::kDataLoss},
      {"tidemark checkpoint 1\ncovers\nseries 1\nstate 2\n", absl::StatusCode::kDataLoss},
      {"tidemark checkpoint 1\ncovers 1\nseries x\nstate 2\n", absl::StatusCode::kDataLoss},
      {"tidemark checkpoint 1\ncovers -1\nseries 1\nstate 2\n", absl::StatusCode::kDataLoss},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(DecodeCheckpointManifest(checked(c.body)).status().code(), c.want) << c.body;
  }
}

TEST(CheckpointFileTest, SlabsInOrderSomeMissing) {
  const testing::TempDirectory directory;
  const std::string path = directory.path() + "/" + StateFileName(7);
  auto writer = CheckpointFileWriter::Create(path);
  ASSERT_TRUE(writer.ok()) << writer.status();
  ASSERT_TRUE((*writer)->Put(CheckpointSection::kPairs, 0, "pairs").ok());
  ASSERT_TRUE((*writer)->Put(CheckpointSection::kState, 1, "one").ok());
  ASSERT_TRUE((*writer)->Put(CheckpointSection::kState, 300, std::string(100'000, 'x')).ok());
  CheckpointSummary summary;
  summary.files = {{1, 3}, 7, 42};
  summary.num_series = 1000;
  summary.newest = -5;
  ASSERT_TRUE((*writer)->Finish(summary).ok());

  const auto file = CheckpointFile::Open(path);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ((*file)->summary().files, summary.files);
  EXPECT_EQ((*file)->summary().num_series, 1000u);
  EXPECT_EQ((*file)->summary().newest, -5);
  std::vector<uint32_t> slabs;
  const auto visit = [&](uint32_t slab, std::string_view) {
    slabs.push_back(slab);
    return slab == 1 ? absl::DataLossError("not to the taste of the visitor") : absl::OkStatus();
  };
  EXPECT_EQ((*file)->ForEach(CheckpointSection::kSeries, visit), 0u);
  EXPECT_TRUE(slabs.empty());
  EXPECT_EQ((*file)->ForEach(CheckpointSection::kState, visit), 1u);
  EXPECT_EQ(slabs, (std::vector<uint32_t>{1, 300}));
  EXPECT_TRUE(absl::IsNotFound(CheckpointFile::Open(path + "x").status()));
}

}  // namespace
}  // namespace tidemark::tsdb
