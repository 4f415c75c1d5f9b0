#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <set>
#include <string>

#include "base/io/file.h"
#include "scrape/expfmt/openmetrics_parser.h"
#include "scrape/openmetrics_check.h"

// Runs the parser cases of the OpenMetrics project, which are not part of this repository: those in
// ../shared/openmetrics, or in the directory that TIDEMARK_OPENMETRICS names.
namespace tidemark::scrape {
namespace {

std::filesystem::path Directory() {
  const char* given = std::getenv("TIDEMARK_OPENMETRICS");
  return given != nullptr ? given : "../shared/openmetrics";
}

// As a scrape reads it, every series for the first time.
bool IsScraped(std::string_view page) {
  OpenMetricsParser parser(page);
  ExpositionEntry entry;
  ExpositionLabels labels;
  while (parser.Next(entry)) {
    if (entry.kind != ExpositionEntry::Kind::kSample) continue;
    if (!parser.Labels(labels).ok()) return false;
  }
  return parser.status().ok();
}

// The standard forbids these, and Prometheus's server, whose parser looks at one line at a time,
// takes them all the same. So does ours: a page that worked goes on to work.
const std::set<std::string>& TakenByServers() {
  static const auto* const taken = new std::set<std::string>{
      // Values that do not fit the type.
      "bad_counter_values_0",
      "bad_counter_values_1",
      "bad_counter_values_10",
      "bad_counter_values_12",
      "bad_counter_values_13",
      "bad_counter_values_14",
      "bad_counter_values_15",
      "bad_counter_values_16",
      "bad_counter_values_17",
      "bad_counter_values_19",
      "bad_counter_values_3",
      "bad_counter_values_4",
      "bad_counter_values_5",
      "bad_counter_values_6",
      "bad_counter_values_7",
      "bad_counter_values_8",
      "bad_counter_values_9",
      "bad_info_and_stateset_values_0",
      "bad_info_and_stateset_values_1",
      "bad_stateset_info_values_0",
      "bad_stateset_info_values_3",
      // Exemplars where none may be, or too long.
      "bad_exemplar_complex_chars",
      "bad_exemplars_6",
      "bad_exemplars_on_unallowed_metric_types_0",
      "bad_exemplars_on_unallowed_metric_types_1",
      "bad_exemplars_on_unallowed_metric_types_2",
      "bad_exemplars_on_unallowed_samples_0",
      "bad_exemplars_on_unallowed_samples_1",
      "bad_exemplars_on_unallowed_samples_2",
      "bad_exemplars_on_unallowed_samples_3",
      // Families in pieces, in another order, or with a name twice.
      "bad_clashing_names_0",
      "bad_clashing_names_1",
      "bad_grouping_or_ordering_0",
      "bad_grouping_or_ordering_10",
      "bad_grouping_or_ordering_5",
      "bad_grouping_or_ordering_8",
      "bad_metadata_in_wrong_place_2",
      "bad_repeated_metadata_0",
      "bad_repeated_metadata_1",
      "bad_repeated_metadata_3",
      // Histograms that do not add up.
      "bad_histograms_10",
      "bad_histograms_11",
      "bad_histograms_12",
      "bad_histograms_13",
      "bad_histograms_14",
      "bad_histograms_3",
      "bad_histograms_7",
      "bad_histograms_8",
      "bad_histograms_9",
      // Labels of the type that are missing or no numbers.
      "bad_missing_or_invalid_labels_for_a_type_0",
      "bad_missing_or_invalid_labels_for_a_type_1",
      "bad_missing_or_invalid_labels_for_a_type_2",
      "bad_missing_or_invalid_labels_for_a_type_3",
      "bad_missing_or_invalid_labels_for_a_type_4",
      "bad_missing_or_invalid_labels_for_a_type_5",
      "bad_missing_or_invalid_labels_for_a_type_6",
      // A comma behind the last label; a unit where none may be.
      "bad_missing_or_extra_commas_2",
      "bad_unit_7",
  };
  return *taken;
}

TEST(OpenMetricsConformanceTest, AllCases) {
  if (!std::filesystem::is_directory(Directory())) {
    GTEST_SKIP() << "no cases in " << Directory() << "; set TIDEMARK_OPENMETRICS";
  }
  size_t good = 0, bad = 0;
  std::set<std::string> taken;
  for (const auto& entry : std::filesystem::directory_iterator(Directory())) {
    if (!entry.is_directory()) continue;
    const std::string name = entry.path().filename();
    const auto about = ReadFile(entry.path() / "test.json");
    const auto page = ReadFile(entry.path() / "metrics");
    ASSERT_TRUE(about.ok() && page.ok()) << name;
    const bool allowed = about->find("\"shouldParse\": true") != std::string::npos;
    ++(allowed ? good : bad);
    EXPECT_EQ(CheckOpenMetrics(*page).ok(), allowed) << name << "\n" << *page;
    const bool scraped = IsScraped(*page);
    EXPECT_TRUE(scraped || !allowed) << name << "\n" << *page;
    if (scraped && !allowed) taken.insert(name);
  }
  std::cout << good << " good pages, " << bad << " bad ones of which a scrape takes "
            << taken.size() << "\n";
  EXPECT_EQ(taken, TakenByServers());
  EXPECT_GT(good, 0u);
}

}  // namespace
}  // namespace tidemark::scrape
