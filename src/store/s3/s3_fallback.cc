#include "store/s3/s3_fallback.h"

#include <fmt/format.h>

#include <algorithm>

namespace hubkeep {
namespace {

constexpr int kBadRequest = 400;
constexpr int kForbidden = 403;
constexpr int kNotImplemented = 501;

bool contains(const std::vector<std::size_t>& numbers, std::size_t number) {
  return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

void add(const S3Addition& more, S3Addition& to) {
  to.headers.insert(to.headers.end(), more.headers.begin(), more.headers.end());
  to.query.insert(to.query.end(), more.query.begin(), more.query.end());
}

// HEAD is always refused without a word, and all else by some servers, of a header that they do not know. A
// page is a gateway's.
bool may_be_of_an_extension(const S3Refusal& refusal) {
  if (refusal.code.empty()) {
    if (refusal.to_head ? !is_from_s3(refusal) : !refusal.is_empty) return false;
    return refusal.status == kBadRequest || refusal.status == kNotImplemented ||
           (refusal.to_head && refusal.status == kForbidden);
  }
  if (refusal.status >= 300 && refusal.status != kBadRequest && refusal.status != kNotImplemented)
    return false;
  return classify_refusal(refusal, {}).kind() == ErrorKind::invalid;
}

}  // namespace

S3Fallback::S3Fallback(S3Server& server, const std::vector<S3Extension>& extensions)
    : server_(server), extensions_(extensions) {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < extensions.size(); ++i)
    (server.lacks(extensions[i].feature) ? lacking_ : all).push_back(i);
  if (server.is_aws() || all.empty()) return;
  if (all.size() > 1) tries_.push_back(all);
  for (const std::size_t one : all) tries_.push_back({one});
}

bool S3Fallback::is_left_out(std::size_t extension) const {
  return contains(lacking_, extension) || contains(left_out_, extension);
}

S3Addition S3Fallback::addition(std::string_view body) const {
  S3Addition sum;
  for (std::size_t i = 0; i < extensions_.size(); ++i) {
    if (!is_left_out(i))
      add(extensions_[i].with, sum);
    else if (extensions_[i].without)
      add(extensions_[i].without(body), sum);
  }
  return sum;
}

std::vector<S3Feature> S3Fallback::left_out() const {
  std::vector<S3Feature> features;
  for (std::size_t i = 0; i < extensions_.size(); ++i)
    if (is_left_out(i)) features.push_back(extensions_[i].feature);
  return features;
}

bool S3Fallback::concerns(const S3Refusal& refusal) const {
  if (!first_ && tries_.empty()) return false;
  if (refusal.code == "SignatureDoesNotMatch")
    return std::any_of(extensions_.begin(), extensions_.end(),
                       [](const S3Extension& extension) { return !extension.with.headers.empty(); });
  // Where only COMPOSITE is known, the checksum of the whole is held against that of the parts' checksums.
  if (refusal.code == "BadDigest")
    return std::any_of(extensions_.begin(), extensions_.end(), [&](const S3Extension& extension) {
      return extension.feature == S3Feature::whole_checksums && !server_.has(extension.feature);
    });
  const bool is_for_all =
      std::none_of(extensions_.begin(), extensions_.end(),
                   [](const S3Extension& extension) { return extension.may_be_unimplemented; });
  return may_be_of_an_extension(refusal) && !(is_for_all && refusal.status == kNotImplemented);
}

bool S3Fallback::goes_on_after(const S3Refusal& refusal) {
  if (tries_.empty() || !concerns(refusal)) return false;
  if (!first_) first_ = refusal;
  ++refusals_;
  left_out_ = tries_.back();
  tries_.pop_back();
  return true;
}

void S3Fallback::went_well(bool with_success) {
  for (std::size_t i = 0; i < extensions_.size(); ++i) {
    if (contains(left_out_, i))
      learn_lack(extensions_[i].feature);
    else if (with_success && !is_left_out(i))
      server_.took(extensions_[i].feature);
  }
}

// A single answer without words may come from anywhere, a signature may have been damaged on its way, and
// what went well before may fail for a moment: these must come twice.
void S3Fallback::learn_lack(S3Feature feature) {
  const bool is_clear = !first_->code.empty() && first_->code != "SignatureDoesNotMatch" &&
                        first_->code != "BadDigest" && !server_.has(feature);
  if (is_clear || refusals_ > 1)
    server_.learn(feature, Known::no);
  else
    server_.suspect(feature);
}

bool S3Fallback::has_all_left_out() const {
  return std::all_of(left_out_.begin(), left_out_.end(), [this](std::size_t extension) {
    return server_.has(extensions_.at(extension).feature);
  });
}

// A first refusal without words says less than any that has some. The last one is told as well where it is of
// another kind: of a server that lacks an extension, and whose keys may not do what was asked, that is the
// reason.
Error S3Fallback::verdict(const S3Refusal& last, const S3Action& action) const {
  const Error of_last = classify_refusal(last, action);
  if (!first_) return of_last;
  const bool passes = of_last.kind() == ErrorKind::transient && last.code != "BadDigest";
  if (passes) return of_last;
  if (first_->code.empty() && !last.code.empty()) {
    // What the server has taken before is not what it refused without a word; it may even insist on it, as
    // MinIO does with the checksum of each part.
    const bool passed = of_last.kind() == ErrorKind::invalid && !first_->to_head && has_all_left_out();
    return passed ? Error(ErrorKind::transient, of_last.message()) : of_last;
  }
  const Error of_first = classify_refusal(*first_, action);
  if (of_last.kind() == ErrorKind::transient || of_last.kind() == of_first.kind()) return of_first;
  std::string names;
  for (const S3Feature feature : left_out())
    names += (names.empty() ? "" : ", ") + std::string(name_of(feature));
  return {of_first.kind(), with_advice(of_first.message(),
                                       fmt::format("Without {} the server says: {}", names, words_of(last)))};
}

}  // namespace hubkeep
