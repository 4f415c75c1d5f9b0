#include <memory>

#include <CLI/CLI.hpp>

#include "base/run/clock.h"
#include "cmd/tidectl/command_line.h"
#include "cmd/tidectl/query_commands.h"

namespace tidemark::tidectl {
namespace {

using Flags = std::shared_ptr<QueryFlags>;

void AddClient(CLI::App* app, const Flags& flags) {
  app->add_option("--http.config.file", flags->http_config_file,
                  "A file with Prometheus's HTTP client configuration.");
  app->add_option_function<std::vector<std::string>>(
         "--header",
         [flags](const std::vector<std::string>& texts) {
           for (const std::string& text : texts) {
             const size_t equals = text.find('=');
             if (equals == std::string::npos)
               throw CLI::ValidationError("--header", "not NAME=VALUE");
             flags->headers.emplace_back(text.substr(0, equals), text.substr(equals + 1));
           }
         },
         "An extra header for the server, as NAME=VALUE.")
      ->allow_extra_args(false);
}

void AddServer(CLI::App* app, const Flags& flags) {
  app->add_option("server", flags->server, "The server's URL.")->required();
  AddClient(app, flags);
}

void AddTimes(CLI::App* app, const Flags& flags) {
  app->add_option("--start", flags->start, "First time, RFC 3339 or seconds.");
  app->add_option("--end", flags->end, "Last time, RFC 3339 or seconds.");
}

CLI::Option* AddSelectors(CLI::App* app, const Flags& flags) {
  return app
      ->add_option("--match", flags->selectors, "A series selector; of several, one has to match.")
      ->allow_extra_args(false);
}

void DescribeExpressions(CLI::App& query, Invocation& invocation, const Flags& flags) {
  CLI::App* instant = query.add_subcommand("instant", "Evaluate an expression at one time.");
  AddServer(instant, flags);
  instant->add_option("expr", flags->query, "The expression.")->required();
  instant->add_option("--time", flags->time, "The time, RFC 3339 or seconds; now by default.");
  instant->callback([&invocation, flags] {
    invocation.run = [flags](const Output& output) {
      return QueryInstant(*flags, Clock::Real(), output);
    };
  });

  CLI::App* range = query.add_subcommand("range", "Evaluate an expression over a range of time.");
  AddServer(range, flags);
  range->add_option("expr", flags->query, "The expression.")->required();
  AddTimes(range, flags);
  range->add_option("--step", flags->step, "The distance of evaluations, such as 15s.");
  range->callback([&invocation, flags] {
    invocation.run = [flags](const Output& output) {
      return QueryRange(*flags, Clock::Real(), output);
    };
  });
}

void DescribeLists(CLI::App& query, Invocation& invocation, const Flags& flags) {
  CLI::App* series = query.add_subcommand("series", "List series.");
  AddServer(series, flags);
  AddSelectors(series, flags)->required();
  AddTimes(series, flags);
  series->callback([&invocation, flags] {
    invocation.run = [flags](const Output& output) { return QuerySeries(*flags, output); };
  });

  CLI::App* labels = query.add_subcommand("labels", "List the values of a label.");
  AddServer(labels, flags);
  labels->add_option("name", flags->label, "The label.")->required();
  AddSelectors(labels, flags);
  AddTimes(labels, flags);
  labels->callback([&invocation, flags] {
    invocation.run = [flags](const Output& output) { return QueryLabels(*flags, output); };
  });
}

void DescribeAnalysis(CLI::App& query, Invocation& invocation, const Flags& flags) {
  CLI::App* analyze =
      query.add_subcommand("analyze", "Tell how many buckets histograms use over time.");
  analyze->add_option("--server", flags->server, "The server's URL.")->required();
  AddClient(analyze, flags);
  analyze->add_option("--type", flags->type, "Type of metric: histogram.")->required();
  analyze->add_option("--duration", flags->duration, "The time to look at.")->capture_default_str();
  analyze->add_option("--time", flags->time, "Its end, RFC 3339 or seconds; now by default.");
  AddSelectors(analyze, flags)->required();
  analyze->callback([&invocation, flags] {
    invocation.run = [flags](const Output& output) {
      return QueryAnalyze(*flags, Clock::Real(), output);
    };
  });
}

}  // namespace

void DescribeQueries(CLI::App& app, Invocation& invocation) {
  CLI::App* query = app.add_subcommand("query", "Ask a running server.");
  query->require_subcommand(1)->fallthrough();
  const auto flags = std::make_shared<QueryFlags>();
  query
      ->add_option_function<std::string>(
          "-o,--format", [flags](const std::string& format) { flags->as_json = format == "json"; },
          "Output format: promql or json.")
      ->check(CLI::IsMember({"promql", "json"}));
  DescribeExpressions(*query, invocation, flags);
  DescribeLists(*query, invocation, flags);
  DescribeAnalysis(*query, invocation, flags);
}

}  // namespace tidemark::tidectl
