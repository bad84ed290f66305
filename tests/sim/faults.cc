#include "sim/faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>

#include "base/text.h"
#include "sim/body_filters.h"

namespace hubkeep::sim {

namespace {

constexpr std::chrono::seconds kBarrierTimeout{30};

template <typename... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <typename... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

bool matches(const FaultMatch& match, const LoggedRequest& request) {
  if (!match.method.empty() && match.method != request.method) return false;
  if (match.kind && *match.kind != request.kind) return false;
  if (match.is_question && *match.is_question != request.is_question) return false;
  if (match.git_command && *match.git_command != request.git_command) return false;
  if (!match.repository.empty() && !equals_ignoring_case(match.repository, request.repository)) return false;
  if (!match.operation.empty() && match.operation != request.operation) return false;
  if (!match.lfs_oid.empty() &&
      std::count(request.lfs_oids.begin(), request.lfs_oids.end(), match.lfs_oid) == 0)
    return false;
  if (match.path.empty()) return true;
  return std::regex_search(request.path + "?" + request.query, std::regex(match.path));
}

HttpResponse git_answer(const LoggedRequest& request, std::string body) {
  HttpResponse response;
  bool json = request.kind != RequestKind::git;
  response.headers.emplace_back(
      "Content-Type", json ? "application/json; charset=utf-8" : "application/x-git-upload-pack-result");
  response.body = std::move(body);
  return response;
}

BodySource spoil_body(BodySource body, const FaultAction& action, Faults& faults) {
  return std::visit(
      Overloaded{[&](const CutAfter& a) { return cut_after(std::move(body), a.bytes, BodyEnd::broken); },
                 [&](const EndAfter& a) { return cut_after(std::move(body), a.bytes, BodyEnd::clean); },
                 [&](const CutBeforeFlush&) { return without_tail(std::move(body), 4); },
                 [&](const CutPackAfter& a) {
                   return stop_pack(std::move(body),
                                    {a.bytes, std::make_shared<std::atomic<std::uint64_t>>(0)});
                 },
                 [&](const CutPacksAt& a) { return stop_pack(std::move(body), {a.bytes, a.sent}); },
                 [&](const HoldPacksAt& a) {
                   return stop_pack(std::move(body), {a.bytes, a.sent, true, [&faults] { faults.hold(); }});
                 },
                 [&](const Drip& a) {
                   return drip(std::move(body), a.bytes_per_second,
                               [&faults](std::chrono::milliseconds pause) { return faults.sleep(pause); });
                 },
                 [&](const FatalBand& a) { return fatal_band(std::move(body), a.text, a.after); },
                 [&](const FlipPackBit& a) { return flip_pack_bit(std::move(body), a.offset, a.bit); },
                 [&](const WrongTrailer&) { return wrong_trailer(std::move(body)); },
                 [&](const FlipBit& a) { return flip_bit(std::move(body), a.offset, a.bit); },
                 [&](const auto&) { return std::move(body); }},
      action);
}

void empty_lists(nlohmann::json& body) {
  if (body.is_array()) body.clear();
  if (!body.is_object()) return;
  for (auto& member : body) {
    if (member.is_array()) member.clear();
  }
}

void set_header(Headers& headers, const std::string& name, const std::string& value) {
  std::erase_if(headers, [&](const auto& header) { return equals_ignoring_case(header.first, name); });
  if (!value.empty()) headers.emplace_back(name, value);
}

const std::regex& page_parameter() {
  static const std::regex kPage("(^|&)page=([0-9]+)");
  return kPage;
}

std::string link_to_the_page_after(const LoggedRequest& request) {
  std::smatch page;
  const bool has_page = std::regex_search(request.query, page, page_parameter());
  const std::string others = std::regex_replace(request.query, page_parameter(), "");
  return fmt::format("<{}?{}&page={}>; rel=\"next\"", request.path, others,
                     has_page ? std::stoi(page[2]) + 1 : 2);
}

bool spoils(const FaultAction& action) {
  return std::visit(
      Overloaded{[](const CutAfter&) { return true; }, [](const EndAfter&) { return true; },
                 [](const CutBeforeFlush&) { return true; }, [](const CutPackAfter&) { return true; },
                 [](const CutPacksAt&) { return true; }, [](const HoldPacksAt&) { return true; },
                 [](const Drip&) { return true; }, [](const FatalBand&) { return true; },
                 [](const FlipPackBit&) { return true; }, [](const WrongTrailer&) { return true; },
                 [](const FlipBit&) { return true; }, [](const auto&) { return false; }},
      action);
}

}  // namespace

void Faults::add(Fault fault) {
  std::lock_guard lock(mutex_);
  faults_.push_back(std::move(fault));
}

void Faults::add(FaultMatch match, FaultAction action, int times, int skip) {
  Fault fault;
  fault.match = std::move(match);
  fault.action = std::move(action);
  fault.times = times;
  fault.skip = skip;
  add(std::move(fault));
}

void Faults::clear() {
  std::lock_guard lock(mutex_);
  faults_.clear();
  arrived_.clear();
  applied_ = 0;
  ++cleared_;
  changed_.notify_all();
}

std::size_t Faults::applied() const {
  std::lock_guard lock(mutex_);
  return applied_;
}

std::vector<FaultAction> Faults::take(const LoggedRequest& request) {
  std::lock_guard lock(mutex_);
  std::vector<FaultAction> out;
  for (Fault& fault : faults_) {
    if (fault.times == 0 || !matches(fault.match, request)) continue;
    if (fault.skip > 0) {
      --fault.skip;
      continue;
    }
    if (fault.times > 0) --fault.times;
    ++applied_;
    out.push_back(fault.action);
  }
  return out;
}

void Faults::wait(const std::vector<FaultAction>& actions) {
  for (const FaultAction& action : actions) {
    if (const auto* hook = std::get_if<Hook>(&action)) hook->run();
    if (const auto* barrier = std::get_if<Barrier>(&action)) pass(*barrier);
    if (const auto* delay = std::get_if<Delay>(&action)) sleep(delay->duration);
  }
}

void Faults::pass(const Barrier& barrier) {
  std::unique_lock lock(mutex_);
  ++arrived_[barrier.name];
  changed_.notify_all();
  changed_.wait_for(lock, kBarrierTimeout,
                    [&] { return interrupted_ || arrived_[barrier.name] >= barrier.parties; });
}

void Faults::interrupt() {
  std::lock_guard lock(mutex_);
  interrupted_ = true;
  changed_.notify_all();
}

void Faults::resume() {
  std::lock_guard lock(mutex_);
  interrupted_ = false;
}

void Faults::hold() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&, before = cleared_] { return interrupted_ || cleared_ != before; });
}

