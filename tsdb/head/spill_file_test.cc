#include "tsdb/head/spill_file.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/testing/temp_directory.h"

namespace tidemark::tsdb {
namespace {

constexpr size_t kPieceBytes = 64 << 10;

char* NewPiece(char fill) {
  void* const piece =
      mmap(nullptr, kPieceBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  std::memset(piece, fill, kPieceBytes);
  return static_cast<char*>(piece);
}

TEST(SpillFileTest, MemoryStaysWhatItWas) {
  const testing::TempDirectory directory;
  auto file = SpillFile::Create(directory.path(), kPieceBytes);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
  std::vector<char*> pieces;
  for (int round = 0; round < 3; ++round) {
    // Pieces take the place of those that went.
    std::vector<uint64_t> numbers;
    for (char fill = 'a'; fill < 'e'; ++fill) {
      char* const piece = NewPiece(static_cast<char>(fill + round));
      const absl::StatusOr<uint64_t> number = (*file)->Write(piece);
      ASSERT_TRUE(number.ok()) << number.status();
      EXPECT_LT(*number, 4u);
      ASSERT_TRUE((*file)->Map(*number, piece).ok());
      numbers.push_back(*number);
      pieces.push_back(piece);
    }
    for (size_t i = 0; i < pieces.size(); ++i) {
      madvise(pieces[i], kPieceBytes, MADV_DONTNEED);
      const auto fill = static_cast<char>('a' + static_cast<char>(i) + round);
      EXPECT_EQ(std::string(pieces[i], kPieceBytes), std::string(kPieceBytes, fill));
      munmap(pieces[i], kPieceBytes);
      (*file)->Free(numbers[i]);
    }
    pieces.clear();
  }
}

TEST(SpillFileTest, SaysWhereItCannotBeMade) {
  const testing::TempDirectory directory;
  const auto file = SpillFile::Create(directory.path() + "/absent", kPieceBytes);
  EXPECT_TRUE(absl::IsUnavailable(file.status()));
  EXPECT_NE(file.status().message().find("/absent"), std::string::npos) << file.status();
}

}  // namespace
}  // namespace tidemark::tsdb
