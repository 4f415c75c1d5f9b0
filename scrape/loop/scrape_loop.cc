#include "scrape/loop/scrape_loop.h"

#include <utility>

#include "base/json_writer.h"
#include "base/log.h"
#include "base/net/content_encoding.h"
#include "base/strings.h"
#include "scrape/loop/sample_labels.h"
#include "scrape/loop/scrape_request.h"

namespace tidemark::scrape {

ScrapeLoop::ScrapeLoop(ScrapeContext& context, Target target, const ScrapeSchedule& schedule,
                       std::shared_ptr<const ScrapeConfig> config,
                       std::shared_ptr<LineFile> failure_log)
    : context_(context),
      appender_(target.labels, context.store, context.metrics, context.metadata),
      target_(std::move(target)),
      schedule_(schedule),
      config_(std::move(config)),
      failure_log_(std::move(failure_log)),
      interval_length_(&context.metrics.IntervalLength(schedule.interval())) {}

void ScrapeLoop::Start() {
  context_.active.Add(appender_.labels());
  absl::MutexLock lock(&mu_);
  if (schedule_.IsMissed(context_.last_alive, context_.clock.Now())) {
    ScheduleAt(context_.clock.Now());
  } else {
    ScheduleNext();
  }
}

void ScrapeLoop::Update(Target target, const ScrapeSchedule& schedule,
                        std::shared_ptr<const ScrapeConfig> config,
                        std::shared_ptr<LineFile> failure_log) {
  absl::MutexLock lock(&mu_);
  failure_log_ = std::move(failure_log);
  labels_changed_ |= !LabelSamplesAlike(*config_, *config);
  target_ = std::move(target);
  config_ = std::move(config);
  if (schedule == schedule_) return;
  schedule_ = schedule;
  interval_length_ = &context_.metrics.IntervalLength(schedule.interval());
  ++generation_;
  ScheduleNext();
}

void ScrapeLoop::SetForcedError(absl::Status error) {
  absl::MutexLock lock(&mu_);
  forced_error_ = std::move(error);
}

void ScrapeLoop::End() {
  context_.active.Remove(appender_.labels());
  absl::MutexLock lock(&mu_);
  ended_ = true;
  if (!under_way_) ScheduleEnd();
}

void ScrapeLoop::ScheduleNext() { ScheduleAt(schedule_.NextAfter(context_.clock.Now())); }

void ScrapeLoop::ScheduleAt(TimestampMs time) {
  context_.timers.At(
      time, [self = shared_from_this(), generation = generation_] { self->Begin(generation); });
}

void ScrapeLoop::ScheduleEnd() {
  const TimestampMs time = schedule_.NextAfter(context_.clock.Now());
  const DurationMs interval = schedule_.interval();
  context_.timers.At(time + interval + interval / 10, [self = shared_from_this(),
                                                       gate = context_.gate, time] {
    self->context_.pool.Submit([self, gate, time] { gate->Run([&] { self->WriteEnd(time); }); });
  });
}

void ScrapeLoop::Begin(uint64_t generation) {
  const auto scrape = std::make_shared<Scrape>();
  HttpRequest request;
  absl::Status forced_error;
  {
    absl::MutexLock lock(&mu_);
    if (ended_ || generation != generation_) return;
    ScheduleNext();
    if (under_way_) return;
    under_way_ = true;
    const TimestampMs now = context_.clock.Now();
    if (last_scrape_ != 0) {
      interval_length_->Observe(static_cast<double>(now - last_scrape_) / kSecond);
    }
    last_scrape_ = now;
    if (std::exchange(labels_changed_, false)) appender_.ForgetLabels();
    scrape->config = config_;
    scrape->timeout = target_.timeout;
    scrape->with_extra_metrics = config_->extra_metrics.value_or(context_.options.extra_metrics);
    scrape->time = schedule_.Snap(now);
    scrape->start = std::chrono::steady_clock::now();
    forced_error = forced_error_;
    request = ScrapeRequest(target_, *config_);
  }
  if (forced_error.ok()) {
    Fetch(std::move(request), scrape);
  } else {
    scrape->response = std::move(forced_error);
    scrape->is_forbidden = true;
    Deliver(scrape);
  }
}

void ScrapeLoop::Fetch(HttpRequest request, const std::shared_ptr<Scrape>& scrape) {
  context_.client.Send(std::move(request), scrape->config->http,
                       [self = shared_from_this(), gate = context_.gate,
                        scrape](absl::StatusOr<HttpResponse> response) {
                         scrape->response = CheckResponse(std::move(response));
                         gate->Run([&] { self->Deliver(scrape); });
                       });
}

void ScrapeLoop::Deliver(const std::shared_ptr<Scrape>& scrape) {
  context_.pool.Submit([self = shared_from_this(), gate = context_.gate, scrape] {
    gate->Run([&] { self->Finish(*scrape); });
  });
}

// As Prometheus: requests that fail, not pages that are refused.
void ScrapeLoop::LogFailure(const absl::Status& status) {
  std::shared_ptr<LineFile> file;
  std::string line;
  {
    absl::MutexLock lock(&mu_);
    if (failure_log_ == nullptr) return;
    file = failure_log_;
    JsonWriter json(&line);
    json.BeginObject().Key("time").Rfc3339(context_.clock.Now());
    json.Key("level").String("ERROR").Key("msg").String(ToStd(status.message()));
    json.Key("job_name").String(config_->job_name).Key("target").String(target_.url).EndObject();
  }
  file->Write(std::move(line));
}

void ScrapeLoop::Decompress(Scrape& scrape) {
  if (!scrape.response.ok() || !IsCompressed(*scrape.response)) return;
  std::string buffer = context_.buffers.Take();
  const absl::Status status = scrape::Decompress(*scrape.config, *scrape.response, buffer);
  if (!status.ok()) scrape.response = status;
}

void ScrapeLoop::Finish(Scrape& scrape) {
  Decompress(scrape);
  if (!scrape.response.ok() && !scrape.is_forbidden) LogFailure(scrape.response.status());
  const ScrapeResult result = appender_.Append(scrape);
  if (scrape.response.ok()) context_.buffers.GiveBack(std::move(scrape.response->body));
  absl::MutexLock lock(&mu_);
  health_ = result.status.ok() ? TargetHealth::kUp : TargetHealth::kDown;
  last_error_ = ToStd(result.status.message());
  last_duration_seconds_ = result.duration_seconds;
  if (!result.status.ok()) {
    log::Debug("scrape failed", {{"target", target_.url}, {"err", last_error_}});
  }
  under_way_ = false;
  if (ended_) ScheduleEnd();
}

void ScrapeLoop::WriteEnd(TimestampMs time) {
  if (!context_.active.Has(appender_.labels())) appender_.AppendEnd(time);
}

TargetStatus ScrapeLoop::Status() const {
  absl::MutexLock lock(&mu_);
  return {.discovered_labels = target_.discovered_labels,
          .labels = target_.labels,
          .scrape_pool = config_->job_name,
          .url = target_.url,
          .health = health_,
          .last_error = last_error_,
          .last_scrape = last_scrape_,
          .last_scrape_duration_seconds = last_duration_seconds_,
          .interval = target_.interval,
          .timeout = target_.timeout};
}

}  // namespace tidemark::scrape
