#include "cmd/tidectl/query_commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/run/fake_clock.h"
#include "base/strings.h"
#include "cmd/tidectl/query_text.h"
#include "tests/testing/loopback_http_server.h"
#include "tests/testing/temp_directory.h"

namespace tidemark::tidectl {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(QueryTextTest, FormatsResultsAsPromtoolDoes) {
  struct Case {
    std::string_view data, want;
  };
  constexpr Case kCases[] = {
      {R"({"resultType":"scalar","result":[1.5,"2"]})", "scalar: 2 @[1.5]\n"},
      {R"({"resultType":"string","result":[1,"a\nb"]})", "a\nb\n"},
      {R"({"resultType":"vector","result":[]})", ""},
      {R"({"resultType":"vector","result":[{"metric":{},"value":[1795276266.815,"NaN"]},)"
       R"({"metric":{"__name__":"up","job":"a"},"value":[0,"1"]},)"
       R"({"metric":{},"histogram":[0,{"count":"1","sum":"2.5","buckets":[)"
       R"([1,"-2000000","-1","3"],[0,"0.5","+Inf","4"]]}]}]})",
       "{} => NaN @[1795276266.815]\nup{job=\"a\"} => 1 @[0]\n"
       "{} => Count: 1, Sum: 2.5, Buckets: [[-2e+06,-1):3 (0.5,+Inf]:4] @[0]\n"},
      {R"({"resultType":"matrix","result":[{"metric":{"__name__":"up"},)"
       R"("values":[[1,"1"],[2.25,"+Inf"]]},{"metric":{"a":"b"},"values":[[1,"0"]],)"
       R"("histograms":[[2,{"count":"0","sum":"0"}]]}]})",
       "up =>\n1 @[1]\n+Inf @[2.25]\n{a=\"b\"} =>\n0 @[1]\n"
       "Count: 0, Sum: 0, Buckets: [] @[2]\n"},
  };
  for (const Case& c : kCases) {
    const auto text = FormatQueryResult(*JsonValue::Parse(c.data));
    ASSERT_TRUE(text.ok()) << c.data << ": " << text.status();
    EXPECT_EQ(*text, c.want);
  }
  EXPECT_FALSE(FormatQueryResult(*JsonValue::Parse("{}")).ok());
}

class QueryCommandsTest : public ::testing::Test {
 protected:
  // A server that has the same answer for everything.
  QueryCommandsTest() : server_([this](const testing::LoopbackRequest&) { return answer_; }) {
    flags_.server = StrCat("http://", server_.address(), "/prefix/");
    flags_.query = "up + 1";
  }

  void SetData(std::string_view data) {
    answer_ = {
        200, StrCat(R"({"status":"success","data":)", data, R"(,"warnings":["careful"]})"), {}};
  }

  // The last request.
  std::string Asked() const {
    const testing::LoopbackRequest request = server_.requests().back();
    return StrCat(request.method, " ", request.target, " ", request.body);
  }

