#include "cmd/tidemark/flag_set.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <functional>

#include <CLI/CLI.hpp>

#include "base/model/duration.h"
#include "base/model/float_format.h"
#include "base/strings.h"
#include "base/yaml_scalar.h"

namespace tidemark::server {
namespace {

constexpr double kMaxNumber = 9007199254740992.0;  // up to there doubles are exact

std::string OptionName(std::string_view name) { return StrCat("--", name); }
std::string FlagNames(std::string_view name) { return StrCat("--", name, ",!--no-", name); }

std::string Joined(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) StrAppend(&text, text.empty() ? "" : ",", value);
  return text;
}

// CLI11 takes `--flag=` for a flag without a value: as two arguments it takes the empty one.
std::vector<std::string> WithEmptyValues(const std::vector<std::string>& arguments) {
  std::vector<std::string> split;
  for (const std::string& argument : arguments) {
    if (argument.starts_with("--") && argument.find('=') == argument.size() - 1) {
      split.push_back(argument.substr(0, argument.size() - 1));
      split.emplace_back();
    } else {
      split.push_back(argument);
    }
  }
  return split;
}

}  // namespace

class FlagSet::Impl {
 public:
  explicit Impl(std::string_view description) : app(std::string(description), "") {
    app.set_help_flag("-h,--help", "Show this text.");
  }

  void Remember(std::string_view name, CLI::Option* option, std::function<std::string()> value) {
    flags.push_back({std::string(name), option, std::move(value)});
  }

  // A flag that is of no use to Tidemark, with what it was given.
  struct Ignored {
    std::string name, default_value, value;
    bool default_flag = false, flag = false;
    bool is_flag = false;
    std::string Text() const { return is_flag ? (flag ? "true" : "false") : value; }
    bool Changed() const { return is_flag ? flag != default_flag : value != default_value; }
  };
  struct Flag {
    std::string name;
    CLI::Option* option;
    std::function<std::string()> value;
  };

  CLI::App app;
  std::vector<Flag> flags;
  std::deque<Ignored> ignored;  // options point into it
  bool version = false, help = false;
};

FlagSet::FlagSet(std::string_view description) : impl_(std::make_unique<Impl>(description)) {}
FlagSet::~FlagSet() = default;

void FlagSet::Add(std::string_view name, std::string* out, std::string_view help) {
  CLI::Option* option = impl_->app.add_option(OptionName(name), *out, std::string(help));
  impl_->Remember(name, option->capture_default_str(), [out] { return *out; });
}

void FlagSet::Add(std::string_view name, bool* out, std::string_view help) {
  CLI::Option* option = impl_->app.add_flag(FlagNames(name), *out, std::string(help));
  impl_->Remember(name, option, [out] { return std::string(*out ? "true" : "false"); });
}

void FlagSet::Add(std::string_view name, size_t* out, std::string_view help) {
  // Prometheus reads its numbers as floats: 5e7.
  const auto read = [out, option_name = OptionName(name)](const std::string& text) {
    const double number = ParseFloat(text).value_or(-1);
    if (!(number >= 0 && number <= kMaxNumber && std::floor(number) == number)) {
      throw CLI::ValidationError(option_name,
                                 StrCat("\"", text, "\" is not a whole number of at least 0"));
    }
    *out = static_cast<size_t>(number);
  };
  CLI::Option* option =
      impl_->app.add_option_function<std::string>(OptionName(name), read, std::string(help));
  option->default_str(StrCat(*out))->type_name("UINT");
  impl_->Remember(name, option, [out] { return StrCat(*out); });
}

void FlagSet::Add(std::string_view name, std::vector<std::string>* out, std::string_view help) {
  CLI::Option* option = impl_->app.add_option(OptionName(name), *out, std::string(help));
  option->allow_extra_args(false);  // one value after each mention, any number of mentions
  impl_->Remember(name, option->capture_default_str(), [out] { return Joined(*out); });
}

