#include "tsdb/block/index_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <random>

#include "base/io/file.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "tests/testing/series_oracle.h"
#include "tests/testing/temp_directory.h"
#include "tsdb/block/index_writer.h"
#include "tsdb/kv/sst_writer.h"

namespace tidemark::tsdb {
namespace {

using Contents = std::vector<std::pair<std::string, std::string>>;

class IndexReaderTest : public ::testing::Test {
 protected:
  // Writes the series, which ascend, and opens what was written.
  void Write(const std::vector<LabelSet>& series) {
    oracle_ = {};
    const auto writer = *IndexWriter::Create(path_);
    for (const LabelSet& labels : series) {
      oracle_.Add(static_cast<uint32_t>(oracle_.labels().size()), labels);
      ASSERT_TRUE(writer->Add(labels).ok());
    }
    const absl::Status finished = writer->Finish();
    ASSERT_TRUE(finished.ok()) << finished;
    Open();
  }
  void Open() {
    auto reader = IndexReader::Open(path_, cache_);
    ASSERT_TRUE(reader.ok()) << reader.status();
    reader_ = *std::move(reader);
  }
  // Keys and values of the file, and the file with others in their place.
  Contents ReadContents() const {
    Contents contents;
    const auto file = *SstReader::Open(path_, nullptr);
    const auto it = file->NewIterator();
    for (it->SeekToFirst(); it->Valid(); it->Next()) contents.emplace_back(it->key(), it->value());
    return contents;
  }
  void WriteContents(const Contents& contents) const {
    const auto file = *SstWriter::Create(path_, {.compress = false});
    for (const auto& [key, value] : contents) ASSERT_TRUE(file->Put(key, value).ok());
    ASSERT_TRUE(file->Finish().ok());
  }

  std::vector<uint32_t> Select(const std::vector<LabelMatcher>& matchers) const {
    const auto found = reader_->Select(matchers);
    EXPECT_TRUE(found.ok()) << found.status();
    return found->ToVector();
  }