bool Faults::sleep(std::chrono::milliseconds duration) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, duration, [&] { return interrupted_; });
}

std::optional<HttpResponse> answer_instead(const std::vector<FaultAction>& actions,
                                           const LoggedRequest& request, const std::string& body) {
  for (const FaultAction& action : actions) {
    if (const auto* respond = std::get_if<Respond>(&action)) {
      HttpResponse response{respond->status, respond->headers, respond->body, {}, false};
      return response;
    }
    if (const auto* redirect = std::get_if<RedirectTo>(&action)) {
      HttpResponse response{redirect->status, {{"Location", redirect->location}}, "", {}, false};
      return response;
    }
    if (std::holds_alternative<CloseBeforeAnswer>(action)) {
      HttpResponse response;
      response.close_connection = true;
      return response;
    }
    if (std::holds_alternative<EmptyBody>(action)) return git_answer(request, "");
    if (const auto* error = std::get_if<ErrorLine>(&action)) {
      return git_answer(request, packet("ERR " + error->text));
    }
    if (const auto* fetch = std::get_if<AnswerFetchWith>(&action)) {
      const FetchAnswer answer = fetch->answer(body);
      return git_answer(request, pack_answer(answer.sections, answer.pack));
    }
  }
  return std::nullopt;
}

HttpRequest as_first_page(HttpRequest request, const std::vector<FaultAction>& actions) {
  for (const FaultAction& action : actions) {
    if (std::holds_alternative<PagesWithoutEnd>(action))
      request.query = std::regex_replace(request.query, page_parameter(), "$1page=1");
  }
  return request;
}

HttpResponse alter(HttpResponse response, const std::vector<FaultAction>& actions,
                   const LoggedRequest& request) {
  for (const FaultAction& action : actions) {
    if (std::holds_alternative<EmptyList>(action)) {
      nlohmann::json body = nlohmann::json::parse(response.body);
      empty_lists(body);
      response.body = body.dump();
    }
    if (const auto* without = std::get_if<WithoutHeader>(&action))
      set_header(response.headers, without->name, "");
    if (const auto* with = std::get_if<WithHeader>(&action))
      set_header(response.headers, with->name, with->value);
    if (const auto* lfs = std::get_if<AlterLfs>(&action);
        lfs != nullptr && request.kind == RequestKind::lfs && response.status == 200) {
      nlohmann::json answer = nlohmann::json::parse(response.body);
      lfs->change(answer);
      response.body = answer.dump();
    }
    if (std::holds_alternative<PagesWithoutEnd>(action))
      set_header(response.headers, "Link", link_to_the_page_after(request));
  }
  return response;
}

HttpResponse spoil(HttpResponse response, const std::vector<FaultAction>& actions, Faults& faults) {
  for (const FaultAction& action : actions) {
    if (!spoils(action)) continue;
    if (!response.stream) response.stream = source_of(std::move(response.body));
    if (std::holds_alternative<EndAfter>(action)) response.length.reset();
    response.body.clear();
    response.stream = spoil_body(std::move(response.stream), action, faults);
  }
  return response;
}

}  // namespace hubkeep::sim
