#include "tsdb/codec/open_histograms.h"

#include <gtest/gtest.h>

#include <random>

#include "base/model/staleness.h"
#include "base/strings.h"
#include "tests/testing/histogram_shapes.h"
#include "tsdb/codec/chunk.h"

namespace tidemark::tsdb {
namespace {

using tidemark::testing::MakeHistograms;
using tidemark::testing::Random;

// Appends all, as the store gets them.
OpenHistograms Open(const HistogramColumns& histograms) {
  OpenHistograms open;
  HistogramRow row;
  for (size_t i = 0; i < histograms.size(); ++i) {
    std::string bytes;
    AppendHistogram(histograms[i], &bytes);
    std::string_view rest = bytes;
    EXPECT_TRUE(ConsumeHistogram(rest, &row) && rest.empty());
    open.Append(histograms.timestamps()[i], row);
  }
  return open;
}

HistogramColumns WithoutHints(HistogramColumns histograms) {
  for (size_t i = 0; i < histograms.size(); ++i) {
    histograms.SetHint(i, HintAfterGap(histograms[i].counter_reset_hint));
  }
  return histograms;
}

TEST(OpenHistogramsTest, AllComesBackButHints) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    const HistogramColumns histograms = MakeHistograms(seed, seed % 120 + 1, seed % 2 == 0);
    OpenHistograms open = Open(histograms);
    HistogramColumns decoded;
    open.Decode(decoded);
    ASSERT_TRUE(SameBits(WithoutHints(decoded), WithoutHints(histograms)));
    HistogramColumns front;
    open.Decode(front, histograms.size() / 2);
    ASSERT_EQ(front.size(), histograms.size() / 2);

    std::string image;
    open.Save(&image);
    std::string_view rest = image;
    const auto loaded = OpenHistograms::Load(rest);
    ASSERT_TRUE(loaded.ok() && rest.empty()) << loaded.status();
    HistogramColumns again;
    loaded->Decode(again);
    ASSERT_TRUE(SameBits(again, decoded));
    ASSERT_TRUE(SameBits(loaded->newest().view(), open.newest().view()));

    SampleColumns sealed;
    ASSERT_TRUE(DecodeChunk(open.Seal(), sealed).ok());
    ASSERT_TRUE(SameBits(sealed.histograms, decoded));
    ASSERT_TRUE(open.empty());
  }
}

TEST(OpenHistogramsTest, DamagedImagesAreRefusedOrRead) {
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    Random random(seed);
    std::string image;
    Open(MakeHistograms(seed, 1 + random() % 20, seed % 2 == 0)).Save(&image);
    for (uint64_t flips = 1 + random() % 4; flips > 0; --flips) {
      image[random() % image.size()] = static_cast<char>(random());
    }
    image.resize(image.size() - random() % 3);
    std::string_view rest = image;
    const auto loaded = OpenHistograms::Load(rest);
    if (!loaded.ok()) continue;
    HistogramColumns decoded;
    loaded->Decode(decoded);
    ASSERT_EQ(decoded.size(), loaded->size());
  }
}

// A histogram with the buckets 0 to 2 and, where `shifted`, 1 to 3.
HistogramRow Row(double a, double b, double c, bool shifted = false,
                 CounterResetHint hint = CounterResetHint::kUnknown) {
  HistogramLayout layout;
  layout.positive_spans = {{shifted ? 1 : 0, 3}};
  HistogramRow row;
  row.layout = std::make_shared<const HistogramLayout>(layout);
  row.hint = hint;
  row.buckets = {a, b, c};
  row.num_positive = 3;
  row.count = a + b + c;
  return row;
}

TEST(OpenHistogramsTest, HintsAreThoseThatAReaderOfPrometheusSees) {
  constexpr auto kUnknown = CounterResetHint::kUnknown, kNot = CounterResetHint::kNotCounterReset,
                 kGauge = CounterResetHint::kGauge, kReset = CounterResetHint::kCounterReset;
  struct Case {
    std::string_view name;
    HistogramRow before, after;
    CounterResetHint want;
  };
  HistogramRow coarser = Row(1, 2, 4);
  HistogramLayout layout = *coarser.layout;
  layout.schema = -1;
  coarser.layout = std::make_shared<const HistogramLayout>(layout);
  const Case kCases[] = {
      {"a counter goes on", Row(1, 2, 3), Row(1, 2, 4), kNot},
      {"a bucket falls", Row(1, 2, 3), Row(0, 5, 5), kUnknown},
      {"the count falls", Row(1, 2, 3), Row(1, 2, 2), kUnknown},
      {"a writer knows of a reset", Row(1, 2, 3), Row(1, 2, 4, false, kReset), kUnknown},
      {"a writer says there was none", Row(1, 2, 3), Row(0, 2, 4, false, kNot), kUnknown},
      {"an empty bucket is gone, one has come", Row(0, 2, 3), Row(2, 3, 1, true), kNot},
      {"a bucket is gone", Row(1, 2, 3), Row(2, 3, 9, true), kUnknown},
      {"resolution changes", Row(1, 2, 3), coarser, kUnknown},
      {"gauge", Row(1, 2, 3), Row(1, 2, 4, false, kGauge), kGauge},
      {"after a gauge", Row(1, 2, 3, false, kGauge), Row(1, 2, 4), kUnknown},
      {"stale", Row(1, 2, 3), StaleHistogram(false), kUnknown},
      {"after stale", StaleHistogram(false), Row(1, 2, 4), kUnknown},
  };
  for (const Case& c : kCases) {
    OpenHistograms open;
    HistogramRow before = c.before, after = c.after;
    open.Append(1, before);
    open.Append(2, after);
    HistogramColumns decoded;
    open.Decode(decoded);
    EXPECT_EQ(decoded[1].counter_reset_hint, c.want) << c.name;
    EXPECT_EQ(decoded[0].counter_reset_hint, HintAfterGap(c.before.hint)) << c.name;
  }
}

}  // namespace
}  // namespace tidemark::tsdb