  testing::TempDirectory directory_;
  const std::string path_ = directory_.path() + "/index.sst";
  std::shared_ptr<BlockCache> cache_ = BlockCache::Create(8 << 20);
  std::unique_ptr<IndexReader> reader_;
  testing::SeriesOracle oracle_;
};

LabelMatcher Matcher(std::string_view name, MatchOp op, std::string_view value) {
  return *LabelMatcher::Create(name, op, value);
}

// All that an index answers, as text.
absl::StatusOr<std::string> Answers(const IndexReader& index) {
  std::string text = StrCat(index.num_series(), "\n");
  std::vector<uint32_t> all(index.num_series());
  for (uint32_t i = 0; i < all.size(); ++i) all[i] = i;
  LabelList series;
  RETURN_IF_ERROR(index.ReadLabels(all, series));
  for (size_t i = 0; i < series.size(); ++i) {
    StrAppend(&text, LabelSet::FromKnownBytes(series[i]).ToString(), "\n");
  }
  const std::vector<LabelMatcher> kMatchers[] = {
      {},
      {Matcher("job", MatchOp::kEqual, "v1")},
      {Matcher("zone", MatchOp::kNotEqual, "")},
      {Matcher("instance", MatchOp::kRegex, "v1.*"), Matcher("job", MatchOp::kNotRegex, ".*2")}};
  for (const auto& matchers : kMatchers) {
    ASSIGN_OR_RETURN(const PostingSet found, index.Select(matchers));
    for (const uint32_t i : found.ToVector()) StrAppend(&text, i, " ");
    ASSIGN_OR_RETURN(const auto names, index.NamesOf(found));
    for (const std::string& name : names) StrAppend(&text, name, " ");
    ASSIGN_OR_RETURN(const auto values, index.ValuesOf("instance", found));
    for (const std::string& value : values) StrAppend(&text, value, " ");
  }
  ASSIGN_OR_RETURN(const auto names, index.Names());
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(const auto values, index.Values(name));
    for (const std::string& value : values) StrAppend(&text, name, "=", value, "\n");
  }
  ASSIGN_OR_RETURN(const auto counts, index.CountPairs());
  for (const auto& c : counts) StrAppend(&text, c.name, "=", c.value, " ", c.num_series, "\n");
  return text;
}

TEST_F(IndexReaderTest, AgreesWithTryingEverySeries) {
  constexpr uint64_t kSeed = 43;
  SCOPED_TRACE(StrCat("seed ", kSeed));
  std::mt19937_64 random(kSeed);
  Write(testing::RandomLabelSets(random, 2000));
  ASSERT_EQ(reader_->num_series(), 2000);
  LabelList series;
  for (int round = 0; round < 300; ++round) {
    const std::vector<LabelMatcher> matchers = testing::RandomMatchers(random);
    SCOPED_TRACE(testing::ToText(matchers));
    const std::vector<uint32_t> want = oracle_.Select(matchers);
    const auto found = reader_->Select(matchers);
    ASSERT_TRUE(found.ok()) << found.status();
    ASSERT_EQ(found->ToVector(), want);
    ASSERT_EQ(*reader_->NamesOf(*found), oracle_.Names(matchers));
    for (const std::string_view name : {"instance", "zone", "absent"}) {
      ASSERT_EQ(*reader_->ValuesOf(name, *found), oracle_.Values(name, matchers)) << name;
    }
    ASSERT_TRUE(reader_->ReadLabels(want, series).ok());
    ASSERT_EQ(series.size(), want.size());
    for (size_t i = 0; i < want.size(); ++i) {
      ASSERT_EQ(series[i], oracle_.labels().at(want[i]).bytes()) << want[i];
    }
  }
  EXPECT_EQ(*reader_->Names(), oracle_.Names({}));
  EXPECT_EQ(*reader_->Values("zone"), oracle_.Values("zone", {}));
  EXPECT_TRUE(reader_->Verify().ok()) << reader_->Verify();
}

TEST_F(IndexReaderTest, LongPostingLists) {
  // In label order: one run for each metric, every other series for each parity.
  std::vector<LabelSet> series;
  for (int i = 0; i < 30'000; ++i) {
    series.push_back({{"__name__", i < 20'000 ? "a" : "b"},
                      {"number", StrCat(100'000 + i)},
                      {"parity", i % 2 == 0 ? "even" : "odd"}});
  }
  Write(series);
  for (const std::vector<LabelMatcher>& matchers :
       {std::vector<LabelMatcher>{Matcher("__name__", MatchOp::kEqual, "a")},
        {Matcher("parity", MatchOp::kRegex, "even|odd"), Matcher("__name__", MatchOp::kRegex, "b")},
        {Matcher("number", MatchOp::kRegex, "11.*"), Matcher("parity", MatchOp::kNotEqual, "odd")},
        {Matcher("number", MatchOp::kRegex, ".*7"), Matcher("parity", MatchOp::kEqual, "odd")}}) {
    EXPECT_EQ(Select(matchers), oracle_.Select(matchers)) << testing::ToText(matchers);
  }
  const auto counts = *reader_->CountPairs();
  ASSERT_EQ(counts.size(), 30'004);
  EXPECT_EQ(counts[0].value, "a");
  EXPECT_EQ(counts[0].num_series, 20'000);
  EXPECT_EQ(counts.back().name, "parity");
  EXPECT_EQ(counts.back().num_series, 15'000);
  EXPECT_TRUE(reader_->Verify().ok()) << reader_->Verify();
}

TEST_F(IndexReaderTest, AnyBytesInNamesAndValues) {
  using std::string_view_literals::operator""sv;
  std::vector<LabelSet> series = {{},
                                  {{"a", "\0"sv}},
                                  {{"a\0"sv, "1"}},
                                  {{"a\0b"sv, "\xff\0"sv}},
                                  {{"a", "\0\1"sv}, {"a\0\1"sv, "x"}},
                                  {{"a", "\n\xc3"}, {"\xff", "\0\xff"sv}},
                                  {{"ab", std::string(100'000, 'x')}}};
  std::sort(series.begin(), series.end());
  Write(series);
  EXPECT_EQ(*reader_->Names(), oracle_.Names({}));
  for (const std::string& name : oracle_.Names({})) {
    EXPECT_EQ(*reader_->Values(name), oracle_.Values(name, {}));
    for (const std::string& value : oracle_.Values(name, {})) {
      const std::vector<LabelMatcher> matchers = {LabelMatcher::Equal(name, value)};
      EXPECT_EQ(Select(matchers), oracle_.Select(matchers)) << testing::ToText(matchers);
    }
  }
  EXPECT_EQ(Select({}), oracle_.Select({}));
  EXPECT_EQ(reader_->CountPairs()->size(), 8);
  EXPECT_TRUE(reader_->Verify().ok()) << reader_->Verify();
}

TEST_F(IndexReaderTest, ReadsPagesOfAllSizes) {
  for (const size_t count : {1, 63, 64, 65, 129}) {
    std::vector<LabelSet> series;
    for (size_t i = 0; i < count; ++i) series.push_back({{"n", StrCat(1000 + i)}});
    Write(series);
    LabelList read;
    const uint32_t last = static_cast<uint32_t>(count - 1);
    ASSERT_TRUE(reader_->ReadLabels({&last, 1}, read).ok());
    ASSERT_EQ(read.size(), 1);
    EXPECT_EQ(read[0], series.back().bytes());
    EXPECT_TRUE(absl::IsInternal(reader_->ReadLabels(std::vector<uint32_t>{last + 1}, read)));
    EXPECT_TRUE(reader_->Verify().ok());
  }
}

TEST_F(IndexReaderTest, SeriesOutOfOrderOrNone) {
  const auto writer = *IndexWriter::Create(path_);
  ASSERT_TRUE(writer->Add({{"a", "2"}}).ok());
  EXPECT_TRUE(absl::IsInternal(writer->Add({{"a", "2"}})));
  EXPECT_TRUE(absl::IsInternal(writer->Add({{"a", "1"}})));
  EXPECT_TRUE(absl::IsInternal((*IndexWriter::Create(path_))->Finish()));
}

TEST_F(IndexReaderTest, Versions) {
  Write({{{"a", "1"}}});
  Contents contents = ReadContents();
  contents.back().second[0] = 2;
  WriteContents(contents);
  EXPECT_TRUE(absl::IsFailedPrecondition(IndexReader::Open(path_, nullptr).status()));
  contents.back().second[0] = 0;
  WriteContents(contents);
  EXPECT_TRUE(absl::IsDataLoss(IndexReader::Open(path_, nullptr).status()));
  EXPECT_TRUE(absl::IsNotFound(IndexReader::Open(path_ + "x", nullptr).status()));
}

TEST_F(IndexReaderTest, DamageOfTheFileIsDataLossOrChangesNothing) {
  std::mt19937_64 random(44);
  Write(testing::RandomLabelSets(random, 500));
  const std::string want = *Answers(*reader_), bytes = *ReadFile(path_);
  std::fstream file(path_, std::ios::binary | std::ios::in | std::ios::out);
  for (size_t at = 0; at < bytes.size(); at += 11) {
    for (const int mask : {1 << at % 8, 0}) {  // damages, then restores
      file.seekp(static_cast<std::streamoff>(at)).put(static_cast<char>(bytes[at] ^ mask)).flush();
      if (mask == 0) continue;
      const auto index = IndexReader::Open(path_, nullptr);
      const auto answers = index.ok() ? Answers(**index) : index.status();
      if (answers.ok()) {
        ASSERT_EQ(*answers, want) << at;
      } else {
        ASSERT_TRUE(absl::IsDataLoss(answers.status())) << at << ": " << answers.status();
        ASSERT_NE(ToStd(answers.status().message()).find(path_), std::string_view::npos);
      }
    }
  }
}

TEST_F(IndexReaderTest, WrongEntriesUnderRightChecksums) {
  constexpr uint64_t kSeed = 45;
  SCOPED_TRACE(StrCat("seed ", kSeed));
  std::mt19937_64 random(kSeed);
  std::vector<LabelSet> series = testing::RandomLabelSets(random, 100);
  for (int i = 0; i < 4200; ++i) series.push_back({{"zzz", StrCat(10'000 + i)}});
  Write(series);
  const Contents whole = ReadContents();
  const std::string want = *Answers(*reader_);
  for (int round = 0; round < 120; ++round) {
    Contents contents = whole;
    // The entry of `zzz`, the only bitmap, gets its share.
    std::string& damaged =
        round % 4 > 0 ? contents[random() % contents.size()].second
                      : std::find_if(contents.begin(), contents.end(), [](const auto& entry) {
                          return entry.first == "\2zzz";
                        })->second;
    const std::string before = damaged;
    damaged[random() % damaged.size()] = static_cast<char>(random());
    if (round % 3 == 0) damaged.resize(random() % (damaged.size() + 3));
    if (damaged == before) continue;
    WriteContents(contents);
    const auto index = IndexReader::Open(path_, nullptr);
    if (!index.ok()) {
      ASSERT_TRUE(absl::IsDataLoss(index.status()) || absl::IsFailedPrecondition(index.status()));
      continue;
    }
    if ((*index)->num_series() > 10 * series.size()) continue;  // would only take long
    const absl::StatusOr<std::string> answers = Answers(**index);
    ASSERT_TRUE(answers.ok() || absl::IsDataLoss(answers.status())) << answers.status();
    const absl::Status verified = (*index)->Verify();
    // A few bits mean nothing.
    ASSERT_TRUE(verified.ok() ? answers.ok() && *answers == want : absl::IsDataLoss(verified))
        << "round " << round << ": " << verified;
  }
}

}  // namespace
}  // namespace tidemark::tsdb