void FlagSet::AddDuration(std::string_view name, DurationMs* out, std::string_view help) {
  const auto read = [out](const std::string& text) {
    const absl::StatusOr<DurationMs> duration = ParseDuration(text);
    if (!duration.ok()) throw CLI::ValidationError(std::string(duration.status().message()));
    *out = *duration;
  };
  CLI::Option* option =
      impl_->app.add_option_function<std::string>(OptionName(name), read, std::string(help));
  option->default_str(FormatDuration(*out))->type_name("DURATION");
  impl_->Remember(name, option, [out] { return FormatDuration(*out); });
}

void FlagSet::AddBytes(std::string_view name, uint64_t* out, std::string_view help) {
  const auto read = [out](const std::string& text) {
    const std::optional<uint64_t> bytes = ParseByteSize(text);
    if (!bytes) throw CLI::ValidationError(StrCat("\"", text, "\" is not a size such as 512MB"));
    *out = *bytes;
  };
  CLI::Option* option =
      impl_->app.add_option_function<std::string>(OptionName(name), read, std::string(help));
  option->default_str(StrCat(*out, "B"))->type_name("BYTES");
  impl_->Remember(name, option, [out] { return StrCat(*out, "B"); });
}

void FlagSet::AddChoice(std::string_view name, std::string* out,
                        std::initializer_list<std::string_view> choices, std::string_view help) {
  CLI::Option* option = impl_->app.add_option(OptionName(name), *out, std::string(help));
  option->capture_default_str()->check(
      CLI::IsMember(std::vector<std::string>(choices.begin(), choices.end())));
  impl_->Remember(name, option, [out] { return *out; });
}

void FlagSet::AddIgnored(std::string_view name, std::string_view default_value) {
  Impl::Ignored& flag = impl_->ignored.emplace_back();
  flag.name = name;
  flag.default_value = flag.value = default_value;
  CLI::Option* option = impl_->app.add_option(OptionName(name), flag.value, "Has no effect.");
  option->take_last();
  impl_->Remember(name, option, [&flag] { return flag.Text(); });
}

void FlagSet::AddIgnoredBool(std::string_view name, bool default_value) {
  Impl::Ignored& flag = impl_->ignored.emplace_back();
  flag.name = name;
  flag.is_flag = true;
  flag.default_flag = flag.flag = default_value;
  CLI::Option* option = impl_->app.add_flag(FlagNames(name), flag.flag, "Has no effect.");
  impl_->Remember(name, option, [&flag] { return flag.Text(); });
}

void FlagSet::AddVersion() {
  impl_->app.add_flag("--version", impl_->version, "Show the version.");
}

absl::Status FlagSet::Parse(const std::vector<std::string>& arguments) {
  // CLI11 throws, and wants the last argument first.
  std::vector<std::string> reversed = WithEmptyValues(arguments);
  std::reverse(reversed.begin(), reversed.end());
  try {
    impl_->app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    impl_->help = true;
  } catch (const CLI::ParseError& e) {
    return absl::InvalidArgumentError(e.what());
  }
  return absl::OkStatus();
}

bool FlagSet::help_asked() const { return impl_->help; }
bool FlagSet::version_asked() const { return impl_->version; }
std::string FlagSet::HelpText() const { return impl_->app.help(); }

bool FlagSet::Given(std::string_view name) const {
  return std::any_of(impl_->flags.begin(), impl_->flags.end(), [name](const Impl::Flag& flag) {
    return flag.name == name && flag.option->count() > 0;
  });
}

std::vector<std::pair<std::string, std::string>> FlagSet::Values() const {
  std::vector<std::pair<std::string, std::string>> values;
  for (const Impl::Flag& flag : impl_->flags) values.emplace_back(flag.name, flag.value());
  std::sort(values.begin(), values.end());
  return values;
}

std::vector<std::string> FlagSet::IgnoredGiven() const {
  std::vector<std::string> names;
  for (const Impl::Ignored& flag : impl_->ignored) {
    if (flag.Changed()) names.push_back(flag.name);
  }
  return names;
}

}  // namespace tidemark::server