  const FakeClock clock_{1000 * kSecond};
  testing::LoopbackReply answer_{200, "", {}};
  testing::LoopbackHttpServer server_;
  QueryFlags flags_;
  std::ostringstream out_, err_;
  const Output output_{out_, err_};
};

TEST_F(QueryCommandsTest, AsksWithTheDefaultsOfPromtool) {
  SetData(R"({"resultType":"vector","result":[{"metric":{},"value":[1,"2"]}]})");
  EXPECT_TRUE(QueryInstant(flags_, clock_, output_)) << err_.str();
  EXPECT_EQ(Asked(), "POST /prefix/api/v1/query query=up+%2B+1&time=1000");
  EXPECT_EQ(out_.str(), "{} => 2 @[1]\n");
  EXPECT_EQ(err_.str(), "query warning: careful\n");

  EXPECT_TRUE(QueryRange(flags_, clock_, output_));
  EXPECT_EQ(Asked(), "POST /prefix/api/v1/query_range query=up+%2B+1&start=700&end=1000&step=1");
  flags_.start = "1970-01-01T00:00:00Z";
  flags_.end = "999.5";
  EXPECT_TRUE(QueryRange(flags_, clock_, output_));
  EXPECT_THAT(Asked(), HasSubstr("&start=0&end=999.5&step=3"));
  flags_.step = "1m30s";
  EXPECT_TRUE(QueryRange(flags_, clock_, output_));
  EXPECT_THAT(Asked(), HasSubstr("&step=90"));

  flags_.as_json = true;
  out_.str("");
  EXPECT_TRUE(QueryInstant(flags_, clock_, output_));
  EXPECT_EQ(out_.str(), R"([{"metric":{},"value":[1,"2"]}])"
                        "\n");
}

TEST_F(QueryCommandsTest, Lists) {
  SetData(R"([{"__name__":"up","job":"a"},{"x.y":"1"}])");
  flags_.selectors = {"up", "{a=\"b\"}"};
  flags_.end = "5";
  EXPECT_TRUE(QuerySeries(flags_, output_));
  EXPECT_EQ(Asked(),
            "POST /prefix/api/v1/series match%5B%5D=up&match%5B%5D=%7Ba%3D%22b%22%7D&end=5");
  EXPECT_EQ(out_.str(), "{__name__=\"up\", job=\"a\"}\n{\"x.y\"=\"1\"}\n");

  SetData(R"(["one","two"])");
  out_.str("");
  flags_.selectors.clear();
  flags_.label = "my label";
  EXPECT_TRUE(QueryLabels(flags_, output_));
  EXPECT_EQ(Asked(), "GET /prefix/api/v1/label/my%20label/values?end=5 ");
  EXPECT_EQ(out_.str(), "one\ntwo\n");
}

// What promtool 3.5 prints for the same answers.
TEST_F(QueryCommandsTest, AnalyzesHistogramsAsPromtoolDoes) {
  flags_.type = "histogram";
  flags_.selectors = {"x"};
  flags_.duration = "1h30m";
  SetData(R"({"resultType":"matrix","result":[)"
          R"({"metric":{"__name__":"x_bucket","job":"a","le":"10"},"values":[[1,"0"],[2,"5"]]},)"
          R"({"metric":{"__name__":"x_bucket","job":"a","le":"1"},"values":[[1,"0"],[2,"4"]]},)"
          R"({"metric":{"__name__":"x_bucket","job":"a","le":"+Inf"},"values":[[1,"0"],[2,"5"]]},)"
          R"({"metric":{"__name__":"once_bucket","le":"1"},"values":[[1,"1"]]},)"
          R"({"metric":{"__name__":"other"},"values":[[1,"1"],[2,"1"]]},)"
          R"({"metric":{"__name__":"h","job":"a"},"histograms":[)"
          R"([1,{"count":"0","sum":"0"}],)"
          R"([2,{"count":"3","sum":"1","buckets":[[0,"0.5","1","1"],[0,"1","2","2"]]}],)"
          R"([3,{"count":"1","sum":"1","buckets":[[0,"8","16","1"]]}]]},)"
          R"({"metric":{"__name__":"h"},"histograms":[[1,{"count":"0","sum":"0"}]]}]})");
  EXPECT_TRUE(QueryAnalyze(flags_, clock_, output_)) << err_.str();
  EXPECT_EQ(Asked(), "POST /prefix/api/v1/query query=x%5B1h30m%5D&time=1000");
  EXPECT_THAT(out_.str(), StartsWith("Bucket stats for each histogram series over time\n---"));
  EXPECT_THAT(out_.str(), EndsWith("histograms).\n\n"
                                   "- h{job=\"a\"} (native): 0/1.000/2/3\n"
                                   "- x_bucket{job=\"a\"} (classic): 0/1.000/2/3\n"
                                   "\nAggregated bucket stats\n"
                                   "-----------------------\n"
                                   "Each line shows min/avg/max over the series above.\n"
                                   "\nNative histogram series (1 in total):\n"
                                   "- min populated: 0/0.000/0\n"
                                   "- avg populated: 1/1.000/1\n"
                                   "- max populated: 2/2.000/2\n"
                                   "- total: 3/3.000/3\n"
                                   "\nClassic histogram series (1 in total):\n"
                                   "- min populated: 0/0.000/0\n"
                                   "- avg populated: 1/1.000/1\n"
                                   "- max populated: 2/2.000/2\n"
                                   "- total: 3/3.000/3\n"));

  const auto refused = [this](std::string_view data) {
    SetData(data);
    err_.str("");
    EXPECT_FALSE(QueryAnalyze(flags_, clock_, output_)) << data;
    const std::string text = err_.str();
    return text.substr(text.find('\n') + 1);  // behind the warning
  };
  EXPECT_EQ(refused(R"({"resultType":"scalar","result":[1,"2"]})"),
            "query of buckets resulted in non-Matrix\n");
  EXPECT_EQ(refused(R"({"resultType":"matrix","result":[)"
                    R"({"metric":{"__name__":"x_bucket","le":"1"},"values":[[1,"0"],[2,"4"]]},)"
                    R"({"metric":{"__name__":"x_bucket","le":"2"},"values":[[1,"0"],[3,"4"]]}]})"),
            "matrix result is not time aligned\n");
  answer_ = {400, R"({"status":"error","errorType":"bad_data","error":"no"})", {}};
  err_.str("");
  EXPECT_FALSE(QueryAnalyze(flags_, clock_, output_));
  EXPECT_EQ(err_.str(), "bad_data: no\n");
  flags_.time = "x";
  flags_.type = "summary";
  err_.str("");
  EXPECT_FALSE(QueryAnalyze(flags_, clock_, output_));
  EXPECT_EQ(err_.str(), "analyze type is summary, must be 'histogram'\n");
}

TEST_F(QueryCommandsTest, Failures) {
  struct Case {
    int status;
    std::string_view body, want;
  };
  constexpr Case kCases[] = {
      {400, R"({"status":"error","errorType":"bad_data","error":"no"})",
       "query error: bad_data: no\n"},
      {404, "nothing\n", "query error: client_error: client error: 404 (detail: nothing)\n"},
      {503, "", "query error: server_error: server error: 503 (detail: )\n"},
      {200, "<html>", "query error: bad_response: bad response code 200 (detail: <html>)\n"},
      {200, R"({"status":"success"})", "query error: the answer is of an unknown type \"\"\n"},
  };
  for (const Case& c : kCases) {
    answer_ = {c.status, std::string(c.body), {}};
    err_.str("");
    EXPECT_FALSE(QueryInstant(flags_, clock_, output_)) << c.body;
    EXPECT_EQ(err_.str(), c.want);
  }
  EXPECT_EQ(out_.str(), "");
}

TEST_F(QueryCommandsTest, WrongArguments) {
  const auto refused = [this](const QueryFlags& flags) {
    err_.str("");
    EXPECT_FALSE(QueryRange(flags, clock_, output_));
    return err_.str();
  };
  QueryFlags flags = flags_;
  flags.start = "x";
  EXPECT_EQ(refused(flags), "error parsing start time: cannot parse \"x\" to a valid timestamp\n");
  flags.start = "1000";
  EXPECT_EQ(refused(flags), "start time is not before end time\n");
  flags = flags_;
  flags.step = "x";
  EXPECT_THAT(refused(flags), HasSubstr("not a valid duration"));
  flags = flags_;
  flags.server = "127.0.0.1:9090";
  EXPECT_THAT(refused(flags), StartsWith("invalid URL: "));
  flags.server = StrCat("http://", testing::UnusedLoopbackAddress());
  EXPECT_THAT(refused(flags), StartsWith("query error: Post \"http://127.0.0.1:"));
  flags.http_config_file = "/nonexistent.yml";
  EXPECT_THAT(refused(flags), HasSubstr("/nonexistent.yml"));
}

TEST_F(QueryCommandsTest, TheClientIsConfiguredAsForScrapes) {
  const testing::TempDirectory directory;
  flags_.http_config_file = directory.path() + "/http.yml";
  std::ofstream(flags_.http_config_file) << "basic_auth: {username: u, password: p}\n";
  flags_.headers = {{"X-Own", "1"}};
  SetData(R"({"resultType":"vector","result":[]})");
  EXPECT_TRUE(QueryInstant(flags_, clock_, output_)) << err_.str();
  const testing::LoopbackRequest request = server_.requests().back();
  EXPECT_EQ(request.headers.at("authorization"), "Basic dTpw");
  EXPECT_EQ(request.headers.at("x-own"), "1");
}

}  // namespace
}  // namespace tidemark::tidectl
